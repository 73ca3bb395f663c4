import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceConfig } from "../../model/config/service.ts";
import { containerDefinitions, volumesOf } from "../../model/container-definitions.ts";
import { nameLimits } from "../../model/names.ts";
import type { Deployed } from "../../model/release.ts";
import type { Colour as ColourName, ColourPlan } from "../../model/traffic.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../environment.ts";
import { migrationHook } from "./migration.ts";

export interface ColourArgs {
  environment: Environment;
  cluster: Cluster;
  service: string;
  colour: ColourName;
  config: ServiceConfig;
  plan: ColourPlan;
  repositoryUrl: string;
  /** Repository to URL, for the sidecars' images. */
  sidecarUrls?: Readonly<Record<string, string>>;
  logGroup: string;
  executionRoleArn: pulumi.Input<string>;
  taskRoleArn: pulumi.Input<string>;
  securityGroupId: pulumi.Input<string>;
  /** Value of the header that reaches this colour whatever the weights say. */
  testSecret: pulumi.Input<string>;
  testPriority: number;
  /** Tasks that a new service begins with; later counts belong to autoscaling. */
  firstCount: number;
}

/** Header that reaches one colour past the weights; its value is a secret of the stack. */
export const testHeader = "X-Sluice-Test";

/**
 * One of a service's two colours: a target group, tied to the balancer by a test rule, and, where the plan puts a
 * release there, the task definition and ECS service that run it.
 *
 * A colour that the plan keeps is left exactly as state has it: nothing ever edits a colour in place.
 */
export class Colour extends pulumi.ComponentResource {
  readonly targetGroupArn: pulumi.Output<string>;
  /** The revision that its service must run. */
  readonly revision: pulumi.Output<string> | undefined;
  readonly service: aws.ecs.Service | undefined;
  readonly deployed: Deployed | undefined;
  /** What must be done before traffic may come here. */
  readonly ready: pulumi.Resource[];

  readonly #name: string;
  readonly #args: ColourArgs;

  constructor(name: string, args: ColourArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:ecs:Colour", name, { service: args.service, colour: args.colour }, opts);
    this.#name = name;
    this.#args = args;
    const targetGroup = this.#targetGroup();
    const testRule = this.#testRule(targetGroup);
    this.targetGroupArn = targetGroup.arn;
    this.ready = [];
    if (args.plan.action !== "absent") {
      this.deployed = args.plan.deployed;
      const taskDefinition = this.#taskDefinition(args.plan.deployed);
      this.service = this.#service(targetGroup, taskDefinition, testRule);
      // A kept service may run an older revision than the one declared here, where ECS went back to it by itself.
      this.revision =
        args.plan.action === "keep" ? this.service.taskDefinition.apply((arn) => arn ?? "") : taskDefinition.arn;
      this.ready.push(this.service);
    }
    this.registerOutputs({ targetGroupArn: this.targetGroupArn });
  }

  #targetGroup(): aws.lb.TargetGroup {
    const { environment, service, colour, config, cluster } = this.#args;
    const name = environment.physicalName(nameLimits.targetGroup, service, colour);
    const { gracePeriod: _, ...healthCheck } = config.health;
    return new aws.lb.TargetGroup(
      `${this.#name}-target-group`,
      {
        name,
        targetType: "ip",
        protocol: "HTTP",
        // Only a default: ECS registers each target with its container's port. A change would replace the group.
        port: 80,
        vpcId: cluster.vpcId,
        deregistrationDelay: config.deregistrationDelay,
        healthCheck: { ...healthCheck, protocol: "HTTP", port: "traffic-port", enabled: true },
        tags: environment.tags(name),
      },
      { parent: this, ...this.#asItIs() },
    );
  }

