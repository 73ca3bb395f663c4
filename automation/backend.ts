/** What can be known of a stack without starting the engine: only self-managed backends in a folder answer here. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { project } from "./stack-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A resource as the state holds it. */
export interface StateResource {
  urn: string;
  type: string;
  custom?: boolean;
  id?: string;
  parent?: string;
  provider?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  [key: string]: unknown;
}

export interface PendingOperation {
  /** `creating`, `updating`, `deleting`, `reading`, `importing` */
  type: string;
  resource: StateResource;
}

/** The part of a checkpoint that we read. Source: sdk/go/common/apitype/core.go (DeploymentV3) of Pulumi 3.259. */
export interface StackState {
  resources?: StateResource[];
  pending_operations?: PendingOperation[];
  [key: string]: unknown;
}

/**
 * The backend's URL: from the environment, the project file, or the last `pulumi login`, as the CLI itself decides.
 *
 * @returns undefined where nobody has said
 * @example
 * backendUrl(process.env, repositoryRoot) // "s3://state?region=eu-west-1"
 */
export function backendUrl(env: Environment, root: string): string | undefined {
  if (env.PULUMI_BACKEND_URL) return env.PULUMI_BACKEND_URL;
  const projectFile = path.join(root, "Pulumi.yaml");
  const fromProject = existsSync(projectFile) && parse(readFileSync(projectFile, "utf8"))?.backend?.url;
  if (typeof fromProject === "string") return fromProject;
  const home = env.PULUMI_HOME || path.join(os.homedir(), ".pulumi");
  try {
    const current: unknown = JSON.parse(readFileSync(path.join(home, "credentials.json"), "utf8")).current;
    return typeof current === "string" && current !== "" ? current : undefined;
  } catch {
    return undefined;
  }
}

/** A backend in a folder of this machine. */
export interface FolderBackend {
  stateFile(stack: string): string;
  lockFolder(stack: string): string;
  historyFolder(stack: string): string;
}

/** @returns undefined for backends elsewhere */
export function folderBackend(url: string | undefined, root: string): FolderBackend | undefined {
  if (url === undefined || !url.startsWith("file://")) return undefined;
  const written = decodeURIComponent(url.slice("file://".length).split("?")[0] as string);
  const home = written === "~" || written.startsWith("~/") ? os.homedir() + written.slice(1) : written;
  const folder = path.join(path.resolve(root, home), ".pulumi");
  const short = (stack: string) => stack.split("/").at(-1) as string;
  return {
    stateFile: (stack) => path.join(folder, "stacks", project, `${short(stack)}.json`),
    historyFolder: (stack) => path.join(folder, "history", project, short(stack)),
    lockFolder: (stack) => path.join(folder, "locks", "organization", project, short(stack)),
  };
}

/** @returns undefined where the stack does not exist */
export function readFolderState(backend: FolderBackend, stack: string): StackState | undefined {
  const file = backend.stateFile(stack);
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")).checkpoint?.latest ?? {}) as StackState;
}

/** How the last operation on the stack ended: `succeeded`, `failed`; undefined where there was none. */
export function lastFolderUpdate(backend: FolderBackend, stack: string): string | undefined {
  const folder = backend.historyFolder(stack);
  if (!existsSync(folder)) return undefined;
  // Names hold the time in nanoseconds since 1970, with as many digits for centuries to come.
  const last = readdirSync(folder)
    .filter((name) => name.endsWith(".history.json"))
    .sort()
    .at(-1);
  return last && (JSON.parse(readFileSync(path.join(folder, last), "utf8")) as { result?: string }).result;
}

/** The stack's outputs as the last update left them; secrets are masked. */
export function outputsOf(state: StackState): Record<string, unknown> {
  const stack = state.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
  return maskSecrets(stack?.outputs ?? {});
}

/** The engine's mark of a special value in JSON: sdk/go/common/resource/sig (SecretSig). */
const signature = "4dabf18193072939515e22adb298388d";

/** Outputs in which a secret, encrypted or not, is the word `[secret]`. */
export function maskSecrets(outputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, maskValue(value)]));
}

function maskValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskValue);
  if (value === null || typeof value !== "object") return value;
  return signature in value ? "[secret]" : maskSecrets(value as Record<string, unknown>);
}
