/**
 * The one place that decides which colour runs which release and where traffic goes: for the first release,
 * blue-green, canary, abort and rollback alike. Pure.
 */
import type { Deployed, Release } from "./release.ts";

export type Colour = "blue" | "green";

/** Tags on the weighted rule, for what the weights alone do not tell. */
export const ruleTags = {
  /** The colour that users are on, also while a candidate takes a share. */
  active: "sluice:active",
  /** Identity of the release that was active before: what "previous" means. What stands by may never have been live. */
  former: "sluice:former",
} as const;

/** Per cent of the traffic for each colour; whole numbers whose sum is 100. */
export type Weights = Readonly<Record<Colour, number>>;

/** What stands on a colour. */
export interface ColourState {
  /** What the live service runs, which is not what was declared where ECS took a deployment back by itself. */
  deployed: Deployed;
  /** What the stack declared there last. */
  declared: Deployed;
  /** The live service runs the revision that the service has in the state, as its only deployment. */
  intact: boolean;
}

/** What is true of a service before this update, from resource state and from the live rule; never from outputs. */
export interface Previous {
  colours: Readonly<Record<Colour, ColourState | undefined>>;
  /** Weights of the rule as state has them; undefined where the rule was never created. */
  stateWeights: Weights | undefined;
  /** Weights of the live rule; undefined where the rule was never created. */
  liveWeights: Weights | undefined;
  /** The colour that was active before a split began, as the rule's tag says; needed only within a split. */
  activeTag: Colour | undefined;
  /** Identity of the release that was active before the one that is, as the rule's tag says. */
  former: string | undefined;
}

/** What is asked for. */
export type Desired =
  | { kind: "keep" }
  | { kind: "release"; release: Release }
  | { kind: "candidate"; release: Release; weight: number }
  | { kind: "recall"; id: string };

/** What to do with a colour: leave exactly as it is, put a release on it, or have nothing there. */
export type ColourPlan =
  | { action: "absent" }
  | { action: "keep"; deployed: Deployed }
  | { action: "deploy"; deployed: Deployed };

export type Outcome = "waiting" | "none" | "deploy" | "flip" | "split" | "abort";

export interface Plan {
  outcome: Outcome;
  colours: Readonly<Record<Colour, ColourPlan>>;
  /** Undefined where there is no rule and should be none yet. */
  weights: Weights | undefined;
  /** The colour that is active once this update is done. */
  active: Colour | undefined;
  /** Identity of the release that was active before that. */
  former: string | undefined;
  /** The release that this update could not place yet; the next update will. */
  deferred?: Release;
}

/** A request that cannot be planned; the message says what to do instead. */
export class PlanError extends Error {
  override name = "PlanError";
}

/**
 * The state says that traffic already is where it is asked for, and it is not: a failed update records what it meant to
 * do. The engine would see nothing to change, so the state must be refreshed first.
 */
export class StaleStateError extends Error {
  override name = "StaleStateError";
}

export const otherColour = (colour: Colour): Colour => (colour === "blue" ? "green" : "blue");

/** All traffic on one colour. */
export const allOn = (colour: Colour): Weights => ({
  blue: colour === "blue" ? 100 : 0,
  green: colour === "green" ? 100 : 0,
});

const isSplit = (weights: Weights): boolean => weights.blue > 0 && weights.green > 0;

/**
 * Decides one update of one service.
 *
 * A colour that carries traffic, in state or live, is never deployed to. An update that asks for nothing moves nothing.
 *
 * @throws PlanError where the request makes no sense in this situation
 * @throws StaleStateError where the engine would not see that weights have to move
 * @example
 * planTraffic(previous, { kind: "release", release }).outcome // "deploy": goes to the standby, then takes all traffic
 */
export function planTraffic(previous: Previous, desired: Desired): Plan {
  const plan = { ...decide(previous, desired), former: previous.former };
  const { stateWeights: state, liveWeights: live } = previous;
  if (plan.weights && state && live && sameWeights(plan.weights, state) && !sameWeights(state, live)) {
    throw new StaleStateError(
      `its rule sends ${describe(live)}, the state says ${describe(state)}: run \`pulumi refresh\`, then again`,
    );
  }
  const before = live && activeColour(previous, live);
  if (before !== undefined && plan.active !== before) plan.former = previous.colours[before]?.deployed.id;
  return plan;
}

/** A plan, before it is told what was active before. */
type Decision = Omit<Plan, "former">;

function decide(previous: Previous, desired: Desired): Decision {
  const live = previous.liveWeights;
  if (live === undefined) return planFirst(previous, desired);
  const active = activeColour(previous, live);
  switch (desired.kind) {
    case "keep":
      return settle(previous, "none", active, live);
    case "recall":
      return recall(previous, active, live, desired.id);
    case "release":
      return release(previous, active, live, desired.release);
    case "candidate":
      return candidate(previous, active, live, desired.release, desired.weight);
  }
}

