/**
 * The private copy of a stack file that one run works with. Tags and weights go into the copy, and whatever the engine
 * writes goes there too, so that a run, refused, previewed or killed, never changes a committed file.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isMap, type YAMLMap } from "yaml";
import { configurationError } from "./errors.ts";
import { isAlive } from "./process.ts";
import { configMap, project, projectSettings, readStackFile, refuseRunSettings, type StackFile } from "./stack-file.ts";

/** What a run asks of one service, or of all. At most one of the three is given. */
export interface ReleaseOverride {
  imageTag?: string;
  /** `weight` is in per cent. */
  candidate?: { imageTag: string; weight: number };
  /** The hash of a release that stands on the standby colour. */
  release?: string;
}

/** @default nothing is overridden: what runs keeps running */
export interface Overrides {
  /** For every service. */
  all?: ReleaseOverride;
  services?: Readonly<Record<string, ReleaseOverride>>;
}

export interface RunConfigArgs {
  stack: string;
  /** Folder of the committed stack files. */
  root: string;
  /** Folder for private copies. */
  runs: string;
  /** Whether secrets are the sandbox's: the file's own provider, key and salt are then left out. */
  sandbox: boolean;
  /** @default {} */
  overrides?: Overrides;
}

export interface RunConfig {
  /** The private copy. */
  file: string;
  /** The project's settings in the copy, overrides included, before the engine has seen them. */
  settings: Record<string, unknown>;
  /** `config` of other namespaces, such as `aws:region`. */
  setting(key: string): unknown;
  /** Values that were encrypted with another secrets provider and could not be taken over. */
  replacedSecrets: string[];
  remove(): void;
  [Symbol.dispose](): void;
}

let counter = 0;

/** A name that no other run has: one process numbers its own, and no two live processes share an id. */
export function runFile(runs: string, stack: string, suffix: string): string {
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  return path.join(runs, `${stack.replaceAll("/", "+")}-${process.pid}-${counter++}${suffix}`);
}

/**
 * @throws SluiceError (2) where the committed file is missing, malformed, or names releases, or an override names a
 *   service that the stack does not have
 * @example
 * using config = createRunConfig({ stack: "local", root, runs, sandbox: true, overrides: { all: { imageTag: "v1.1.0" } } });
 */
export function createRunConfig(args: RunConfigArgs): RunConfig {
  const { stack, root, runs, sandbox, overrides = {} } = args;
  const stackFile = readStackFile(root, stack);
  refuseRunSettings(stackFile, stack);
  const replacedSecrets = sandbox ? leaveSecretsProviderOut(stackFile) : [];
  applyOverrides(stackFile, overrides, stack);
  sweepRuns(runs);
  const file = runFile(runs, stack, ".yaml");
  writeFileSync(file, stackFile.document.toString(), { mode: 0o600, flag: "wx" });
  const remove = () => rmSync(file, { force: true });
  return {
    file,
    settings: projectSettings(stackFile),
    setting: (key) => configMap(stackFile)?.get(key),
    replacedSecrets,
    remove,
    [Symbol.dispose]: remove,
  };
}

/** The engine finds the sandbox's own secrets provider in the state (PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER). */
function leaveSecretsProviderOut(stackFile: StackFile): string[] {
  for (const key of ["secretsprovider", "encryptedkey", "encryptionsalt"]) stackFile.document.delete(key);
  const replaced: string[] = [];
  const walk = (map: YAMLMap, prefix: string) => {
    for (const pair of map.items) {
      const name = prefix + String(pair.key);
      if (!isMap(pair.value)) continue;
      if (!pair.value.has("secure") || pair.value.items.length !== 1) walk(pair.value, `${name}.`);
      else {
        pair.value = stackFile.document.createNode("sandbox");
        replaced.push(name);
      }
    }
  };
  const config = configMap(stackFile);
  if (config !== undefined) walk(config, "");
  return replaced;
}

function applyOverrides(stackFile: StackFile, overrides: Overrides, stack: string): void {
  const { document } = stackFile;
  const { all = {}, services = {} } = overrides;
  const declared = Object.keys((projectSettings(stackFile).services ?? {}) as object);
  const unknown = Object.keys(services).filter((name) => !declared.includes(name));
  if (unknown.length > 0) {
    throw configurationError(`stack ${stack} has no service ${unknown.join(", ")}`, {
      remedy: `name one of: ${declared.join(", ") || "(the stack declares none)"}`,
    });
  }
  spreadServices(stackFile);
  if (all.imageTag !== undefined) document.setIn(["config", `${project}:imageTag`], all.imageTag);
  const { imageTag: _, ...forEach } = all;
  for (const name of declared) {
    const override = { ...forEach, ...services[name] };
    for (const [key, value] of Object.entries(override)) {
      document.setIn(["config", `${project}:releases`, name, key], document.createNode(value));
    }
  }
}

/** A service without settings is null in YAML, and the CLI may have written all of them as JSON text: both become maps. */
function spreadServices(stackFile: StackFile): void {
  const { document } = stackFile;
  const key = servicesKey(stackFile);
  const services = projectSettings(stackFile).services;
  if (services === undefined || services === null) return;
  if (!isMap(document.getIn(["config", key]))) document.setIn(["config", key], document.createNode(services));
  for (const name of Object.keys(services)) {
    if (document.getIn(["config", key, name]) === null) document.setIn(["config", key, name], document.createNode({}));
  }
}

/** The key under which the file has its services: with the namespace, or bare. */
function servicesKey(stackFile: StackFile): string {
  return configMap(stackFile)?.has("services") ? "services" : `${project}:services`;
}

/** Removes what dead runs left behind. Files of live processes stay, whoever they belong to. */
export function sweepRuns(runs: string): void {
  let names: string[];
  try {
    names = readdirSync(runs);
  } catch {
    return;
  }
  for (const name of names) {
    const pid = /-(\d+)-\d+\.[a-z]+$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(path.join(runs, name), { force: true });
  }
}
