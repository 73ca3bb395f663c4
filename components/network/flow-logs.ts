import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { NetworkConfig } from "../../model/config/network.ts";
import { nameLimits } from "../../model/names.ts";
import { type Account, accountOf } from "../account.ts";
import type { Environment } from "../environment.ts";

export interface FlowLogsArgs {
  environment: Environment;
  vpcId: pulumi.Input<string>;
  config: NetworkConfig["flowLogs"];
}

/**
 * Records of what connects to what in a VPC, in CloudWatch Logs, written through a role that can do nothing else.
 *
 * @example
 * new FlowLogs("network-flow-logs", { environment, vpcId: vpc.id, config: network.flowLogs }, { parent: this })
 */
export class FlowLogs extends pulumi.ComponentResource {
  readonly #name: string;
  readonly #args: FlowLogsArgs;

  constructor(name: string, args: FlowLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:network:FlowLogs", name, { config: args.config }, opts);
    this.#name = name;
    this.#args = args;
    const account = accountOf(this);
    const group = this.#logGroup();
    const role = this.#role(account);
    const policy = this.#policy(account, role);
    new aws.ec2.FlowLog(
      name,
      {
        vpcId: args.vpcId,
        trafficType: args.config.traffic,
        logDestinationType: "cloud-watch-logs",
        logDestination: group.arn,
        iamRoleArn: role.arn,
        maxAggregationInterval: 600,
        tags: this.#tags(),
      },
      { parent: this, dependsOn: [policy] },
    );
    this.registerOutputs({ logGroup: group.name });
  }

  #tags(): Record<string, string> {
    const { environment } = this.#args;
    return environment.tags(environment.physicalName(255, this.#name));
  }

  /** No service's logs can be named so: a service's name holds no slash. */
  #logGroup(): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      `${this.#name}-group`,
      { name: this.#groupName(), retentionInDays: this.#args.config.retentionDays, tags: this.#tags() },
      { parent: this },
    );
  }

  #groupName(): string {
    const { project, stack } = this.#args.environment;
    return `/${project}/${stack}/network/flow`;
  }

  /** Only this account's flow logs may take it: the service is AWS's, and works for everyone. */
  #role(account: pulumi.Output<Account>): aws.iam.Role {
    const { environment } = this.#args;
    const trust = account.apply(({ id, partition }) => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "vpc-flow-logs.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": id },
            ArnLike: { "aws:SourceArn": `arn:${partition}:ec2:${environment.region}:${id}:vpc-flow-log/*` },
          },
        },
      ],
    }));
    return new aws.iam.Role(
      `${this.#name}-role`,
      {
        name: environment.physicalName(nameLimits.role, "network", "flow-logs"),
        assumeRolePolicy: pulumi.jsonStringify(trust),
        ...environment.roleBounds,
        tags: this.#tags(),
      },
      { parent: this },
    );
  }

  /** The group's ARN is spelled out: a preview knows it then, and the policy pack judges it. */
  #policy(account: pulumi.Output<Account>, role: aws.iam.Role): aws.iam.RolePolicy {
    const { region } = this.#args.environment;
    const policy = account.apply(({ id, partition }) => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          Resource: [`arn:${partition}:logs:${region}:${id}:log-group:${this.#groupName()}:*`],
        },
      ],
    }));
    return new aws.iam.RolePolicy(
      `${this.#name}-policy`,
      { name: "write", role: role.name, policy: pulumi.jsonStringify(policy) },
      { parent: this },
    );
  }
}
