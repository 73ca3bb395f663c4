import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { alarmNameLimits } from "../../model/alarms.ts";
import { type AlarmsConfig, type Severity, severities } from "../../model/config/alarms.ts";
import { topicPolicy } from "../../model/topic-policy.ts";
import type { Environment } from "../environment.ts";

export interface AlarmTopicsArgs {
  environment: Environment;
  subscriptions: AlarmsConfig["subscriptions"];
  kmsKeyArn: string | undefined;
}

/**
 * A topic per severity, to which only alarms of this account may publish, and whoever subscribed to it.
 *
 * @example
 * new AlarmTopics("alarms-topics", { environment, subscriptions: config.alarms.subscriptions }).arns.critical
 */
export class AlarmTopics extends pulumi.ComponentResource {
  /** Known once the topic's policy stands: an alarm's first message is not refused. */
  readonly arns: Readonly<Record<Severity, pulumi.Output<string>>>;

  constructor(name: string, args: AlarmTopicsArgs, opts?: pulumi.ComponentResourceOptions) {
    // Endpoints may hold tokens: they are no inputs of the component, which would stand in the state in plain.
    super("sluice:monitoring:Topics", name, { kmsKeyArn: args.kmsKeyArn }, opts);
    const topic = (severity: Severity) => this.#topic(`${name}-${severity}`, severity, args);
    const [critical, warning, info] = severities.map(topic) as [
      pulumi.Output<string>,
      pulumi.Output<string>,
      pulumi.Output<string>,
    ];
    this.arns = { critical, warning, info };
    this.registerOutputs({ arns: this.arns });
  }

  #topic(name: string, severity: Severity, { environment, subscriptions, kmsKeyArn }: AlarmTopicsArgs) {
    const physicalName = environment.physicalName(alarmNameLimits.topic, severity);
    const topic = new aws.sns.Topic(
      name,
      {
        name: physicalName,
        displayName: `${environment.project} ${environment.name} ${severity}`.slice(0, 100),
        // The AWS managed key (alias/aws/sns) cannot be used: its policy lets no alarm in, and cannot be changed.
        ...(kmsKeyArn !== undefined && { kmsMasterKeyId: kmsKeyArn }),
        tags: environment.tags(physicalName, severity),
      },
      { parent: this },
    );
    const policy = new aws.sns.TopicPolicy(
      `${name}-policy`,
      { arn: topic.arn, policy: topic.arn.apply(topicPolicy) },
      { parent: this },
    );
    for (const [subscriber, { protocol, endpoint, confirmsItself }] of Object.entries(subscriptions[severity])) {
      new aws.sns.TopicSubscription(
        `${name}-${subscriber}`,
        {
          topic: topic.arn,
          protocol,
          endpoint: pulumi.secret(endpoint),
          ...(protocol === "https" && { endpointAutoConfirms: confirmsItself }),
        },
        { parent: this },
      );
    }
    return policy.arn;
  }
}
