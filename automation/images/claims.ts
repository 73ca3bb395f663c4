/** What every stack of the backend needs of a repository, read from its state and from its history. */
import { goodReleases, namedImages, type PastUpdate } from "../../model/images/claims.ts";
import type { StackClaim } from "../../model/images/retention.ts";
import type { StackState } from "../backend.ts";
import { nameOf } from "../engine-events.ts";
import { SluiceError } from "../errors.ts";
import { readServiceState } from "../service-state.ts";
import { unreadable } from "./self-managed-backend.ts";
import type { BackendStack, StateBackend } from "./state-backend.ts";

export interface ReadClaimsArgs {
  backend: StateBackend;
  stacks: readonly BackendStack[];
  /** Good releases to look for, per service. */
  keep: number;
}

export interface Claims {
  stacks: StackClaim[];
  /** Accounts in which any of them has something that runs. */
  accounts: ReadonlySet<string>;
}

/**
 * Reads one stack after the other: a backend must not be asked for all of them at once.
 *
 * @throws SluiceError where any of it cannot be read
 */
export async function readClaims({ backend, stacks, keep }: ReadClaimsArgs): Promise<Claims> {
  const claims: StackClaim[] = [];
  const accounts = new Set<string>();
  for (const stack of stacks) {
    const state = await backend.state(stack);
    const { digests, words, accounts: own, unreadable: hidden } = namedImages(state);
    if (hidden.length > 0) throw unreadable(`what stack ${stack.name} runs`, `these are secrets: ${hidden.join(", ")}`);
    claims.push({ stack: stack.name, digests, words, good: await readGood(backend, stack, state as StackState, keep) });
    for (const account of own) accounts.add(account);
  }
  return { stacks: claims, accounts };
}

/** Reads the history no further back than every service of today needs. */
async function readGood(backend: StateBackend, stack: BackendStack, state: StackState, keep: number) {
  const services = servicesOf(state);
  if (services.length === 0) return {};
  const updates: PastUpdate[] = [];
  let good: Record<string, string[]> = {};
  for await (const past of backend.successes(stack)) {
    updates.push({ releases: releasesOf(stack, past as StackState) });
    good = goodReleases(updates);
    if (services.every((service) => (good[service]?.length ?? 0) >= keep)) return good;
  }
  if (updates.length === 0 && !(await backend.wasUpdated(stack))) throw forgotten(stack);
  return good;
}

const taskDefinition = "aws:ecs/taskDefinition:TaskDefinition";
const taskName = /^(.+)-(?:blue|green)-task$/;

function servicesOf({ resources = [] }: StackState): string[] {
  const names = resources.flatMap(({ type, urn }) =>
    type === taskDefinition ? [taskName.exec(nameOf(urn))?.[1]] : [],
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** What carried traffic: the active colour's release; where that is not to be told, whatever stood on either. */
function releasesOf(stack: BackendStack, state: StackState): Record<string, readonly string[]> {
  return Object.fromEntries(
    servicesOf(state).map((name) => {
      const { active, releases } = readServiceState(state, name);
      const release = active === undefined ? undefined : releases[active];
      return [name, release === undefined ? imagesOf(stack, name, state) : [release.digest]];
    }),
  );
}

function imagesOf(stack: BackendStack, service: string, { resources = [] }: StackState): readonly string[] {
  const tasks = resources.filter(
    ({ type, urn }) => type === taskDefinition && taskName.exec(nameOf(urn))?.[1] === service,
  );
  const { digests, unreadable: hidden } = namedImages(tasks);
  if (hidden.length === 0) return [...digests];
  throw unreadable(`what ${service} of stack ${stack.name} ran`, "in a past state its containers are secret");
}

/** A state without any update was brought here from elsewhere: what ran before is not known. */
function forgotten(stack: BackendStack): SluiceError {
  return new SluiceError(`stack ${stack.name} has services and no update on record; nothing was deleted`, {
    details: ["which of its releases were good is not known"],
    remedy: `sluice up --stack ${stack.name} makes the first entry`,
  });
}
