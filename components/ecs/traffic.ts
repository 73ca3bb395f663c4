import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceConfig } from "../../model/config/service.ts";
import { type Colour as ColourName, type Plan, ruleTags, type Weights } from "../../model/traffic.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../environment.ts";
import type { Colour } from "./colour.ts";
import { proveReady, type Receiver } from "./proof.ts";

export interface TrafficArgs {
  environment: Environment;
  cluster: Cluster;
  service: string;
  route: ServiceConfig["route"];
  /** The balancer that the service is on, from 1. */
  balancer: number;
  priority: number;
  colours: Readonly<Record<ColourName, Colour>>;
  plan: Plan & { weights: Weights; active: ColourName };
  liveWeights: Weights | undefined;
  /** What must be done before weights may move. */
  ready: readonly pulumi.Resource[];
  /** Tasks that each colour needs before it may receive its share. */
  tasks: Readonly<Record<ColourName, number>>;
}

/**
 * The one rule that owns a service's traffic: both colours' target groups with their weights, and before any change of
 * it the proof that whoever gets more traffic is ready for it.
 */
export class Traffic extends pulumi.ComponentResource {
  readonly rule: aws.lb.ListenerRule;
  readonly ruleArn: pulumi.Output<string>;

  constructor(name: string, args: TrafficArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:traffic:Traffic", name, { service: args.service, route: args.route }, opts);
    const { environment, cluster, colours, plan, route } = args;
    const proof = new pulumi.ResourceHook(`${name}-proof`, () => proveReady(receivers(args)));
    this.rule = new aws.lb.ListenerRule(
      name,
      {
        listenerArn: cluster.balancerOf(args.balancer).listenerArn,
        priority: args.priority,
        conditions: [
          ...(route.hosts.length > 0 ? [{ hostHeader: { values: route.hosts } }] : []),
          { pathPattern: { values: route.paths.length > 0 ? route.paths : ["/*"] } },
        ],
        actions: [
          {
            type: "forward",
            forward: {
              targetGroups: (["blue", "green"] as const).map((colour) => ({
                arn: colours[colour].targetGroupArn,
                weight: plan.weights[colour],
              })),
              // A sticky session would outlive a rollback.
              stickiness: { enabled: false, duration: 1 },
            },
          },
        ],
        tags: {
          ...environment.tags(environment.physicalName(255, args.service), "traffic"),
          [ruleTags.active]: plan.active,
          ...(plan.former === undefined ? {} : { [ruleTags.former]: plan.former }),
        },
      },
      {
        parent: this,
        dependsOn: [...args.ready],
        hooks: { beforeCreate: [proof], beforeUpdate: [proof] },
      },
    );
    this.ruleArn = this.rule.arn;
    this.registerOutputs({ ruleArn: this.ruleArn });
  }
}

/** An abort only gives traffic back to who has it already: it must not wait for anything. */
function receivers({ plan, liveWeights, colours, cluster, tasks, environment, service }: TrafficArgs): Receiver[] {
  if (plan.outcome === "abort") return [];
  return (["blue", "green"] as const).flatMap((name) => {
    const colour = colours[name];
    if (plan.weights[name] <= (liveWeights?.[name] ?? 0) || !colour.service || !colour.revision) return [];
    return [
      {
        name: `${service} ${name} (${colour.deployed?.tag})`,
        cluster: cluster.arn,
        service: colour.service.name,
        targetGroupArn: colour.targetGroupArn,
        taskDefinitionArn: colour.revision,
        tasks: tasks[name],
        region: environment.region,
      },
    ];
  });
}
