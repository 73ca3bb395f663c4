/** What stands on the colours of a service, from resource state: outputs lie after a failed update, resources do not. */
import { type Deployed, deployedRelease } from "../model/release.ts";
import { type Colour, otherColour, ruleTags, type Weights } from "../model/traffic.ts";
import type { StackState, StateResource } from "./backend.ts";
import { nameOf } from "./engine-events.ts";

export interface ServiceState {
  /** Weights as the state has them; undefined where nothing was ever deployed. */
  weights: Weights | undefined;
  active: Colour | undefined;
  /** Identity of the release that was active before. */
  former: string | undefined;
  releases: Readonly<Record<Colour, Deployed | undefined>>;
  /**
   * What each colour's service runs, with the ARN of the revision; `unknown` where that is a revision which the stack no
   * longer declares, as after ECS took a deployment back.
   */
  running: Readonly<Record<Colour, (Deployed & { revision: string }) | "unknown" | undefined>>;
  /** ARN of the weighted rule. */
  rule: string | undefined;
}

/**
 * @example
 * readServiceState(state, "api").active // "blue"
 */
export function readServiceState(state: StackState, name: string): ServiceState {
  const find = (type: string, resource: string) =>
    state.resources?.find((one) => one.type === type && nameOf(one.urn) === resource && one.delete !== true);
  const rule = find("aws:lb/listenerRule:ListenerRule", `${name}-traffic`);
  const groupOf = (colour: Colour) => find("aws:lb/targetGroup:TargetGroup", `${name}-${colour}-target-group`)?.id;
  const releaseOf = (colour: Colour) => {
    const task = find("aws:ecs/taskDefinition:TaskDefinition", `${name}-${colour}-task`);
    const definitions = task?.outputs?.containerDefinitions;
    return typeof definitions === "string" ? deployedRelease(definitions) : undefined;
  };
  const runningOf = (colour: Colour) => {
    const service = find("aws:ecs/service:Service", `${name}-${colour}-service`);
    const task = find("aws:ecs/taskDefinition:TaskDefinition", `${name}-${colour}-task`);
    const release = releaseOf(colour);
    if (service === undefined || release === undefined) return undefined;
    const revision = task?.outputs?.arn;
    return typeof revision === "string" && service.outputs?.taskDefinition === revision
      ? { ...release, revision }
      : "unknown";
  };
  const tags = (rule?.outputs?.tags ?? {}) as Record<string, string>;
  const weights = rule && weightsOf(rule, { blue: groupOf("blue"), green: groupOf("green") });
  return {
    weights,
    active: weights && activeColour(weights, tags[ruleTags.active]),
    former: tags[ruleTags.former],
    releases: { blue: releaseOf("blue"), green: releaseOf("green") },
    running: { blue: runningOf("blue"), green: runningOf("green") },
    rule: rule?.id,
  };
}

function weightsOf(rule: StateResource, groups: Record<Colour, string | undefined>): Weights {
  const actions = (rule.outputs?.actions ?? []) as {
    forward?: { targetGroups?: { arn: string; weight?: number }[] };
  }[];
  const targets = actions.flatMap(({ forward }) => forward?.targetGroups ?? []);
  const weightOf = (colour: Colour) => targets.find(({ arn }) => arn === groups[colour])?.weight ?? 0;
  return { blue: weightOf("blue"), green: weightOf("green") };
}

function activeColour({ blue, green }: Weights, tag: string | undefined): Colour | undefined {
  if (green === 0 && blue > 0) return "blue";
  if (blue === 0 && green > 0) return "green";
  return tag === "blue" || tag === "green" ? tag : undefined;
}

/**
 * The release that a rollback to `previous` means: the one that was active before, where it still stands by, or, in the
 * middle of a split, the one that was active before it began. What stands by may never have been live: a release that
 * failed there is nothing to go back to.
 *
 * @returns undefined where there is none
 */
export function previousRelease({ weights, active, former, releases }: ServiceState): Deployed | undefined {
  if (weights === undefined || active === undefined) return undefined;
  if (weights.blue > 0 && weights.green > 0) return releases[active];
  const standing = releases[otherColour(active)];
  return standing?.id === former ? standing : undefined;
}
