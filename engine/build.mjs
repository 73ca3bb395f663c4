// The CLI built from its Go module, pinned with all that it needs by engine/cli/go.sum. Go may write into our cache only.
import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { atLeast, cacheFolder, findOnPath, parseVersion, ROOT } from "./places.mjs";
import { startStep } from "./progress.mjs";
import { runHelper } from "./subprocess.mjs";

/** What engine/cli/go.mod asks for. */
const LEAST_GO = [1, 25, 11];
const MAIN = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
/** For the progress line: how many modules are downloaded and packages compiled, measured. */
const MODULES = 274;
const PACKAGES = 1680;

/** Settings of the user's Go that say how to reach modules; all others are left out, so that every build is the same. */
const NETWORK = ["GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE", "GONOPROXY", "GOINSECURE", "GOAUTH", "GOVCS"];

/** The user's configuration file of Go is read, but nothing is written beside it. */
async function inspectGo(go, scratch) {
  const config = process.env.XDG_CONFIG_HOME || path.join(process.env.HOME || scratch, ".config");
  const env = { ...process.env, GOENV: process.env.GOENV ?? path.join(config, "go", "env"), GOTOOLCHAIN: "local" };
  Object.assign(env, { XDG_CONFIG_HOME: path.join(scratch, "config"), GOPATH: path.join(scratch, "path") });
  const { stdout } = await promisify(execFile)(go, ["env", "-json", "GOVERSION", ...NETWORK], { env, cwd: scratch });
  const { GOVERSION, ...network } = JSON.parse(stdout);
  return { version: GOVERSION, network: Object.fromEntries(Object.entries(network).filter(([, value]) => value)) };
}

function buildEnvironment(scratch, network) {
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

/** Go says what it downloads, and with -v what it compiles. */
function progressReader(step) {
  const counts = { modules: 0, packages: 0 };
  return (line) => {
    const module = line.startsWith("go: downloading ");
    const isPackage = !module && /^[\w.-]+(\/[\w.~-]+)*$/.test(line);
    if (module) counts.modules++;
    if (isPackage) counts.packages++;
    step.detail =
      counts.packages > 0
        ? `${counts.packages} of about ${PACKAGES} packages`
        : `${counts.modules} of about ${MODULES} modules downloaded`;
    return module || isPackage;
  };
}

/**
 * Builds `pulumi` into `folder`. Go's caches are removed afterwards; after a failure they stay, so that the next try goes on from there.
 *
 * @throws Error that says why not: no Go, too old, or what Go complained about
 */
export async function buildEngine(version, folder) {
  const go = findOnPath("go");
  const least = LEAST_GO.join(".");
  if (!go) throw new Error(`no \`go\` on PATH (${least} or later is needed)`);
  const scratch = path.join(cacheFolder(), "go");
  for (const name of ["tmp", "config", "path"]) mkdirSync(path.join(scratch, name), { recursive: true });
  const found = await inspectGo(go, scratch);
  if (!atLeast(parseVersion(found.version) ?? [0, 0, 0], LEAST_GO)) {
    throw new Error(`${go} is ${found.version}, and ${least} or later is needed`);
  }
  const stamp = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
  const flags = [
    "-v",
    "-trimpath",
    "-buildvcs=false",
    "-mod=readonly",
    "-ldflags",
    stamp,
    "-o",
    path.join(folder, "pulumi"),
  ];
  const step = startStep(`building the Pulumi CLI ${version} with ${found.version}, about 3 minutes, once per machine`);
  try {
    const options = { cwd: path.join(ROOT, "engine", "cli"), env: buildEnvironment(scratch, found.network) };
    await runHelper(go, ["build", ...flags, MAIN], options, progressReader(step));
  } catch (error) {
    step.end();
    throw error;
  }
  rmSync(scratch, { recursive: true, force: true });
  step.end(`built the Pulumi CLI ${version}`);
}
