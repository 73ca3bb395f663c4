/**
 * What earlier updates left behind, made true again before the next one: operations of an engine that was killed, resources
 * whose update failed half-way, and resources that were created although the engine heard of a failure.
 */
import { folderBackend, lastFolderUpdate, type PendingOperation, type StackState } from "./backend.ts";
import { createLookup, type Found } from "./created-resources.ts";
import { type EngineLog, nameOf } from "./engine-events.ts";
import { waitForLocks } from "./locks.ts";
import { readState, runCli } from "./stack-lifecycle.ts";
import { type Existing, type RepairContext, refreshState, repairState } from "./state-repair.ts";
import { adoptCloudEnvironment, type Target } from "./target.ts";

/**
 * @param state as it was read a moment ago; read again where another update may be writing it
 * @throws SluiceError where the cloud cannot be asked: what is unknown is never forgotten
 * @example
 * await recover({ target, config, output, interruption, lockTimeout: 60 }, state);
 */
export async function recover(context: RepairContext, state: StackState): Promise<void> {
  const { target, output } = context;
  if ((state.resources ?? []).length === 0 && (state.pending_operations ?? []).length === 0) return;
  const pending = (state.pending_operations ?? []).length > 0;
  if (!pending && (await lastUpdate(target)) !== "failed") return;
  // A live update has operations pending too: whoever holds the stack is waited for first.
  await waitForOthers(context);
  const operations = (await readState(target.context, target.stack))?.pending_operations ?? [];
  if (operations.length > 0) await resolvePending(context, operations);
  if ((await lastUpdate(target)) !== "failed") return;
  output.say(`${target.stack}: the last update failed; what is live is read again first`);
  await refreshState(context);
}

/** How the last operation that could change the stack ended; undefined where there was none. */
async function lastUpdate({ context, stack }: Target): Promise<string | undefined> {
  const folder = folderBackend(context.env.PULUMI_BACKEND_URL, context.root);
  if (folder !== undefined) return lastFolderUpdate(folder, stack);
  const history = await runCli(context, [
    "stack",
    "history",
    "--stack",
    stack,
    "--json",
    "--page-size",
    "1",
    "--page",
    "1",
  ]);
  if (history.code !== 0) return undefined;
  return (JSON.parse(history.stdout) as { result?: string }[] | null)?.[0]?.result;
}

async function waitForOthers({ target, output, interruption, lockTimeout }: RepairContext): Promise<void> {
  const { context, stack } = target;
  const folder = folderBackend(context.env.PULUMI_BACKEND_URL, context.root)?.lockFolder(stack);
  const deadline = Date.now() + lockTimeout * 1000;
  if (folder !== undefined) await waitForLocks({ stack, folder, deadline, output, signal: interruption.signal });
  interruption.check();
}

async function resolvePending(context: RepairContext, operations: readonly PendingOperation[]): Promise<void> {
  const { target, output } = context;
  output.say(
    `${target.stack}: the last update was interrupted; ${operations.length} operations may or may not have happened`,
  );
  using lookup = openLookup(context);
  const existing: Existing[] = [];
  const reread: string[] = [];
  for (const { type, resource } of operations) {
    if (type !== "creating") {
      output.say(`  ${nameOf(resource.urn)}: was ${type}; it is read again`);
      reread.push(resource.urn);
      continue;
    }
    const found = await lookup.find(resource);
    output.say(`  ${nameOf(resource.urn)}: ${words[found.kind]}`);
    if (found.kind === "exists") existing.push({ resource, id: found.id });
  }
  await repairState(context, existing, reread);
}

const words: Record<Found["kind"], string> = {
  exists: "was being created, and may exist: taken into the state and read",
  absent: "was being created, and does not exist: forgotten",
  harmless: "was being created; creating it again does no harm: forgotten",
  unknown: "was being created, and cannot be looked up: forgotten; look whether one was left behind",
};

function openLookup({ target, config }: RepairContext) {
  adoptCloudEnvironment(target);
  return createLookup(String(config.setting("aws:region") ?? target.context.env.AWS_REGION ?? ""));
}

/**
 * Resources whose creation failed, as far as the engine knows, and that exist all the same: the answer was lost, or an
 * earlier run's was. They are taken into the state.
 *
 * @returns whether there were any: the update can then be tried again
 */
export async function adoptCreated(context: RepairContext, log: EngineLog): Promise<boolean> {
  const { target, output } = context;
  if (log.failedCreations.length === 0) return false;
  const state = await readState(target.context, target.stack);
  const known = new Set(state?.resources?.map(({ urn }) => urn));
  using lookup = openLookup(context);
  const existing: Existing[] = [];
  for (const resource of log.failedCreations.filter(({ urn }) => !known.has(urn))) {
    // While the cloud cannot be reached nothing is known, and the next run asks again.
    const found = await lookup.find(resource).catch((): Found => ({ kind: "unknown" }));
    if (found.kind === "exists") existing.push({ resource, id: found.id });
  }
  if (existing.length === 0) return false;
  const names = existing.map(({ resource }) => nameOf(resource.urn)).join(", ");
  output.say(`${target.stack}: it may exist although its creation failed: ${names}; taken into the state and read`);
  await repairState(context, existing, []);
  const after = await readState(target.context, target.stack);
  return existing.some(({ resource }) => after?.resources?.some(({ urn }) => urn === resource.urn));
}
