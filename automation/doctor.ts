/** Looks at everything that a run needs, without changing any of it. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { backendUrl, folderBackend, readFolderState } from "./backend.ts";
import { commonEnvironment, locateEngine, policyPackOf } from "./engine-context.ts";
import { describeLock, readLocks } from "./locks.ts";
import { type Places, places, repositoryRoot, shown } from "./paths.ts";
import { daemonAddress } from "./sandbox-daemon.ts";
import { findRunSettings, readStackFile } from "./stack-file.ts";

export interface Finding {
  name: string;
  verdict: "ok" | "warn" | "fail";
  text: string;
  remedy?: string;
}

export interface DoctorArgs {
  stack: string;
  sandbox: boolean;
}

interface Patient extends DoctorArgs {
  places: Places;
  root: string;
}

type Checked = Omit<Finding, "name">;

const ok = (text: string): Checked => ({ verdict: "ok", text });
const warn = (text: string, remedy: string): Checked => ({ verdict: "warn", text, remedy });
const fail = (text: string, remedy: string): Checked => ({ verdict: "fail", text, remedy });

const checks: Readonly<Record<string, (patient: Patient) => Checked | Promise<Checked>>> = {
  node: checkNode,
  modules: checkModules,
  engine: checkEngine,
  "language host": checkLanguageHost,
  "policy pack": checkPolicyPack,
  plugins: checkPlugins,
  sandbox: checkSandbox,
  backend: checkBackend,
  "stack file": checkStackFile,
  lock: checkLock,
  interrupted: checkPending,
  git: checkGit,
  docker: checkDocker,
};

/**
 * @example
 * (await runChecks({ stack: "local", sandbox: true })).filter(({ verdict }) => verdict === "fail")
 */
export async function runChecks(args: DoctorArgs): Promise<Finding[]> {
  const patient: Patient = { ...args, places: places(), root: repositoryRoot };
  return Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return { name, ...(await check(patient)) };
      } catch (error) {
        const [first = "", ...rest] = (error as Error).message.split("\n");
        return { name, verdict: "fail" as const, text: first, remedy: rest.join("; ") || "see the message" };
      }
    }),
  );
}

function checkNode(): Checked {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  // Type stripping without a flag: Node 22.18. https://nodejs.org/api/typescript.html
  const able = major > 22 || (major === 22 && minor >= 18);
  return able ? ok(process.version) : fail(`${process.version} cannot run TypeScript`, "npm ci, which brings Node 24");
}

function checkModules({ root }: Patient): Checked {
  const [wanted, there] = ["package-lock.json", "node_modules/.package-lock.json"].map((name) => path.join(root, name));
  if (!existsSync(there as string)) return fail("node_modules is not there", "npm ci");
  const versions = (file: string) => {
    const { packages } = JSON.parse(readFileSync(file, "utf8")) as {
      packages: Record<string, { version?: string; optional?: boolean }>;
    };
    return new Map(
      Object.entries(packages)
        .filter(([name, { optional }]) => name !== "" && !optional)
        .map(([name, { version }]) => [name, version]),
    );
  };
  const installed = versions(there as string);
  const wrong = [...versions(wanted as string)].filter(([name, version]) => installed.get(name) !== version);
  return wrong.length === 0
    ? ok("as package-lock.json says")
    : fail(`${wrong.length} packages differ from package-lock.json`, "npm ci");
}

async function checkEngine(): Promise<Checked> {
  const engine = await locateEngine();
  const env = { ...process.env, ...commonEnvironment(engine) };
  const { stdout } = await execa(engine.pulumi, ["version"], { env, extendEnv: false });
  return ok(`Pulumi ${stdout.trim()} at ${shown(engine.pulumi)}`);
}

async function checkLanguageHost(): Promise<Checked> {
  const { path: search } = await locateEngine();
  const folder = search.split(path.delimiter).find((one) => existsSync(path.join(one, "pulumi-language-nodejs")));
  if (folder === undefined)
    return fail("pulumi-language-nodejs is not on the engine's PATH", "run the command from a whole checkout");
  return ok(shown(path.join(folder, "pulumi-language-nodejs")));
}

