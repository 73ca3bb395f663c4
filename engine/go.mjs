// Builds with the user's Go, which may write into our cache only, and which nothing but the committed go.mod and go.sum decides.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { atLeast, findOnPath, parseVersion } from "./places.mjs";
import { runHelper } from "./subprocess.mjs";

/** What engine/cli/go.mod asks for. */
const LEAST_GO = [1, 25, 11];

/** Settings of the user's Go that say how to reach modules; all others are left out, so that every build is the same. */
const NETWORK = ["GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GONOPROXY", "GOINSECURE", "GOAUTH", "GOVCS"];

/**
 * The user's Go, looked at without writing anything beside its configuration.
 *
 * @param {string} scratch folder for all that Go writes; what is in it makes later builds faster
 * @throws Error without Go, or where it is too old
 */
export async function findGo(scratch) {
  const go = findOnPath("go");
  const least = LEAST_GO.join(".");
  if (!go) throw new Error(`no \`go\` on PATH (${least} or later is needed)`);
  for (const name of ["tmp", "config", "path"]) mkdirSync(path.join(scratch, name), { recursive: true });
  const config = process.env.XDG_CONFIG_HOME || path.join(process.env.HOME || scratch, ".config");
  const env = { ...process.env, GOENV: process.env.GOENV ?? path.join(config, "go", "env"), GOTOOLCHAIN: "local" };
  Object.assign(env, { XDG_CONFIG_HOME: path.join(scratch, "config"), GOPATH: path.join(scratch, "path") });
  const { stdout } = await promisify(execFile)(go, ["env", "-json", "GOVERSION", ...NETWORK], { env, cwd: scratch });
  const { GOVERSION: version, ...settings } = JSON.parse(stdout);
  if (!atLeast(parseVersion(version) ?? [0, 0, 0], LEAST_GO)) {
    throw new Error(`${go} is ${version}, and ${least} or later is needed`);
  }
  const network = Object.fromEntries(Object.entries(settings).filter(([, value]) => value));
  return { go, version, scratch, network };
}

function buildEnvironment({ scratch, network }) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(GO|CGO)/.test(name)));
  return {
    ...env,
    ...network,
    GOENV: "off",
    GOWORK: "off",
    GOTOOLCHAIN: "local",
    GOFLAGS: "-modcacherw",
    CGO_ENABLED: "0",
    GOPATH: path.join(scratch, "path"),
    GOMODCACHE: path.join(scratch, "mod"),
    GOCACHE: path.join(scratch, "build"),
    GOTMPDIR: path.join(scratch, "tmp"),
    XDG_CONFIG_HOME: path.join(scratch, "config"),
  };
}

/**
 * Builds one command.
 *
 * @param {Awaited<ReturnType<typeof findGo>>} found
 * @param {{ folder: string, main: string, output: string, linkerFlags?: string, onLine: (line: string) => boolean }} what
 *   folder with go.mod and go.sum, which are not changed; package of the command; file to write; see `runHelper`
 * @throws Error with what Go complained about
 */
export async function goBuild(found, { folder, main, output, linkerFlags = "", onLine }) {
  const flags = ["-v", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", `-s -w ${linkerFlags}`.trim()];
  const options = { cwd: folder, env: buildEnvironment(found) };
  await runHelper(found.go, ["build", ...flags, "-o", output, main], options, onLine);
}
