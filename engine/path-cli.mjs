// A Pulumi CLI that the user already has on PATH.
import { execFile } from "node:child_process";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { atLeast, cacheFolder, findOnPath, parseVersion } from "./places.mjs";

const LANGUAGE_HOST = "pulumi-language-nodejs";
const VERSION_TIMEOUT_MS = 10_000;
const KEPT_ANSWERS = 8;

const answersFile = () => path.join(cacheFolder(), "engine", "on-path.json");

function readAnswers() {
  try {
    return JSON.parse(readFileSync(answersFile(), "utf8"));
  } catch {
    return {};
  }
}

function remember(key, answer) {
  const draft = `${answersFile()}.${process.pid}`;
  mkdirSync(path.dirname(draft), { recursive: true });
  const latest = Object.entries(readAnswers()).slice(1 - KEPT_ANSWERS);
  writeFileSync(draft, JSON.stringify({ ...Object.fromEntries(latest), [key]: answer }));
  renameSync(draft, answersFile());
}

/** Asks once; a file that has not changed since gives the same answer. */
async function versionOf(file) {
  const { mtimeMs, size } = statSync(file);
  const key = `${file}:${mtimeMs}:${size}`;
  const known = readAnswers()[key];
  if (known !== undefined) return known;
  // A PULUMI_HOME of our own: asking must not create or update anything in the user's.
  const env = {
    ...process.env,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_HOME: path.join(cacheFolder(), "engine", "home"),
  };
  let answer = "";
  try {
    const { stdout } = await promisify(execFile)(file, ["version"], { env, timeout: VERSION_TIMEOUT_MS });
    answer = stdout.trim();
  } catch {
    // Not a CLI that works; the empty answer is remembered too.
  }
  remember(key, answer);
  return answer;
}

/**
 * @param {string} version the one that Sluice is made for
 * @returns {Promise<{ pulumi?: string, reason?: string }>} the CLI, or why there is none
 */
export async function findPathCli(version) {
  const found = findOnPath("pulumi");
  if (!found) return { reason: "no `pulumi` on PATH" };
  const answer = await versionOf(found);
  const [major, minor] = parseVersion(version);
  const needed = `${major}.${minor} or a later ${major}.x is needed`;
  const actual = parseVersion(answer);
  if (!actual) return { reason: `${found} does not answer \`pulumi version\`; ${needed}` };
  if (actual[0] !== major || !atLeast(actual, [major, minor, 0])) return { reason: `${found} is ${answer}; ${needed}` };
  return { pulumi: hasLanguageHost(found) ? found : adopt(found) };
}

function hasLanguageHost(pulumi) {
  return (
    existsSync(path.join(path.dirname(realpathSync(pulumi)), LANGUAGE_HOST)) || findOnPath(LANGUAGE_HOST) !== undefined
  );
}

/**
 * The engine takes a language host without a warning only from the folder of its own executable. So a CLI that has none gets a
 * second name in our cache, with our host beside it. A script cannot be moved away from what it starts: it stays where it is.
 */
function adopt(pulumi) {
  const real = realpathSync(pulumi);
  if (isScript(real)) return pulumi;
  const { mtimeMs, size } = statSync(real);
  const folder = path.join(cacheFolder(), "engine", `on-path-${size.toString(36)}-${Math.round(mtimeMs).toString(36)}`);
  const adopted = path.join(folder, "pulumi");
  if (existsSync(adopted)) return adopted;
  mkdirSync(folder, { recursive: true });
  putLanguageHost(folder);
  const draft = `${adopted}.${process.pid}`;
  try {
    linkSync(real, draft);
  } catch {
    copyFileSync(real, draft, constants.COPYFILE_FICLONE);
  }
  renameSync(draft, adopted);
  return adopted;
}

function isScript(file) {
  const start = Buffer.alloc(2);
  const fd = openSync(file, "r");
  readSync(fd, start, 0, 2, 0);
  closeSync(fd);
  return start.toString() === "#!";
}

/** Finds the host of the clone that is in use, since clones share the cache: by PATH, else by the folder of the program. */
const HOST_SCRIPT = `#!/bin/sh
command -v sluice-language-host >/dev/null && exec sluice-language-host "$@"
at=$PWD
while [ -n "$at" ]; do
  [ -x "$at/engine/bin/${LANGUAGE_HOST}" ] && exec "$at/engine/bin/${LANGUAGE_HOST}" "$@"
  at=\${at%/*}
done
echo "no language host for Node: run pulumi as \\\`npm run pulumi -- ...\\\`, or after eval \\"\\$(npx sluice env)\\"" >&2
exit 1
`;

/** Puts our language host beside a CLI that came without one. */
export function putLanguageHost(folder) {
  const file = path.join(folder, LANGUAGE_HOST);
  if (existsSync(file)) return;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, HOST_SCRIPT, { mode: 0o755 });
  renameSync(draft, file);
}
