/** Takes what exists in the cloud, and is ours, into the state of a stack; and has what is doubtful read again. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { StackState, StateResource } from "./backend.ts";
import { runEngine } from "./engine.ts";
import { emptyLog, nameOf } from "./engine-events.ts";
import { failureOf } from "./engine-failure.ts";
import { ExitCode, SluiceError } from "./errors.ts";
import type { Interruption } from "./interruption.ts";
import type { Output } from "./output.ts";
import { type RunConfig, runFile } from "./run-config.ts";
import { project } from "./stack-file.ts";
import { readState, runCli } from "./stack-lifecycle.ts";
import type { Target } from "./target.ts";

/** The run that finds itself in front of a state that is not true. */
export interface RepairContext {
  target: Target;
  config: RunConfig;
  output: Output;
  interruption: Interruption;
  /** Seconds. */
  lockTimeout: number;
}

/** A resource that exists under an id. */
export interface Existing {
  resource: StateResource;
  id: string;
}

interface Export {
  version: number;
  deployment: StackState;
}

/** Tags that the program gives everything it makes. */
const ownerTags = { project: "sluice:project", stack: "sluice:stack" } as const;

/**
 * Writes the resources into the state, forgets operations that were pending, and refreshes all that is doubtful. A copy
 * of the state from before is kept.
 *
 * @param reread URNs of resources in the state whose properties are doubtful
 * @throws SluiceError (4) where a resource turns out to be somebody else's: the state is then without it
 */
export async function repairState(context: RepairContext, existing: readonly Existing[], reread: readonly string[]) {
  const { target, output } = context;
  const before = await exportState(target);
  output.say(`  state from before: ${saveExport(target, before)}`);
  const taken = existing.map(({ resource, id }) => ({
    ...resource,
    inputs: withoutSecrets(resource.inputs),
    id,
    outputs: {},
  }));
  await importState(target, withResources(before, taken));
  const urns = [...taken.map(({ urn }) => urn), ...reread];
  if (urns.length === 0) return;
  await refreshState(context, urns);
  const strangers = await strangersAmong(target, taken);
  if (strangers.length === 0) return;
  const own = taken.filter(({ urn }) => !strangers.some((stranger) => stranger.urn === urn));
  await importState(target, withResources(before, own));
  throw new SluiceError("what the program wants to create exists already, and belongs to somebody else", {
    exitCode: ExitCode.resource,
    details: strangers.map(({ urn, id }) => `${nameOf(urn)}: ${id}`),
    remedy: "remove it, or give it up: another name, another stack",
  });
}

/**
 * Reads again what is live.
 *
 * @param urns only these resources
 * @default urns all of the stack
 */
export async function refreshState(
  { target: { stack, context }, config, output, interruption, lockTimeout }: RepairContext,
  urns: readonly string[] = [],
): Promise<void> {
  const flags = ["--skip-preview", ...urns.flatMap((urn) => ["--target", urn])];
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

function withResources(document: Export, taken: readonly StateResource[]): Export {
  const resources = [...(document.deployment.resources ?? []), ...taken];
  return { ...document, deployment: { ...document.deployment, resources, pending_operations: [] } };
}

/** Events mask secrets, and a mask cannot be decrypted: reading the resource brings the value back. */
function withoutSecrets(inputs: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).filter(([, value]) => !JSON.stringify(value ?? null).includes('"ciphertext":"[secret]"')),
  );
}

/**
 * What was taken in by name and carries the tags of somebody else. Without any tags it is taken for ours: a creation may have
 * been interrupted before its tags, and the names that we look for hold project and stack. What the refresh did not find
 * is gone from the state, and so no stranger.
 */
async function strangersAmong({ context, stack }: Target, taken: readonly StateResource[]): Promise<StateResource[]> {
  const state = await readState(context, stack);
  const name = stack.split("/").at(-1);
  return taken.flatMap(({ urn }) => {
    const found = state?.resources?.find((one) => one.urn === urn);
    const tags = found?.outputs?.tags as Record<string, string> | undefined;
    if (found === undefined || tags === undefined || Object.keys(tags).length === 0) return [];
    return tags[ownerTags.project] === project && tags[ownerTags.stack] === name ? [] : [found];
  });
}

async function exportState({ context, stack }: Target): Promise<Export> {
  const exported = await runCli(context, ["stack", "export", "--stack", stack]);
  if (exported.code !== 0) throw failureOf({ ...exported, log: emptyLog() });
  return JSON.parse(exported.stdout) as Export;
}

function saveExport({ places, stack }: Target, document: Export): string {
  mkdirSync(places.exports, { recursive: true, mode: 0o700 });
  const moment = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const file = path.join(places.exports, `${stack.replaceAll("/", "+")}-${moment}.json`);
  writeFileSync(file, JSON.stringify(document), { mode: 0o600 });
  return file;
}

async function importState({ context, stack, places }: Target, document: Export): Promise<void> {
  const file = runFile(places.runs, stack, ".json");
  writeFileSync(file, JSON.stringify(document), { mode: 0o600 });
  try {
    const imported = await runCli(context, ["stack", "import", "--stack", stack, "--file", file]);
    if (imported.code !== 0) throw failureOf({ ...imported, log: emptyLog() });
  } finally {
    rmSync(file, { force: true });
  }
}
