/** Decides what a rollback asks of each service, and refuses it before anything changes where that cannot be had. */
import type { StackState } from "./backend.ts";
import { configurationError } from "./errors.ts";
import type { Overrides, ReleaseOverride } from "./run-config.ts";
import { previousRelease, readServiceState, type ServiceState } from "./service-state.ts";

export interface RollbackArgs {
  /** `previous`, or a tag. */
  to: string;
  /** @default all services of the stack */
  service?: string | undefined;
  /** Services that the stack declares. */
  declared: readonly string[];
  state: StackState;
}

/** A rollback, resolved. */
export interface RollbackPlan {
  overrides: Overrides;
  /** Digests that the registry must still hold, by service. */
  digests: Record<string, string>;
  /** One line per service, for the reader. */
  lines: string[];
}

/**
 * @throws SluiceError (2) naming every service that has nothing to go back to
 * @example
 * planRollback({ to: "previous", declared: ["api"], state }).overrides // { services: { api: { release: "0f…" } } }
 */
export function planRollback({ to, service, declared, state }: RollbackArgs): RollbackPlan {
  if (service !== undefined && !declared.includes(service)) {
    throw configurationError(`there is no service ${service}`, { remedy: `name one of: ${declared.join(", ")}` });
  }
  const names = service === undefined ? declared : [service];
  if (names.length === 0) throw configurationError("the stack declares no service: there is nothing to roll back");
  if (to !== "previous") {
    const override: ReleaseOverride = { imageTag: to };
    const services = Object.fromEntries(names.map((name) => [name, override]));
    return { overrides: { services }, digests: {}, lines: names.map((name) => `${name}: going back to ${to}`) };
  }
  return planPrevious(names, state);
}

/** No release ever gave way to another: the standby is empty, and none is remembered. */
function isFirst({ former, releases }: ServiceState): boolean {
  return former === undefined && (releases.blue === undefined || releases.green === undefined);
}

function planPrevious(names: readonly string[], state: StackState): RollbackPlan {
  const found = names.map((name) => {
    const service = readServiceState(state, name);
    return { name, service, release: previousRelease(service) };
  });
  const missing = found.filter(({ release }) => release === undefined);
  if (missing.length > 0) {
    const [others, goneBy] = [names.length > missing.length, missing.some(({ service }) => !isFirst(service))];
    const toTag = goneBy ? "name a tag: --to TAG" : "deploy another release: sluice up --image-tag TAG";
    throw configurationError("no previous release; nothing was changed", {
      details: missing.map(({ name, service }) =>
        isFirst(service)
          ? `${name}: nothing was live before what is live now`
          : `${name}: the release that was live before no longer stands by`,
      ),
      remedy: others ? "name the other services one by one: --service NAME" : toTag,
    });
  }
  const plan: RollbackPlan = { overrides: {}, digests: {}, lines: [] };
  const services: Record<string, ReleaseOverride> = {};
  for (const { name, release } of found) {
    if (release === undefined) continue;
    services[name] = { release: release.id };
    plan.digests[name] = release.digest;
    plan.lines.push(`${name}: going back to ${release.tag} (${release.digest.slice(0, 19)})`);
  }
  plan.overrides = { services };
  return plan;
}
