/**
 * What GitHub says of a push to a repository with rulesets. Pure: the facts about commits are given. A rule that cannot be judged here is
 * refused, never passed.
 */
import type { Rule, Ruleset } from "../cloud/github-documents.ts";
import { matchesRef } from "./ref-pattern.ts";

/** One of the things that a pusher is: `Integration:4242`, `Team:7`, `RepositoryRole:5`; `DeployKey` and the like without a number. */
export type Actor = string;

/** A check's result on a commit. */
export interface CheckResult {
  context: string;
  success: boolean;
  /** The app that reported it; null for a commit status of a user. */
  app: number | null;
}

/** One ref of a push, and what git says of it. */
export interface RefUpdate {
  /** `refs/heads/main` */
  ref: string;
  change: "creation" | "update" | "deletion";
  /** Whether the old commit is an ancestor of the new one. */
  fastForward: boolean;
  /** Whether a commit that the ref did not have has several parents. */
  merges: boolean;
  /** Whether every commit that the ref did not have is signed by somebody known. */
  signed: boolean;
  /** Results on the new commit. */
  checks: readonly CheckResult[];
}

export interface Pusher {
  actors: readonly Actor[];
}

export interface Refusal {
  ref: string;
  ruleset: string;
  rule: string;
  reason: string;
}

export interface PushArgs {
  rulesets: readonly Ruleset[];
  pusher: Pusher;
  updates: readonly RefUpdate[];
  /** `refs/heads/main` */
  defaultBranch: string;
}

/**
 * Every rule that a push breaks, of all rulesets that are in force for its refs and that the pusher may not pass by.
 *
 * @example
 * judgePush({ rulesets, pusher: { actors: ["User:11"] }, updates, defaultBranch: "refs/heads/main" })
 * // [{ ref: "refs/heads/main", ruleset: "main", rule: "non_fast_forward", reason: "Cannot force-push to this branch" }]
 */
export function judgePush({ rulesets, pusher, updates, defaultBranch }: PushArgs): Refusal[] {
  return updates.flatMap((update) =>
    rulesets
      .filter((ruleset) => inForce(ruleset, update.ref, defaultBranch) && !mayPass(ruleset, pusher))
      .flatMap(({ name, rules }) =>
        rules.flatMap((rule) =>
          judgeRule(rule, update).map((reason) => ({ ref: update.ref, ruleset: name, rule: rule.type, reason })),
        ),
      ),
  );
}

const FOLDERS: Readonly<Record<string, string>> = { branch: "refs/heads/", tag: "refs/tags/" };

function inForce({ target, enforcement, conditions }: Ruleset, ref: string, defaultBranch: string): boolean {
  const folder = FOLDERS[target];
  if (enforcement !== "active" || folder === undefined || !ref.startsWith(folder)) return false;
  const names = (patterns: readonly string[]) => patterns.some((pattern) => matchesRef(pattern, ref, defaultBranch));
  return names(conditions?.ref_name.include ?? []) && !names(conditions?.ref_name.exclude ?? []);
}

/** A bypass by pull request is none for a push. */
function mayPass({ bypass_actors }: Ruleset, { actors }: Pusher): boolean {
  return bypass_actors.some(
    ({ actor_type, actor_id, bypass_mode }) =>
      bypass_mode !== "pull_request" && actors.includes(actor_id === null ? actor_type : `${actor_type}:${actor_id}`),
  );
}

function judgeRule({ type, parameters = {} }: Rule, update: RefUpdate): string[] {
  const { change, fastForward, merges, signed } = update;
  const refused = (when: boolean, reason: string) => (when ? [reason] : []);
  switch (type) {
    case "creation":
      return refused(change === "creation", "Cannot create ref due to creations being restricted.");
    case "update":
      return refused(change === "update", "Cannot update this protected ref.");
    case "deletion":
      return refused(change === "deletion", "Cannot delete this protected ref.");
    case "non_fast_forward":
      return refused(change === "update" && !fastForward, "Cannot force-push to this protected ref.");
    case "required_linear_history":
      return refused(change !== "deletion" && merges, "This branch must not contain merge commits.");
    case "required_signatures":
      return refused(change !== "deletion" && !signed, "Commits must have verified signatures.");
    case "pull_request":
      return refused(change === "update", "Changes must be made through a pull request.");
    case "required_status_checks":
      return judgeChecks(parameters, update);
    default:
      return refused(change !== "deletion", `The sandbox cannot tell whether ${type} holds.`);
  }
}

function judgeChecks(parameters: Record<string, unknown>, { change, checks }: RefUpdate): string[] {
  const exempt = change === "creation" && parameters.do_not_enforce_on_create === true;
  if (change === "deletion" || exempt) return [];
  const required = parameters.required_status_checks as { context: string; integration_id?: number }[];
  const expected = required.filter(
    ({ context, integration_id: app }) =>
      !checks.some((one) => one.context === context && one.success && (app === undefined || one.app === app)),
  );
  return expected.map(({ context }) => `Required status check "${context}" is expected.`);
}
