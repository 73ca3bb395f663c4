/**
 * Compares what an update says it left behind with what is live. An update can succeed and still leave something else: ECS
 * rolls back by itself, somebody moves weights by hand, a provider remembers what never happened. Pure.
 */
import type { Release } from "./release.ts";
import type { Colour, Weights } from "./traffic.ts";

/** What should run on a colour. */
export interface ExpectedColour extends Pick<Release, "tag" | "digest"> {
  /** Identity of the release, as the task definition's label has it. */
  readonly release: string;
  /** ARN, with revision. */
  readonly taskDefinition: string;
}

/** What an update says of one service; the outputs of a stack have this shape. */
export interface ExpectedService {
  readonly weights: Weights;
  /** Null where nothing was ever put on the colour. */
  readonly blue: ExpectedColour | null;
  readonly green: ExpectedColour | null;
}

/** What the load balancer and the ECS service of a colour say. Labels are absent on task definitions that are none of ours. */
export interface LiveColourService {
  readonly taskDefinition: string;
  /** Task definition ARN of every deployment that is under way or in place: one, when nothing is under way. */
  readonly deployments: readonly string[];
  readonly desired: number;
  readonly running: number;
  readonly healthyTargets: number;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  readonly release: string | undefined;
}

/** What is live of one service. */
export interface LiveService {
  /** As the rule has them, which need not sum to 100. */
  readonly weights: Weights;
  /** Target groups that get traffic from the rule and are neither colour's. */
  readonly strangers: readonly string[];
  /** Stickiness would keep clients on a colour whatever its weight. */
  readonly sticky: boolean;
  /** Null where no such service is active. */
  readonly blue: LiveColourService | null;
  readonly green: LiveColourService | null;
}

/** One difference. */
export interface Mismatch {
  /** Where, e.g. `green.digest` or `weights.blue`. */
  readonly field: string;
  readonly expected: string;
  readonly live: string;
}

const colours = ["blue", "green"] as const satisfies readonly Colour[];

/**
 * Every difference between what is expected and what is live; none means that the update did what it says.
 *
 * A colour with traffic, expected or live, must also be in a state to serve it: one deployment, a running task and a
 * healthy target. How many tasks run is not compared: counts belong to autoscaling.
 *
 * @example
 * compareLive(outputs.services.api, await readLiveService(target)) // [{ field: "weights.blue", expected: "100", live: "25" }, ...]
 */
export function compareLive(expected: ExpectedService, live: LiveService): Mismatch[] {
  return [
    ...colours.flatMap((colour) => compareValue(`weights.${colour}`, expected.weights[colour], live.weights[colour])),
    ...live.strangers.map((arn) => ({ field: "weights", expected: "no other target group", live: arn })),
    ...compareValue("stickiness", "off", live.sticky ? "on" : "off"),
    ...colours.flatMap((colour) => compareColour(colour, expected, live)),
  ];
}

function compareColour(colour: Colour, expected: ExpectedService, live: LiveService): Mismatch[] {
  const [wanted, found] = [expected[colour], live[colour]];
  const serves = expected.weights[colour] > 0 || live.weights[colour] > 0;
  if (wanted === null && found === null) {
    return serves ? [{ field: colour, expected: "a service, since it has weight", live: "no service" }] : [];
  }
  if (wanted === null) return [{ field: colour, expected: "no service", live: found?.taskDefinition ?? "" }];
  if (found === null) return [{ field: colour, expected: wanted.taskDefinition, live: "no service" }];
  return [
    ...(["taskDefinition", "digest", "release", "tag"] as const).flatMap((field) =>
      compareValue(`${colour}.${field}`, wanted[field], found[field]),
    ),
    ...compareDeployments(colour, wanted.taskDefinition, found.deployments, serves),
    ...(serves ? capacity(colour, found) : []),
  ];
}

/** Deployments of another revision are a rollback under way; a colour without traffic may be without any. */
function compareDeployments(colour: Colour, wanted: string, found: readonly string[], serves: boolean): Mismatch[] {
  const others = found.filter((taskDefinition) => taskDefinition !== wanted);
  const settled = others.length === 0 && (found.length === 1 || !serves);
  if (settled) return [];
  return [{ field: `${colour}.deployments`, expected: wanted, live: found.join(", ") || "none" }];
}

function capacity(colour: Colour, found: LiveColourService): Mismatch[] {
  return (["running", "healthyTargets"] as const)
    .filter((field) => !(found[field] >= 1))
    .map((field) => ({ field: `${colour}.${field}`, expected: "at least 1", live: String(found[field]) }));
}

function compareValue(field: string, expected: unknown, live: unknown): Mismatch[] {
  return expected === live ? [] : [{ field, expected: String(expected), live: String(live ?? "unknown") }];
}

/**
 * Mismatches as lines for people.
 *
 * @example formatMismatches("api", [{ field: "weights.blue", expected: "100", live: "25" }]) // ["api: weights.blue is 25, not 100"]
 */
export function formatMismatches(service: string, mismatches: readonly Mismatch[]): string[] {
  return mismatches.map(({ field, expected, live }) => `${service}: ${field} is ${live}, not ${expected}`);
}
