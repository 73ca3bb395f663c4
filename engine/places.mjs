// Where things are. Runs on Node 20 with nothing installed, as everything in this folder that ends in .mjs.
import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository, however it was called. */
export const ROOT = path.resolve(fileURLToPath(import.meta.url), "../..");

const ARCHITECTURES = { x64: "x64", arm64: "arm64" };

/** `linux-x64` and so on, in the words of the vendor's file names. */
export const PLATFORM = `${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;

/** Type stripping without a flag came with this version. */
const LEAST_NODE = [22, 18, 0];

/** @example engineVersion() // "3.259.0": the SDK and the CLI have one version, pinned in package.json */
export function engineVersion() {
  return JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")).dependencies["@pulumi/pulumi"];
}

/** The only folder outside the repository that is written to. */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || path.join(process.env.HOME || homedir(), ".cache");
  return path.join(base, "sluice");
}

/**
 * The Node that runs Sluice: the locked one from node_modules, else the running one if it can run TypeScript.
 * @returns {string | undefined} undefined when there is none yet
 */
export function findNode() {
  const pinned = path.join(ROOT, "node_modules", `node-${PLATFORM}`, "bin", "node");
  if (existsSync(pinned)) return pinned;
  return atLeast(parseVersion(process.versions.node), LEAST_NODE) ? process.execPath : undefined;
}

/** @returns {number[] | undefined} [major, minor, patch]; undefined when there is no version in the text */
export function parseVersion(text) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] : undefined;
}

/** Compares as versions: 1.25.11 is later than 1.25.9. */
export function atLeast(version, least) {
  for (let i = 0; i < 3; i++) if (version[i] !== least[i]) return version[i] > least[i];
  return true;
}

/** @returns {string | undefined} the first executable file of that name in the folders of PATH */
export function findOnPath(name, pathValue = process.env.PATH ?? "") {
  const folders = pathValue.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
