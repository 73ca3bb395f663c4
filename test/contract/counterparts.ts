/**
 * The real things that contract tests hold the sandbox against: moto from PyPI, tools from Debian. Installed once into the
 * user's cache, pinned, and started on free ports.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";

const here = import.meta.dirname;
/** Long enough for Python to import moto on a busy machine with two cores. */
const startMs = 60_000;

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts moto's server on a free port of loopback. It ends with the process that started it.
 *
 * @throws Error with moto's own output, when it does not come up
 */
export async function startMoto(): Promise<Moto> {
  const python = await installPython("moto");
  const child = execa(python, [path.join(here, "moto", "serve.py"), "-H", "127.0.0.1", "-p", "0"], {
    stdin: "pipe",
    stderr: "pipe",
    stdout: "ignore",
    reject: false,
    // Answers of the account that the sandbox has, in which AWS's own policies are known.
    env: { MOTO_ACCOUNT_ID: "000000000000", MOTO_IAM_LOAD_MANAGED_POLICIES: "true", PYTHONUNBUFFERED: "1" },
  });
  const stop = async () => {
    child.kill();
    await child;
  };
  const lines: string[] = [];
  const timer = setTimeout(() => child.kill(), startMs);
  try {
    for await (const line of createInterface({ input: child.stderr })) {
      const endpoint = /Running on (http:\/\/\S+)/.exec(line)?.[1];
      if (endpoint !== undefined) {
        child.stderr.resume();
        return { endpoint, stop };
      }
      lines.push(line);
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error(`moto did not start within ${startMs / 1000} s:\n${lines.join("\n")}`);
}

/** The user's cache of ours, where Pulumi engines live too. */
function toolsFolder(): string {
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "sluice", "tools");
}

/**
 * Installs the locked packages into a virtual environment of their own and returns its Python. The folder is named after what is in it,
 * and appears whole or not at all, so that two runs may install at once.
 *
 * @param name - the folder beside this file whose `requirements.txt` says what
 */
export async function installPython(name: string): Promise<string> {
  const requirements = path.join(here, name, "requirements.txt");
  const about = await execa("python3", ["-c", "import sys; print(sys.version, sys.base_prefix)"]);
  const key = createHash("sha256")
    .update(about.stdout)
    .update(await readFile(requirements))
    .digest("hex")
    .slice(0, 16);
  const folder = path.join(toolsFolder(), `${name}-${key}`);
  const python = path.join("bin", "python");
  if (existsSync(path.join(folder, python))) return path.join(folder, python);

  await mkdir(toolsFolder(), { recursive: true });
  const building = await mkdtemp(path.join(toolsFolder(), `.${name}-`));
  try {
    await makeEnvironment(building);
    const options = [
      "--quiet",
      "--disable-pip-version-check",
      "--no-cache-dir",
      "--require-hashes",
      "--only-binary=:all:",
    ];
    await execa(path.join(building, python), ["-m", "pip", "install", ...options, "-r", requirements]);
    await rename(building, folder).catch((error: NodeJS.ErrnoException) => {
      // Another run was faster: its folder has the same in it.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return path.join(folder, python);
}

/** Debian's Python leaves out what makes environments; the package that has it is asked for then. */
async function makeEnvironment(folder: string): Promise<void> {
  const make = () => execa("python3", ["-m", "venv", "--clear", folder]);
  await make().catch(async (cause: unknown) => {
    const reason = await installPackage("python3-venv");
    if (reason !== undefined) throw new Error(`python3 -m venv does not work (${reason})`, { cause });
    await make();
  });
}

/**
 * The path of a tool that a test runs. Where it is missing it is installed from Debian's packages, if that is possible; else the
 * test fails in CI, and is skipped, with the reason, elsewhere.
 *
 * @param test - the running test or hook, to skip it
 * @param debianPackage - @default the name of the tool
 * @example const skopeo = await requireTool(this, "skopeo");
 */
export async function requireTool(test: Mocha.Context, tool: string, debianPackage = tool): Promise<string> {
  const reason = findTool(tool) === undefined ? await installPackage(debianPackage) : undefined;
  const found = findTool(tool);
  if (found !== undefined) return found;
  const message = `${tool} is not on PATH (${reason})`;
  if (process.env.CI === "true") throw new Error(message);
  console.warn(`      skipped: ${message}`);
  return test.skip();
}

function findTool(tool: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, tool)).find((file) => existsSync(file));
}

/** @returns why it could not be installed, or undefined when it was */
async function installPackage(name: string): Promise<string | undefined> {
  const apt = findTool("apt-get");
  if (apt === undefined) return "and there is no apt-get to install it with";
  if (process.getuid?.() !== 0) return `only root may install it: apt-get install ${name}`;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const install = () => execa(apt, ["install", "-y", "-qq", "--no-install-recommends", name], { env, reject: false });
  const first = await install();
  if (first.exitCode === 0) return undefined;
  // The lists of packages may be absent or old.
  await execa(apt, ["update", "-qq"], { env, reject: false });
  const second = await install();
  return second.exitCode === 0 ? undefined : `apt-get: ${String(second.stderr).trim().split("\n").at(-1)}`;
}
