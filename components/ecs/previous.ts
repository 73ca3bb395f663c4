/** Reads what the traffic plan starts from: resource state, compared with what is live. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Deployed, deployedRelease } from "../../model/release.ts";
import { type Colour, type ColourState, type Previous, ruleTags, type Weights } from "../../model/traffic.ts";
import { listenerRuleType, type ResourceOutputs, type StackState } from "./stack-state.ts";

/** Type tokens of the resources that a service's past is read from. */
const types = {
  targetGroup: "aws:lb/targetGroup:TargetGroup",
  taskDefinition: "aws:ecs/taskDefinition:TaskDefinition",
  service: "aws:ecs/service:Service",
} as const;

/** What is true of a service before this update. */
export interface ServicePast extends Previous {
  /** Tasks that each colour is asked to run now; 0 where it has no service. */
  desiredCounts: Readonly<Record<Colour, number>>;
}

/**
 * @throws Error where state names something that cannot be read live: what cannot be known is never guessed
 * @example
 * const past = await readPast(await StackState.read(), "api")
 */
export async function readPast(state: StackState, name: string): Promise<ServicePast> {
  const rule = state.find(listenerRuleType, `${name}-traffic`);
  const [liveRule, blue, green] = await Promise.all([
    rule === undefined ? undefined : aws.lb.getListenerRule({ arn: text(rule, "arn") }),
    readColour(state, name, "blue"),
    readColour(state, name, "green"),
  ]);
  const targetGroups = targetGroupColours(state, name);
  return {
    colours: { blue: blue?.state, green: green?.state },
    stateWeights: rule && ruleWeights(name, targetGroups, forwardsOf(rule.actions)),
    liveWeights: liveRule && ruleWeights(name, targetGroups, forwardsOf(liveRule.actions)),
    activeTag: colourOf(liveRule?.tags[ruleTags.active]),
    former: liveRule?.tags[ruleTags.former],
    desiredCounts: { blue: blue?.desiredCount ?? 0, green: green?.desiredCount ?? 0 },
  };
}

async function readColour(state: StackState, name: string, colour: Colour) {
  const service = state.find(types.service, `${name}-${colour}-service`);
  const taskDefinition = state.find(types.taskDefinition, `${name}-${colour}-task`);
  if (service === undefined || taskDefinition === undefined) return undefined;
  const declared = deployedRelease(text(taskDefinition, "containerDefinitions"));
  if (declared === undefined) {
    throw new Error(`${name}: the task definition of ${colour} in the state holds no release of ours`);
  }
  const live = await aws.ecs.getService({ clusterArn: text(service, "cluster"), serviceName: text(service, "name") });
  const runsDeclared = live.taskDefinition === text(taskDefinition, "arn");
  const deployed = runsDeclared ? declared : await readRevision(live.taskDefinition, `${name} ${colour}`);
  const intact = live.deployments.length === 1 && live.taskDefinition === text(service, "taskDefinition");
  const colourState: ColourState = { deployed, declared, intact };
  return { state: colourState, desiredCount: live.desiredCount };
}

/** The release in a revision that the stack no longer declares: what ECS went back to. */
async function readRevision(taskDefinition: string, where: string): Promise<Deployed> {
  const { containerDefinitions } = await aws.ecs.getTaskDefinition({ taskDefinition }).catch((error: Error) => {
    throw new pulumi.RunError(`${where}: its service runs ${taskDefinition}, which cannot be read: ${error.message}`);
  });
  const release = deployedRelease(containerDefinitions);
  if (release !== undefined) return release;
  throw new pulumi.RunError(`${where}: its service runs ${taskDefinition}, which holds no release of ours`);
}

function targetGroupColours(state: StackState, name: string): ReadonlyMap<string, Colour> {
  const colours = new Map<string, Colour>();
  for (const colour of ["blue", "green"] as const) {
    const group = state.find(types.targetGroup, `${name}-${colour}-target-group`);
    if (group !== undefined) colours.set(text(group, "arn"), colour);
  }
  return colours;
}

interface WeightedTarget {
  arn: string;
  weight?: number;
}

/** State has one `forward`, the live lookup a list `forwards`; both hold the same weighted targets. */
export function forwardsOf(actions: unknown): WeightedTarget[] {
  const [action] = (actions ?? []) as {
    forward?: { targetGroups: WeightedTarget[] };
    forwards?: { targetGroups: WeightedTarget[] }[];
  }[];
  return action?.forward?.targetGroups ?? action?.forwards?.[0]?.targetGroups ?? [];
}

function ruleWeights(name: string, colours: ReadonlyMap<string, Colour>, targets: readonly WeightedTarget[]): Weights {
  const weights: Record<Colour, number> = { blue: 0, green: 0 };
  for (const { arn, weight } of targets) {
    const colour = colours.get(arn);
    if (colour === undefined)
      throw new Error(`${name}: its listener rule sends traffic to ${arn}, which is none of its target groups`);
    weights[colour] = weight ?? 0;
  }
  if (weights.blue + weights.green !== 100) {
    throw new Error(
      `${name}: the weights of its listener rule are ${weights.blue}/${weights.green}; their sum must be 100`,
    );
  }
  return weights;
}

const colourOf = (value: string | undefined): Colour | undefined =>
  value === "blue" || value === "green" ? value : undefined;

function text(outputs: ResourceOutputs, key: string): string {
  const value = outputs[key];
  if (typeof value !== "string") throw new Error(`the state has no readable ${key} where a text was expected`);
  return value;
}
