/** Looks up, by what the program named it, whether a resource whose creation was interrupted exists. */
import type { ECSClient } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { StateResource } from "./backend.ts";

/** What is known of it. */
export type Found =
  /** It is there, or its id follows from its name and reading it will tell. */
  | { kind: "exists"; id: string }
  | { kind: "absent" }
  /** The call that creates it may be made twice. */
  | { kind: "harmless" }
  | { kind: "unknown" };

export interface Lookup {
  /** @throws an AWS exception where the cloud cannot be asked */
  find(resource: StateResource): Promise<Found>;
  [Symbol.dispose](): void;
}

interface Clients {
  ecs(): Promise<ECSClient>;
  elb(): Promise<ElasticLoadBalancingV2Client>;
}

type Finder = (inputs: Inputs, clients: Clients) => Promise<Found>;

const absent: Found = { kind: "absent" };
const harmless: Found = { kind: "harmless" };
const unknown: Found = { kind: "unknown" };

/**
 * @example
 * using lookup = createLookup("eu-west-1");
 * await lookup.find(operation.resource); // { kind: "exists", id: "arn:aws:ecs:..." }
 */
export function createLookup(region: string): Lookup {
  const made: { destroy(): void }[] = [];
  const keep = <T extends { destroy(): void }>(client: T): T => {
    made.push(client);
    return client;
  };
  const clients: Clients = {
    ecs: async () => keep(new (await import("@aws-sdk/client-ecs")).ECSClient({ region, maxAttempts: 5 })),
    elb: async () => {
      const { ElasticLoadBalancingV2Client: Client } = await import("@aws-sdk/client-elastic-load-balancing-v2");
      return keep(new Client({ region, maxAttempts: 5 }));
    },
  };
  return {
    find: async ({ type, inputs = {} }) => (await finders[type]?.(new Inputs(inputs), clients)) ?? unknown,
    [Symbol.dispose]: () => {
      for (const client of made) client.destroy();
    },
  };
}

class Inputs {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#values[name];
    return typeof value === "number" ? value : undefined;
  }
}

/** The provider reads these by their name: whether one exists is found out by the refresh that follows. */
const byName: Finder = async (inputs) => {
  const id = inputs.text("name");
  return id === undefined ? unknown : { kind: "exists", id };
};
const again: Finder = async () => harmless;

const finders: Readonly<Record<string, Finder>> = {
  "aws:cloudwatch/logGroup:LogGroup": byName,
  "aws:ecr/repository:Repository": byName,
  "aws:iam/role:Role": byName,
  "aws:ecs/cluster:Cluster": findCluster,
  "aws:ecs/service:Service": findService,
  "aws:lb/loadBalancer:LoadBalancer": findLoadBalancer,
  "aws:lb/targetGroup:TargetGroup": findTargetGroup,
  "aws:lb/listener:Listener": findListener,
  "aws:lb/listenerRule:ListenerRule": findRule,
  // Put and register operations overwrite; a second revision of a task definition stands beside the first.
  "aws:appautoscaling/policy:Policy": again,
  "aws:appautoscaling/target:Target": again,
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": again,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": again,
  "aws:ecs/taskDefinition:TaskDefinition": again,
  "aws:iam/rolePolicy:RolePolicy": again,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": again,
  "random:index/randomPassword:RandomPassword": again,
};

function existing(id: string | undefined): Found {
  return id === undefined ? absent : { kind: "exists", id };
}

async function findCluster(inputs: Inputs, clients: Clients): Promise<Found> {
  const { DescribeClustersCommand } = await import("@aws-sdk/client-ecs");
  const name = inputs.text("name");
  if (name === undefined) return unknown;
  const { clusters = [] } = await (await clients.ecs()).send(new DescribeClustersCommand({ clusters: [name] }));
  return existing(clusters.find(({ status }) => status !== "INACTIVE")?.clusterArn);
}

async function findService(inputs: Inputs, clients: Clients): Promise<Found> {
  const { DescribeServicesCommand } = await import("@aws-sdk/client-ecs");
  const [name, cluster] = [inputs.text("name"), inputs.text("cluster")];
  if (name === undefined || cluster === undefined) return unknown;
  const answer = await (await clients.ecs()).send(new DescribeServicesCommand({ cluster, services: [name] }));
  return existing(answer.services?.find(({ status }) => status !== "INACTIVE")?.serviceArn);
}

async function findLoadBalancer(inputs: Inputs, clients: Clients): Promise<Found> {
  const { DescribeLoadBalancersCommand } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const name = inputs.text("name");
  if (name === undefined) return unknown;
  const client = await clients.elb();
  return unlessMissing(async () => {
    const { LoadBalancers = [] } = await client.send(new DescribeLoadBalancersCommand({ Names: [name] }));
    return LoadBalancers[0]?.LoadBalancerArn;
  });
}

async function findTargetGroup(inputs: Inputs, clients: Clients): Promise<Found> {
  const { DescribeTargetGroupsCommand } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const name = inputs.text("name");
  if (name === undefined) return unknown;
  const client = await clients.elb();
  return unlessMissing(async () => {
    const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ Names: [name] }));
    return TargetGroups[0]?.TargetGroupArn;
  });
}

async function findListener(inputs: Inputs, clients: Clients): Promise<Found> {
  const { DescribeListenersCommand } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const [LoadBalancerArn, port] = [inputs.text("loadBalancerArn"), inputs.number("port")];
  if (LoadBalancerArn === undefined || port === undefined) return unknown;
  const client = await clients.elb();
  return unlessMissing(async () => {
    const { Listeners = [] } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
    return Listeners.find(({ Port }) => Port === port)?.ListenerArn;
  });
}

async function findRule(inputs: Inputs, clients: Clients): Promise<Found> {
  const { DescribeRulesCommand } = await import("@aws-sdk/client-elastic-load-balancing-v2");
  const [ListenerArn, priority] = [inputs.text("listenerArn"), inputs.number("priority")];
  if (ListenerArn === undefined || priority === undefined) return unknown;
  const client = await clients.elb();
  return unlessMissing(async () => {
    const { Rules = [] } = await client.send(new DescribeRulesCommand({ ListenerArn }));
    return Rules.find(({ Priority }) => Priority === String(priority))?.RuleArn;
  });
}

/** ELBv2 answers a name that it does not know with an exception, not with an empty list. */
async function unlessMissing(find: () => Promise<string | undefined>): Promise<Found> {
  try {
    return existing(await find());
  } catch (error) {
    if (/NotFoundException$|^(?:LoadBalancer|TargetGroup|Listener|Rule)NotFound$/.test((error as Error).name))
      return absent;
    throw error;
  }
}
