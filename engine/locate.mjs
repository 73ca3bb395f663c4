// Finds a Pulumi CLI, or gets one: on PATH, cached by an earlier run, downloaded from the vendor, built from its Go module.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildEngine } from "./build.mjs";
import { downloadEngine } from "./download.mjs";
import { withLock } from "./lock.mjs";
import { findPathCli, putLanguageHost } from "./path-cli.mjs";
import { cacheFolder, engineVersion, findNode, findOnPath, isExecutable, PLATFORM, ROOT } from "./places.mjs";
import { say } from "./progress.mjs";

/** None of the ways worked. The message says, for each, why not, and what to do. */
export class NoEngineError extends Error {}

/**
 * What a process needs to use the engine. Takes milliseconds when the CLI is there; else it is got, with progress on stderr.
 *
 * @returns {Promise<{ pulumi: string, path: string, node: string }>} `pulumi`: path of the CLI; `path`: value for PATH; `node`: the Node that
 *   runs programs
 * @throws NoEngineError
 */
export async function engineEnvironment() {
  const pulumi = await locate();
  const node = findNode() ?? process.execPath;
  // First the CLI's folder, so that its own language host wins over ours.
  const first = [path.dirname(pulumi), path.dirname(node), path.join(ROOT, "engine", "bin")];
  const rest = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => folder && !first.includes(folder));
  return { pulumi, path: [...first, ...rest].join(path.delimiter), node };
}

async function locate() {
  const version = engineVersion();
  const cached = path.join(cacheFolder(), "engine", `v${version}-${PLATFORM}`, "pulumi");
  // With our own PATH in force, the one on PATH is the cached one: nothing to ask.
  if (findOnPath("pulumi") === cached) return cached;
  const onPath = await findPathCli(version);
  if (onPath.pulumi) return onPath.pulumi;
  if (isExecutable(cached)) return cached;
  const lock = path.join(cacheFolder(), "engine", `v${version}-${PLATFORM}.lock`);
  const wait = (pid) => say("waiting for process %d, which is getting the Pulumi CLI %s", pid, version);
  return withLock(lock, () => (isExecutable(cached) ? cached : get(version, cached, onPath.reason)), wait);
}

/** Gets the CLI into a draft folder, and gives that its name when it is complete. */
async function get(version, cached, pathReason) {
  const reasons = [["on PATH", pathReason]];
  const engines = path.dirname(path.dirname(cached));
  mkdirSync(engines, { recursive: true });
  // We hold the lock: a draft that is there was left by a process that died.
  for (const name of readdirSync(engines))
    if (name.startsWith("draft-")) rmSync(path.join(engines, name), { recursive: true });
  for (const [way, fill] of [
    ["download", downloadEngine],
    ["build", buildEngine],
  ]) {
    const draft = mkdtempSync(path.join(engines, "draft-"));
    try {
      await fill(version, draft);
      if (!isExecutable(path.join(draft, "pulumi"))) throw new Error("it holds no executable `pulumi`");
      putLanguageHost(draft);
      rmSync(path.dirname(cached), { recursive: true, force: true });
      renameSync(draft, path.dirname(cached));
      return cached;
    } catch (error) {
      reasons.push([way, error.message]);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  throw new NoEngineError(complaint(version, reasons));
}

function complaint(version, reasons) {
  const [major, minor] = version.split(".");
  return [
    "there is no Pulumi CLI, and none of the ways to get one worked:",
    ...reasons.map(([way, reason]) => `  ${way.padEnd(9)} ${reason.replaceAll("\n", "\n            ")}`),
    "Do one of these, and run the command again:",
    `  install the Pulumi CLI, ${major}.${minor} or a later ${major}.x: https://www.pulumi.com/docs/iac/download-install/`,
    "  install Go, 1.25.11 or later (https://go.dev/dl/): the CLI is then built, once, in about 3 minutes",
    "  set SLUICE_ENGINE_MIRROR to a folder (https://...) that holds the vendor's archive and SHA512SUMS",
  ].join("\n");
}

// `node engine/locate.mjs` gets the CLI and prints what was found.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  engineEnvironment().then(
    (environment) => process.stdout.write(`${JSON.stringify(environment)}\n`),
    (error) => {
      say(
        error instanceof NoEngineError ? "sluice: %s" : "%s",
        error instanceof NoEngineError ? error.message : error.stack,
      );
      process.exitCode = 1;
    },
  );
}
