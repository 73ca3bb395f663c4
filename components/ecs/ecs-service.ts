import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ServiceConfig } from "../../model/config/service.ts";
import type { HeldReferences } from "../../model/images/held-references.ts";
import { secretValues } from "../../model/release-options.ts";
import { type ColourScaling, planScaling } from "../../model/scaling.ts";
import { type Colour as ColourName, otherColour, type Plan } from "../../model/traffic.ts";
import type { MonitoredService } from "../alarms/service-alarms.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../environment.ts";
import type { RepositoryOutputs } from "../registry.ts";
import { announcePlan } from "./announcement.ts";
import { Colour } from "./colour.ts";
import type { ServicePast } from "./previous.ts";
import { declareScaling } from "./scaling.ts";
import { tasksSecurityGroup } from "./security-group.ts";
import { ServiceRoles } from "./service-roles.ts";
import { Traffic } from "./traffic.ts";

export interface EcsServiceArgs {
  environment: Environment;
  cluster: Cluster;
  service: string;
  config: ServiceConfig;
  repository: RepositoryOutputs;
  /** By the names in the sidecars' images. @default {} */
  sidecarRepositories?: Readonly<Record<string, RepositoryOutputs>>;
  /** What the colours that the plan keeps refer to. @default nothing */
  kept?: HeldReferences;
  past: ServicePast;
  plan: Plan;
  /** Listener rule priorities, by the rules' names. */
  priorities: ReadonlyMap<string, number>;
}

/** What is told of a colour. */
export interface ColourOutputs {
  tag: string;
  digest: string;
  release: string;
  taskDefinition: pulumi.Output<string>;
  service: pulumi.Output<string>;
  targetGroup: pulumi.Output<string>;
}

/**
 * A service on ECS in two colours behind one weighted rule. The traffic plan says which colour runs what; a release
 * always goes to the colour that carries nothing, and weights move only after it has proven itself.
 *
 * @example
 * new EcsService("api", { environment, cluster, service: "api", config, repository, past, plan, priorities })
 */
export class EcsService extends pulumi.ComponentResource {
  readonly plan: Plan;
  readonly outputs: pulumi.Output<unknown>;
  readonly monitored: MonitoredService;

  readonly #name: string;
  readonly #args: EcsServiceArgs;
  readonly #scaling: Readonly<Record<ColourName, ColourScaling>>;

  constructor(name: string, args: EcsServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:ecs:Service", name, { service: args.service, ...args.config }, opts);
    this.#name = name;
    this.#args = args;
    this.plan = args.plan;
    const { past, plan, config } = args;
    this.#scaling = planScaling({ ...past, plan, count: config.count, standby: config.standby });
    const colours = this.#colours();
    const raised = this.#scale("before", colours);
    const traffic = this.#traffic(colours, raised);
    this.#scale("after", colours, traffic);
    this.outputs = this.#describe(colours, traffic);
    this.monitored = this.#monitor(colours, traffic);
    const { desiredCounts } = past;
    announcePlan(this, { ...args, scaling: this.#scaling, desiredCounts, moved: traffic?.ruleArn });
    this.registerOutputs({ outputs: this.outputs });
  }

  #colours(): Record<ColourName, Colour> {
    const { environment, service, config, cluster, repository, sidecarRepositories = {}, priorities } = this.#args;
    const logGroup = this.#logGroup();
    const roles = this.#roles(logGroup);
    const testSecret = new random.RandomPassword(
      `${this.#name}-test-secret`,
      { length: 40, special: false },
      { parent: this },
    );
    const securityGroupId = tasksSecurityGroup(this.#name, { environment, cluster, service }, { parent: this });
    const colour = (colourName: ColourName) =>
      new Colour(
        `${this.#name}-${colourName}`,
        {
          environment,
          cluster,
          service,
          config,
          colour: colourName,
          plan: this.plan.colours[colourName],
          repositoryUrl: repository.url,
          sidecarUrls: Object.fromEntries(Object.entries(sidecarRepositories).map(([name, { url }]) => [name, url])),
          logGroup: this.#logGroupName(),
          executionRoleArn: roles.executionRoleArn,
          taskRoleArn: roles.taskRoleArn,
          securityGroupId,
          testSecret: testSecret.result,
          testPriority: priorities.get(`${this.#name}-${colourName}-test`) as number,
          firstCount: this.#scaling[colourName].min,
        },
        { parent: this, dependsOn: [...roles.ready, logGroup] },
      );
    return { blue: colour("blue"), green: colour("green") };
  }

  #logGroupName(): string {
    const { environment, service } = this.#args;
    return `/${environment.project}/${environment.stack}/${service}`;
  }

  #logGroup(): aws.cloudwatch.LogGroup {
    const { environment, cluster, config } = this.#args;
    const { retentionDays = cluster.logRetentionDays, kmsKey } = config.logs;
    const name = this.#logGroupName();
    return new aws.cloudwatch.LogGroup(
      `${this.#name}-logs`,
      {
        name,
        retentionInDays: retentionDays,
        ...(kmsKey === undefined ? {} : { kmsKeyId: kmsKey }),
        tags: environment.tags(name),
      },
      { parent: this },
    );
  }

