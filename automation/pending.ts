/**
 * What an engine that was killed leaves behind: operations of which nobody knows whether they happened. Creations are
 * looked up in the cloud by name, and taken into the state where they did happen; everything else is read again.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { folderBackend, type PendingOperation, type StackState } from "./backend.ts";
import { createLookup, type Found } from "./created-resources.ts";
import { runEngine } from "./engine.ts";
import { emptyLog, nameOf } from "./engine-events.ts";
import { failureOf } from "./engine-failure.ts";
import type { Interruption } from "./interruption.ts";
import { waitForLocks } from "./locks.ts";
import type { Output } from "./output.ts";
import { type RunConfig, runFile } from "./run-config.ts";
import { readState, runCli } from "./stack-lifecycle.ts";
import { adoptCloudEnvironment, type Target } from "./target.ts";

export interface PendingArgs {
  target: Target;
  /** The state as it was read a moment ago; read again where another update may be writing it. */
  state: StackState;
  config: RunConfig;
  output: Output;
  interruption: Interruption;
  /** Seconds. */
  lockTimeout: number;
}

/**
 * @throws SluiceError where the cloud cannot be asked: what is unknown is never forgotten
 * @example
 * await resolvePending({ target, state, config, output, interruption, lockTimeout: 60 });
 */
export async function resolvePending(args: PendingArgs): Promise<void> {
  if ((args.state.pending_operations ?? []).length === 0) return;
  const { target, output, interruption, lockTimeout } = args;
  const { context, stack } = target;
  const folder = folderBackend(context.env.PULUMI_BACKEND_URL, context.root)?.lockFolder(stack);
  const deadline = Date.now() + lockTimeout * 1000;
  // A live update has operations pending too: whoever holds the stack is waited for first.
  if (folder !== undefined) await waitForLocks({ stack, folder, deadline, output, signal: interruption.signal });
  interruption.check();
  const operations = (await readState(context, stack))?.pending_operations ?? [];
  if (operations.length === 0) return;
  output.say(`${stack}: the last update was interrupted; ${operations.length} operations may or may not have happened`);
  await repair(args, operations);
}

async function repair(
  { target, config, output, interruption, lockTimeout }: PendingArgs,
  operations: PendingOperation[],
) {
  const { context, stack, places } = target;
  const exported = await runCli(context, ["stack", "export", "--stack", stack]);
  if (exported.code !== 0) throw failureOf({ ...exported, log: emptyLog() });
  output.say(`  state from before: ${saveExport(places.exports, stack, exported.stdout)}`);
  adoptCloudEnvironment(target);
  const region = String(config.setting("aws:region") ?? context.env.AWS_REGION ?? "");
  using lookup = createLookup(region);
  const document = JSON.parse(exported.stdout) as { deployment: StackState };
  const resources = document.deployment.resources ?? [];
  const reread: string[] = [];
  for (const { type, resource } of operations) {
    if (type !== "creating") {
      output.say(`  ${nameOf(resource.urn)}: was ${type}; it is read again`);
      reread.push(resource.urn);
      continue;
    }
    const found = await lookup.find(resource);
    output.say(`  ${nameOf(resource.urn)}: ${words[found.kind]}`);
    if (found.kind !== "exists") continue;
    resources.push({ ...resource, id: found.id, outputs: {} });
    reread.push(resource.urn);
  }
  document.deployment = { ...document.deployment, resources, pending_operations: [] };
  await importState(target, document);
  if (reread.length === 0) return;
  const flags = ["--skip-preview", ...reread.flatMap((urn) => ["--target", urn])];
  await runEngine({
    operation: "refresh",
    stack,
    context,
    config,
    output,
    interruption,
    lockTimeout,
    flags,
    progress: false,
  });
}

const words: Record<Found["kind"], string> = {
  exists: "was being created, and may exist: taken into the state and read",
  absent: "was being created, and does not exist: forgotten",
  harmless: "was being created; creating it again does no harm: forgotten",
  unknown: "was being created, and cannot be looked up: forgotten; look whether one was left behind",
};

function saveExport(folder: string, stack: string, text: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const moment = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const file = path.join(folder, `${stack.replaceAll("/", "+")}-${moment}.json`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

async function importState({ context, stack, places }: Target, document: unknown): Promise<void> {
  const file = runFile(places.runs, stack, ".json");
  writeFileSync(file, JSON.stringify(document), { mode: 0o600 });
  const imported = await runCli(context, ["stack", "import", "--stack", stack, "--file", file]);
  if (imported.code !== 0) throw failureOf({ ...imported, log: emptyLog() });
}
