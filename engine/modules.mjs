// Brings node_modules in line with package-lock.json.
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { withLock } from "./lock.mjs";
import { cacheFolder, findNode, findOnPath, PLATFORM, ROOT } from "./places.mjs";
import { say, startStep } from "./progress.mjs";
import { runHelper } from "./subprocess.mjs";

const MODULES = path.join(ROOT, "node_modules");
/** Says which lock file the folder was last found in line with. Inside it, so that it goes when the folder goes. */
const STAMP = path.join(MODULES, ".sluice-stamp");

/** npm ci could not do it. The message holds npm's last lines. */
export class InstallError extends Error {}

function wanted() {
  return createHash("sha256")
    .update(readFileSync(path.join(ROOT, "package-lock.json")))
    .update(PLATFORM)
    .digest("hex");
}

function stamped() {
  try {
    return readFileSync(STAMP, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Someone may have run `npm ci` or `npm install` by hand: npm leaves a list of what it installed, to be compared package by package.
 * Optional ones may be missing (they are for other platforms), extra ones may be there.
 */
function isInstalled() {
  try {
    const locked = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8")).packages;
    const installed = JSON.parse(readFileSync(path.join(MODULES, ".package-lock.json"), "utf8")).packages;
    return Object.entries(locked).every(([place, entry]) => {
      if (place === "") return true;
      const present = installed[place];
      return present
        ? present.version === entry.version && present.integrity === entry.integrity
        : entry.optional === true;
    });
  } catch {
    return false;
  }
}

function isInLine() {
  const sum = wanted();
  if (stamped() === sum && findNode()) return true;
  if (!isInstalled() || !findNode()) return false;
  finish(sum);
  return true;
}

/** `npx sluice` looks for the command here, but npm links only the commands of dependencies. */
function finish(sum) {
  const link = path.join(MODULES, ".bin", "sluice");
  mkdirSync(path.dirname(link), { recursive: true });
  if (!lstatSync(link, { throwIfNoEntry: false })) {
    try {
      symlinkSync("../../bin/sluice", link);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
  writeFileSync(STAMP, sum);
}

/** The npm that started us, else the one on PATH. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running && path.basename(running) === "npm-cli.js" && existsSync(running)) return [process.execPath, running];
  const npm = findOnPath("npm");
  if (!npm) throw new InstallError("no `npm` on PATH: install Node 20 or later with npm (https://nodejs.org/)");
  return [npm];
}

async function npmCi() {
  const total = Object.keys(JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8")).packages).length;
  const step = startStep("installing node_modules");
  let fetched = 0;
  const onLine = (line) => {
    const progress = /^npm http (fetch|cache)/.test(line);
    if (progress) step.detail = `${Math.min(++fetched, total)} of at most ${total} packages`;
    // npm warns of Node 20 for packages that only ever run on the pinned one.
    return progress || line.startsWith("npm warn");
  };
  // A cache of our own, in the one folder that we may write to: it makes the next clone fast.
  const cache = ["--cache", path.join(cacheFolder(), "npm"), "--logs-max=0", "--no-update-notifier"];
  const [command, ...first] = npmCommand();
  try {
    const args = [...first, "ci", "--no-audit", "--no-fund", "--loglevel=http", ...cache];
    await runHelper(command, args, { cwd: ROOT }, onLine);
  } catch (error) {
    step.end();
    throw new InstallError(`cannot install node_modules: ${error.message}`);
  }
  step.end("installed node_modules");
}

/**
 * Does nothing when node_modules is in line, in a few milliseconds. Two processes that start at once install once.
 *
 * @throws InstallError
 */
export async function ensureModules() {
  if (isInLine()) return;
  const wait = (pid) => say("waiting for process %d, which is installing node_modules", pid);
  await withLock(path.join(ROOT, ".sluice", "install.lock"), () => installUnlessDone(), wait);
}

async function installUnlessDone() {
  if (isInLine()) return;
  const sum = wanted();
  await npmCi();
  if (!findNode()) {
    throw new InstallError(`there is no Node for ${PLATFORM} in the lock file: run with Node 22.18 or later`);
  }
  finish(sum);
}