  #roles(logGroup: aws.cloudwatch.LogGroup): ServiceRoles {
    const { environment, service, config, repository, sidecarRepositories = {}, kept } = this.#args;
    const containers = [config, ...Object.values(config.sidecars)];
    const secrets = containers.flatMap((one) => Object.values(secretValues(one.secrets)));
    const repositories = [repository, ...Object.values(sidecarRepositories)].map(({ arn }) => arn);
    return new ServiceRoles(
      `${this.#name}-roles`,
      {
        environment,
        service,
        repositoryArns: unique([...repositories, ...(kept?.images ?? []).flatMap((one) => arnOf(one, repository))]),
        logGroupArn: logGroup.arn,
        secrets: unique([...secrets, ...(kept?.secrets ?? [])]),
        keys: config.secretKeys,
        permissions: config.permissions,
      },
      { parent: this },
    );
  }

  /** Sets the bounds of those colours whose turn it is. */
  #scale(order: ColourScaling["order"], colours: Record<ColourName, Colour>, traffic?: Traffic): pulumi.Resource[] {
    const { environment, cluster, config, past } = this.#args;
    return (["blue", "green"] as const)
      .filter((name) => this.#scaling[name].order === order && colours[name].service !== undefined)
      .map((name) =>
        declareScaling(`${this.#name}-${name}`, {
          environment,
          cluster,
          config,
          colour: colours[name],
          bounds: this.#scaling[name],
          weights: { now: past.liveWeights?.[name] ?? 0, next: this.plan.weights?.[name] ?? 0 },
          rule: traffic?.rule,
        }),
      );
  }

  #traffic(colours: Record<ColourName, Colour>, raised: pulumi.Resource[]): Traffic | undefined {
    const { weights, active } = this.plan;
    if (weights === undefined || active === undefined) return undefined;
    const { environment, cluster, service, config, past, priorities } = this.#args;
    return new Traffic(
      `${this.#name}-traffic`,
      {
        environment,
        cluster,
        service,
        route: config.route,
        balancer: config.balancer,
        priority: priorities.get(`${this.#name}-traffic`) as number,
        colours,
        plan: { ...this.plan, weights, active },
        liveWeights: past.liveWeights,
        ready: [...colours.blue.ready, ...colours.green.ready, ...raised],
        tasks: { blue: this.#scaling.blue.min, green: this.#scaling.green.min },
      },
      { parent: this },
    );
  }

  /** What alarms are made of; a colour without a workload has none. */
  #monitor(colours: Record<ColourName, Colour>, traffic: Traffic | undefined): MonitoredService {
    const { service: name, cluster, config } = this.#args;
    const monitored = (["blue", "green"] as const).flatMap((colour) => {
      const { deployed, service, targetGroupArn } = colours[colour];
      if (deployed === undefined || service === undefined) return [];
      const weight = this.plan.weights?.[colour] ?? 0;
      const tasks = config.count.min;
      const complete = this.#scaling[colour].min >= tasks;
      const startSeconds = config.health.gracePeriod;
      return [
        { colour, tag: deployed.tag, weight, tasks, complete, startSeconds, targetGroupArn, ecsService: service.name },
      ];
    });
    return {
      name,
      cluster: cluster.name,
      balancerArn: cluster.balancerOf(config.balancer).arn,
      colours: monitored,
      traffic,
    };
  }

  #describe(colours: Record<ColourName, Colour>, traffic: Traffic | undefined): pulumi.Output<unknown> {
    const { cluster, config } = this.#args;
    const { active, weights } = this.plan;
    const path = (config.route.paths[0] ?? "/").replace(/[*?].*$/, "");
    return pulumi.output({
      url: cluster.serviceUrl(
        config.balancer,
        config.route.hosts.find((host) => !/[*?]/.test(host)),
        path,
      ),
      active: active ?? null,
      standby: active === undefined ? null : otherColour(active),
      weights: weights ?? { blue: 0, green: 0 },
      blue: describeColour(colours.blue),
      green: describeColour(colours.green),
      rule: traffic?.ruleArn ?? null,
      cluster: cluster.arn,
    });
  }
}

function describeColour({ deployed, revision, service, targetGroupArn }: Colour): ColourOutputs | null {
  if (deployed === undefined || revision === undefined || service === undefined) return null;
  const { tag, digest, id } = deployed;
  return {
    tag,
    digest,
    release: id,
    taskDefinition: revision,
    service: service.name,
    targetGroup: targetGroupArn,
  };
}

const unique = (values: readonly string[]) => [...new Set(values)];

/** The repository of an image in the same registry as another repository. */
function arnOf(image: string, { name, url, arn }: RepositoryOutputs): string[] {
  const [host, prefix] = [url.slice(0, -name.length), arn.slice(0, -name.length)];
  const [path = ""] = image.split("@");
  return path.startsWith(host) ? [`${prefix}${path.slice(host.length)}`] : [];
}