function checkPolicyPack({ root }: Patient): Checked {
  const pack = policyPackOf(root);
  return pack === undefined ? fail("there is none: nothing is judged", "restore policy/") : ok(shown(pack.folder));
}

async function checkPlugins({ sandbox, places: { pulumiHome } }: Patient): Promise<Checked> {
  if (!sandbox) return ok("the engine brings the real ones when it needs them");
  const { PROVIDERS } = await import("../sandbox/install-plugins.ts");
  const { sdkVersion } = await import("../sandbox/versions.ts");
  const missing = PROVIDERS.filter(
    (name) => !existsSync(path.join(pulumiHome, "plugins", `resource-${name}-v${sdkVersion(name)}`)),
  );
  return missing.length === 0
    ? ok(PROVIDERS.join(", "))
    : warn(`not installed yet: ${missing.join(", ")}`, "sluice sandbox start");
}

function checkSandbox({ sandbox, places: here }: Patient): Checked {
  const daemon = daemonAddress(here);
  if (daemon !== undefined) return ok(`process ${daemon.pid}, http://127.0.0.1:${daemon.apiPort}`);
  return sandbox
    ? warn("it does not run; every command that needs it starts it", "sluice sandbox start")
    : ok("not needed for this stack");
}

function backendOf({ sandbox, places: here, root }: Patient): string | undefined {
  return sandbox ? `file://${here.backend}` : backendUrl(process.env, root);
}

function checkBackend(patient: Patient): Checked {
  const url = backendOf(patient);
  if (url === undefined) return fail("nobody is signed in to a backend", "pulumi login s3://BUCKET, or give --sandbox");
  return ok(url.replace(/\/\/[^@/]*@/, "//***@"));
}

function checkStackFile({ root, stack }: Patient): Checked {
  const file = readStackFile(root, stack);
  const findings = findRunSettings(file);
  if (findings.length === 0) return ok(path.basename(file.file));
  return fail(
    `${path.basename(file.file)} names a release: ${findings.map(({ field }) => field).join(", ")}`,
    "remove it; tags are given per run",
  );
}

function checkLock(patient: Patient): Checked {
  const folder = folderBackend(backendOf(patient), patient.root)?.lockFolder(patient.stack);
  if (folder === undefined) return ok("cannot be seen from here in this backend");
  const locks = readLocks(folder);
  if (locks.length === 0) return ok("free");
  const words = locks.map(describeLock).join(" and ");
  if (locks.every(({ dead }) => dead)) return warn(`left by a dead process: ${words}`, "the next sluice up breaks it");
  return warn(`held by ${words}`, "wait for it");
}

function checkPending(patient: Patient): Checked {
  const folder = folderBackend(backendOf(patient), patient.root);
  const state = folder && readFolderState(folder, patient.stack);
  const count = state?.pending_operations?.length ?? 0;
  if (count === 0) return ok(state === undefined ? "nothing is known of an earlier update" : "no");
  return warn(`${count} operations of an earlier update may or may not have happened`, "the next sluice up finds out");
}

async function checkGit({ root }: Patient): Promise<Checked> {
  const { exitCode } = await execa("git", ["rev-parse", "--verify", "--quiet", "HEAD"], { cwd: root, reject: false });
  if (exitCode === undefined) return warn("git is not installed", "install git");
  return exitCode === 0 ? ok("a checkout") : warn("this is no git checkout", "git clone, instead of a copy");
}

async function checkDocker(): Promise<Checked> {
  const { exitCode } = await execa("docker", ["info", "--format", "{{.ServerVersion}}"], {
    reject: false,
    timeout: 5000,
  });
  return exitCode === 0 ? ok("a daemon answers") : ok("none answers; images are assembled without it");
}