  /** ECS refuses a service whose target group hangs on no balancer; this rule also lets tests reach a standby. */
  #testRule(targetGroup: aws.lb.TargetGroup): aws.lb.ListenerRule {
    const { environment, service, colour, config, cluster, testSecret, testPriority } = this.#args;
    return new aws.lb.ListenerRule(
      `${this.#name}-test`,
      {
        listenerArn: cluster.balancerOf(config.balancer).listenerArn,
        priority: testPriority,
        conditions: [
          { httpHeader: { httpHeaderName: testHeader, values: [pulumi.interpolate`${testSecret}-${colour}`] } },
          ...(config.route.hosts.length > 0 ? [{ hostHeader: { values: config.route.hosts } }] : []),
          { pathPattern: { values: config.route.paths.length > 0 ? config.route.paths : ["/*"] } },
        ],
        actions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
        tags: environment.tags(environment.physicalName(255, service, colour, "test")),
      },
      { parent: this },
    );
  }

  #taskDefinition(deployed: Deployed): aws.ecs.TaskDefinition {
    const { environment, service, colour, config } = this.#args;
    const family = environment.physicalName(nameLimits.service, service, colour);
    const volumes = volumesOf(service, config);
    return new aws.ecs.TaskDefinition(
      `${this.#name}-task`,
      {
        family,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: String(config.cpu),
        memory: String(config.memory),
        runtimePlatform: { cpuArchitecture: config.architecture, operatingSystemFamily: "LINUX" },
        executionRoleArn: this.#args.executionRoleArn,
        taskRoleArn: this.#args.taskRoleArn,
        containerDefinitions: containerDefinitions({
          ...this.#args,
          name: service,
          deployed,
          region: environment.region,
        }),
        ...(volumes.length === 0 ? {} : { volumes }),
        ...(config.ephemeralStorage === undefined ? {} : { ephemeralStorage: { sizeInGib: config.ephemeralStorage } }),
        skipDestroy: true,
        tags: environment.tags(family),
      },
      { parent: this, ...this.#asItIs() },
    );
  }

  #service(targetGroup: aws.lb.TargetGroup, taskDefinition: aws.ecs.TaskDefinition, testRule: pulumi.Resource) {
    const { environment, service, colour, config, cluster } = this.#args;
    const name = environment.physicalName(nameLimits.service, service, colour);
    const kept = this.#asItIs().ignoreChanges ?? [];
    return new aws.ecs.Service(
      `${this.#name}-service`,
      {
        name,
        cluster: cluster.arn,
        ...capacityOf(config.capacity),
        taskDefinition: taskDefinition.arn,
        desiredCount: this.#args.firstCount,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        deploymentMinimumHealthyPercent: 100,
        deploymentMaximumPercent: 200,
        healthCheckGracePeriodSeconds: config.health.gracePeriod,
        waitForSteadyState: true,
        propagateTags: "SERVICE",
        enableEcsManagedTags: true,
        enableExecuteCommand: false,
        availabilityZoneRebalancing: "ENABLED",
        networkConfiguration: {
          subnets: cluster.taskSubnetIds,
          securityGroups: [this.#args.securityGroupId],
          assignPublicIp: cluster.assignPublicIp,
        },
        loadBalancers: [{ targetGroupArn: targetGroup.arn, containerName: service, containerPort: config.port }],
        tags: environment.tags(name),
      },
      {
        parent: this,
        dependsOn: [testRule, cluster.capacity],
        hooks: this.#hooks(),
        // Counts belong to autoscaling from the second update on.
        ignoreChanges: ["desiredCount", ...kept],
        // The provider replaces a service whose capacity changes, and ECS takes no second one of the same name.
        deleteBeforeReplace: true,
      },
    );
  }

  /** A release that is put here is migrated to first; what is kept, as for a flip back, is not. */
  #hooks(): pulumi.ResourceHookBinding {
    const { plan, service, config, logGroup, environment } = this.#args;
    const { migration } = config;
    if (plan.action !== "deploy" || migration === undefined) return {};
    const { region } = environment;
    const hook = migrationHook(this.#name, { service, migration, deployed: plan.deployed, logGroup, region });
    return { beforeCreate: [hook], beforeUpdate: [hook] };
  }

  /** For a kept colour the engine uses the inputs in its state, whatever today's configuration says. */
  #asItIs(): { ignoreChanges?: string[] } {
    return this.#args.plan.action === "keep" ? { ignoreChanges: ["*"] } : {};
  }
}

/** Fargate Spot needs capacity providers; without it the launch type says all. */
function capacityOf({ spot, base }: ServiceConfig["capacity"]) {
  if (spot === 0) return { launchType: "FARGATE" };
  const onDemand = { capacityProvider: "FARGATE", weight: 100 - spot, ...(base > 0 ? { base } : {}) };
  const strategies = [...(spot < 100 ? [onDemand] : []), { capacityProvider: "FARGATE_SPOT", weight: spot }];
  return { capacityProviderStrategies: strategies };
}
