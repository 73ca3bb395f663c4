/** Findings of checkov that stand, each with the reason. */

export interface Reason {
  readonly check: string;
  /** Matches Terraform's address, such as `aws_lb.cluster-balancer`. */
  readonly resource: RegExp;
  readonly reason: string;
}

const redirect = "port 80 only sends users to HTTPS: without it a bare name typed into a browser would find nobody";
const unknownSource =
  "the rule lets in one security group; checkov 3.3.30 knows the older argument for that (source_security_group_id), not " +
  "referenced_security_group_id, and takes the rule for an open one";

const noResource =
  "it only lists and describes; of most of these actions AWS knows no resource (ec2:Describe*, elasticloadbalancing:Describe*)";
const ceiling =
  "a permission boundary gives nothing: it is the most that the role's own policies, which name the stack's resources, can give";
const accessLogs = /^aws_s3_bucket\.cluster-access-logs$/;

export const reasons: readonly Reason[] = [
  {
    check: "CKV_AWS_24",
    resource: /^aws_vpc_security_group_ingress_rule\.(?:api|plain)-ingress$/,
    reason: unknownSource,
  },
  {
    check: "CKV_AWS_25",
    resource: /^aws_vpc_security_group_ingress_rule\.(?:api|plain)-ingress$/,
    reason: unknownSource,
  },
  {
    check: "CKV_AWS_260",
    resource: /^aws_vpc_security_group_ingress_rule\.(?:api|plain)-ingress$/,
    reason: unknownSource,
  },
  {
    check: "CKV_AWS_260",
    resource: /^aws_vpc_security_group_ingress_rule\.cluster-balancer-ingress-80$/,
    reason: redirect,
  },
  {
    check: "CKV_AWS_51",
    resource: /^aws_ecr_repository\.registry-api$/,
    reason:
      "the stack that sets every option lets dev-* and pr-* be overwritten (`mutableTags`); the policy pack allows no other",
  },
  {
    check: "CKV_AWS_136",
    resource: /^aws_ecr_repository\./,
    reason:
      "images are encrypted with AES256; a key of one's own (`registry.repositories.<name>.encryption`) costs money each month " +
      "and must let every account in that pulls",
  },
  {
    check: "CKV_AWS_158",
    resource: /^aws_cloudwatch_log_group\./,
    reason:
      "CloudWatch Logs encrypts every group with its own key; one of one's own is taken where it is named " +
      "(`services.<name>.logs.kmsKey`; flow logs take none)",
  },
  {
    check: "CKV_AWS_338",
    resource: /^aws_cloudwatch_log_group\.network-flow-logs-group$/,
    reason:
      "flow logs serve the search for faults and attacks of the last weeks: 90 days, or `network.flowLogs.retentionDays`",
  },
  {
    check: "CKV_AWS_355",
    resource: /^aws_iam_policy\.github-(?:deploy-\w+-watch|plan-ceiling)-document$/,
    reason: noResource,
  },
  { check: "CKV_AWS_355", resource: /^aws_iam_role_policy\.github-plan-policy$/, reason: noResource },
  { check: "CKV_AWS_289", resource: /^aws_iam_policy\.github-deploy-\w+-ceiling-document$/, reason: ceiling },
  { check: "CKV_AWS_290", resource: /^aws_iam_policy\.github-deploy-\w+-ceiling-document$/, reason: ceiling },
  {
    check: "CKV_AWS_18",
    resource: accessLogs,
    reason: "the bucket holds the balancer's own logs; a log of their reading would need another bucket, and so on",
  },
  {
    check: "CKV_AWS_21",
    resource: accessLogs,
    reason: "logs are written once and expire; versions would keep them past that",
  },
  { check: "CKV_AWS_144", resource: accessLogs, reason: "logs are of their region; nothing is restored from them" },
  {
    check: "CKV_AWS_145",
    resource: accessLogs,
    reason: "Elastic Load Balancing writes to buckets encrypted with keys of S3 (AES256) alone, says its user guide",
  },
  { check: "CKV2_AWS_62", resource: accessLogs, reason: "nothing waits for a log file" },
  {
    check: "CKV_AWS_319",
    resource: /^aws_cloudwatch_metric_alarm\.(?:api|plain)-blue-/,
    reason:
      "alarms of the colour that carries no traffic are kept for the way back and tell nobody until it carries some",
  },
  {
    check: "CKV_AWS_378",
    resource: /^aws_lb_target_group\./,
    reason:
      "TLS ends at the balancer; from there requests go to tasks that take connections from the balancer's security group alone",
  },
  {
    check: "CKV2_AWS_76",
    resource: /^aws_lb\.cluster-balancer(?:-2)?$/,
    reason: "the web ACL that is named there is not the program's: its rules are its owner's",
  },
  {
    check: "CKV2_AWS_28",
    resource: /^aws_lb\.cluster-balancer$/,
    reason: "a web ACL costs money each month and knows the application: it is named where there is one",
  },
];
