import {
  ClientException,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type Service,
} from "@aws-sdk/client-ecs";
import {
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  type ForwardActionConfig,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { LiveColourService, LiveService } from "../../model/read-back.ts";
import { type Deployed, deployedRelease } from "../../model/release.ts";
import { createLiveClients, type LiveClients } from "./clients.ts";

/** Where a colour of a service stands. */
export interface ColourPlace {
  /** Name or ARN of the ECS service. */
  readonly service: string;
  /** ARN of the target group. */
  readonly targetGroup: string;
}

/** Where a service stands, as the outputs of its stack name it. */
export interface ServicePlace {
  /** Name or ARN of the ECS cluster. */
  readonly cluster: string;
  /** ARN of the weighted listener rule. */
  readonly ruleArn: string;
  /** Null where nothing was ever put on the colour. */
  readonly blue: ColourPlace | null;
  readonly green: ColourPlace | null;
}

/**
 * Reads what is live of a service: the rule's weights, and of each colour the running revision, its release and its health.
 *
 * @param clients - made for the rule's region when left out
 * @throws an AWS exception (e.g. `RuleNotFoundException`, `ClusterNotFoundException`) where something cannot be read: what is
 *   unknown is never taken for what is expected
 * @example
 * const live = await readLiveService({ cluster, ruleArn, blue: { service: "api-blue", targetGroup }, green: null });
 * live.weights.blue // 100
 */
export async function readLiveService(place: ServicePlace, clients?: LiveClients): Promise<LiveService> {
  if (clients !== undefined) return read(place, clients);
  using own = createLiveClients(regionOf(place.ruleArn));
  return await read(place, own);
}

async function read(place: ServicePlace, clients: LiveClients): Promise<LiveService> {
  const [forward, services] = await Promise.all([readForward(place.ruleArn, clients), readServices(place, clients)]);
  const [blue, green] = await Promise.all([
    readColour(place.blue, services, clients),
    readColour(place.green, services, clients),
  ]);
  return { ...trafficOf(place, forward), blue, green };
}

async function readForward(ruleArn: string, { elb }: LiveClients): Promise<ForwardActionConfig> {
  const { Rules = [] } = await elb.send(new DescribeRulesCommand({ RuleArns: [ruleArn] }));
  const actions = Rules.find((rule) => rule.RuleArn === ruleArn)?.Actions ?? [];
  const forward = actions.find((action) => action.Type === "forward");
  if (forward?.ForwardConfig) return forward.ForwardConfig;
  if (forward?.TargetGroupArn) return { TargetGroups: [{ TargetGroupArn: forward.TargetGroupArn }] };
  throw new Error(`the listener rule ${ruleArn} forwards to no target group`);
}

function trafficOf(
  place: ServicePlace,
  forward: ForwardActionConfig,
): Pick<LiveService, "weights" | "strangers" | "sticky"> {
  const groups = forward.TargetGroups ?? [];
  const known = [place.blue?.targetGroup, place.green?.targetGroup];
  const weightOf = (arn: string | undefined): number =>
    groups
      .filter((group) => arn !== undefined && group.TargetGroupArn === arn)
      // A target group that was given no weight has 1: ELBv2 API reference, TargetGroupTuple.
      .reduce((sum, group) => sum + (group.Weight ?? 1), 0);
  return {
    weights: { blue: weightOf(place.blue?.targetGroup), green: weightOf(place.green?.targetGroup) },
    // The target group of a colour that never had a service stands in the rule too, with weight 0.
    strangers: groups
      .filter((group) => group.Weight !== 0 && !known.includes(group.TargetGroupArn))
      .map((group) => group.TargetGroupArn ?? "unknown"),
    sticky: forward.TargetGroupStickinessConfig?.Enabled ?? false,
  };
}

async function readServices({ cluster, blue, green }: ServicePlace, { ecs }: LiveClients): Promise<readonly Service[]> {
  const names = [blue, green].flatMap((place) => (place === null ? [] : [place.service]));
  if (names.length === 0) return [];
  const { services = [], failures = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: names }));
  const unread = failures.filter((failure) => failure.reason !== "MISSING");
  if (unread.length > 0)
    throw new Error(`ECS could not read ${unread.map((one) => `${one.arn} (${one.reason})`).join(", ")}`);
  return services.filter((service) => service.status !== "INACTIVE");
}

async function readColour(
  place: ColourPlace | null,
  services: readonly Service[],
  clients: LiveClients,
): Promise<LiveColourService | null> {
  const service = services.find((one) => one.serviceName === place?.service || one.serviceArn === place?.service);
  if (place === null || service === undefined) return null;
  const taskDefinition = service.taskDefinition ?? "";
  const [release, healthyTargets] = await Promise.all([
    readRelease(taskDefinition, clients),
    countHealthy(place.targetGroup, clients),
  ]);
  return {
    taskDefinition,
    deployments: (service.deployments ?? []).map((deployment) => deployment.taskDefinition ?? "unknown"),
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    healthyTargets,
    tag: release?.tag,
    digest: release?.digest,
    release: release?.id,
  };
}

/** Undefined where ECS does not know the revision, so that whoever compares says which revision it is that should not be there. */
async function readRelease(taskDefinition: string, { ecs }: LiveClients): Promise<Deployed | undefined> {
  try {
    const answer = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    return deployedRelease(JSON.stringify(answer.taskDefinition?.containerDefinitions ?? []));
  } catch (error) {
    if (error instanceof ClientException) return undefined;
    throw error;
  }
}

async function countHealthy(TargetGroupArn: string, { elb }: LiveClients): Promise<number> {
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy").length;
}

/** `arn:aws:elasticloadbalancing:<region>:<account>:listener-rule/...` */
function regionOf(arn: string): string {
  const region = arn.split(":")[3];
  if (!region) throw new Error(`${JSON.stringify(arn)} is not the ARN of a listener rule: it names no region`);
  return region;
}