/** Nothing carries traffic yet: blue is first. */
function planFirst(previous: Previous, desired: Desired): Decision {
  if (previous.stateWeights !== undefined) {
    throw new PlanError("the listener rule in the state is gone from the balancer; run `pulumi refresh`, then again");
  }
  if (desired.kind === "keep")
    return { outcome: "waiting", colours: kept(previous), weights: undefined, active: undefined };
  if (desired.kind === "recall") throw new PlanError("no release has ever been live here: there is none to go back to");
  if (desired.kind === "candidate") {
    throw new PlanError("no release is live yet to compare a candidate with; deploy one by imageTag first");
  }
  const colours = { ...kept(previous), blue: place(previous.colours.blue, desired.release) };
  return { outcome: "deploy", colours, weights: allOn("blue"), active: "blue" };
}

/** The colour that users are on. Within a split the weights do not tell, the tag does. */
function activeColour(previous: Previous, live: Weights): Colour {
  if (live.blue === 100) return "blue";
  if (live.green === 100) return "green";
  if (previous.activeTag === undefined) {
    throw new PlanError(
      "traffic is split and the rule does not say which colour was active; set one weight to 100 by hand",
    );
  }
  return previous.activeTag;
}

function release(previous: Previous, active: Colour, live: Weights, wanted: Release): Decision {
  const standby = otherColour(active);
  const running = previous.colours[active]?.deployed;
  const waiting = previous.colours[standby];
  if (isSplit(live)) {
    if (waiting?.deployed.id === wanted.id) return settle(previous, "flip", standby, allOn(standby));
    const aborted = settle(previous, "abort", active, allOn(active));
    return running?.id === wanted.id ? aborted : { ...aborted, deferred: wanted };
  }
  if (running?.id === wanted.id) return settle(previous, "none", active, live);
  if (waiting !== undefined && standsFor(waiting.deployed, wanted, running)) {
    // A rollback restores all that ran under that tag, so what stands there wins over today's configuration.
    if (waiting.intact) return settle(previous, "flip", standby, allOn(standby));
  }
  return deploy(previous, active, wanted, allOn(standby), standby);
}

/** Whether asking for `wanted` means the release that stands on the standby. */
function standsFor(standing: Deployed, wanted: Release, running: Deployed | undefined): boolean {
  return standing.id === wanted.id || (standing.tag === wanted.tag && running?.tag !== wanted.tag);
}

function candidate(previous: Previous, active: Colour, live: Weights, wanted: Release, weight: number): Decision {
  const standby = otherColour(active);
  if (previous.colours[active]?.deployed.id === wanted.id) {
    throw new PlanError(`candidate ${wanted.tag} is what runs already; name another tag`);
  }
  const weights = { [active]: 100 - weight, [standby]: weight } as unknown as Weights;
  const next = weight === 100 ? standby : active;
  const waiting = previous.colours[standby];
  if (waiting?.deployed.id === wanted.id && waiting.intact) {
    const outcome = sameWeights(weights, live) ? "none" : weight === 100 ? "flip" : "split";
    return settle(previous, outcome, next, weights);
  }
  return deploy(previous, active, wanted, weights, next);
}

function recall(previous: Previous, active: Colour, live: Weights, id: string): Decision {
  const standby = otherColour(active);
  if (previous.colours[active]?.deployed.id === id) {
    return settle(previous, isSplit(live) ? "abort" : "none", active, allOn(active));
  }
  const waiting = previous.colours[standby];
  if (waiting?.deployed.id !== id) {
    throw new PlanError(`release ${id} stands on neither colour; name its imageTag instead`);
  }
  if (waiting.intact) return settle(previous, "flip", standby, allOn(standby));
  return deploy(previous, active, waiting.deployed, allOn(standby), standby);
}

/** Puts a release on the standby, or, where that still carries traffic, frees it first and leaves the release for later. */
function deploy(previous: Previous, active: Colour, wanted: Release, weights: Weights, next: Colour): Decision {
  const standby = otherColour(active);
  if (carries(previous, standby)) {
    return { ...settle(previous, "abort", active, allOn(active)), deferred: wanted };
  }
  const colours = { ...kept(previous), [standby]: place(previous.colours[standby], wanted) };
  return { outcome: weights[standby] === 100 ? "deploy" : "split", colours, weights, active: next };
}

function carries(previous: Previous, colour: Colour): boolean {
  return (previous.stateWeights?.[colour] ?? 0) > 0 || (previous.liveWeights?.[colour] ?? 0) > 0;
}

/** A plan that touches no service. */
function settle(previous: Previous, outcome: Outcome, active: Colour, weights: Weights): Decision {
  return { outcome, colours: kept(previous), weights, active };
}

function kept(previous: Previous): Record<Colour, ColourPlan> {
  const keep = (state: ColourState | undefined): ColourPlan =>
    state === undefined ? { action: "absent" } : { action: "keep", deployed: state.deployed };
  return { blue: keep(previous.colours.blue), green: keep(previous.colours.green) };
}

/** The same release again is a new attempt, and so a new revision: the one before may have been taken back unseen. */
function place(state: ColourState | undefined, wanted: Release): ColourPlan {
  const { id, tag, digest } = wanted;
  if (state?.intact && state.deployed.id === id) return { action: "keep", deployed: state.deployed };
  const attempt = state?.declared.id === id ? state.declared.attempt + 1 : 1;
  return { action: "deploy", deployed: { id, tag, digest, attempt } };
}

const describe = ({ blue, green }: Weights): string => `${blue} % to blue and ${green} % to green`;

const sameWeights = (a: Weights, b: Weights): boolean => a.blue === b.blue && a.green === b.green;
