/** Who may tell people: the policy of a topic for alarms. Pure. */

/**
 * Who may publish to a topic: CloudWatch, for alarms of this account and region, over TLS; nobody else, whatever their own
 * permissions say.
 *
 * @param topicArn ARN of the topic, which names partition, region and account
 */
export function topicPolicy(topicArn: string): string {
  const [, partition, , region, account] = topicArn.split(":");
  const source = { "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${account}:alarm:*` };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AlarmsOfThisAccount",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { ArnLike: source, StringEquals: { "aws:SourceAccount": account } },
      },
      {
        Sid: "NobodyElse",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { ArnNotLike: source },
      },
      {
        Sid: "OverTls",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
