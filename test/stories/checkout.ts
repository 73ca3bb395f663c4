/** A checkout of its own, with a sandbox of its own: what a user has after cloning, without the download. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { json } from "node:stream/consumers";
import { parse, stringify } from "yaml";
import { repositoryRoot } from "../../automation/paths.ts";
import { proveImage } from "../support/evidence.ts";

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcess;
  finished: Promise<Finished>;
}

/** A service as `sluice outputs --json` has it; only what the stories look at. */
export interface ServiceOutput {
  url: string;
  active: "blue" | "green" | null;
  standby: "blue" | "green" | null;
  weights: { blue: number; green: number };
  blue: { tag: string; digest: string; release: string; taskDefinition: string } | null;
  green: { tag: string; digest: string; release: string; taskDefinition: string } | null;
}

/** The part of a stack file that stories change. */
export interface StackConfig {
  "sluice:services": Record<string, { environment?: Record<string, string>; [setting: string]: unknown }>;
  "sluice:registry"?: { repositories: Record<string, object> };
  [key: string]: unknown;
}

export class Checkout {
  root = "";
  home = "";
  readonly #env: NodeJS.ProcessEnv;
  #base = "";

  constructor() {
    const { SLUICE_HOME: _, PULUMI_BACKEND_URL: __, ...env } = process.env;
    this.#env = { ...env, NO_COLOR: "1" };
  }

  /** Copies what git knows of the repository, as it is in the working tree now. */
  create(): void {
    this.root = mkdtempSync(path.join(os.tmpdir(), "sluice-story-"));
    this.home = path.join(this.root, ".sluice");
    const git = (...args: string[]) => execFileSync("git", args, { cwd: repositoryRoot, encoding: "utf8" });
    const files = git("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0").filter(Boolean);
    for (const file of files) {
      try {
        cpSync(path.join(repositoryRoot, file), path.join(this.root, file), { recursive: true });
      } catch (error) {
        // Removed in the working tree, still known to git.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    symlinkSync(path.join(repositoryRoot, "node_modules"), path.join(this.root, "node_modules"));
    this.git("init", "--quiet");
    this.git("add", "--all");
    this.commit();
    this.#base = this.git("rev-parse", "HEAD").trim();
  }

  git(...args: string[]): string {
    const identity = ["-c", "user.name=story", "-c", "user.email=story@example.com"];
    return execFileSync("git", [...identity, ...args], { cwd: this.root, encoding: "utf8" });
  }

  commit(): void {
    this.git("commit", "--quiet", "--all", "--message", "as it is");
  }

  /** Takes back all changes of configuration. */
  reset(): void {
    this.git("reset", "--quiet", "--hard", this.#base);
  }

  /** Starts `npx sluice`. */
  start(...args: string[]): Started {
    return this.run("sh", [path.join(this.root, "bin/sluice"), ...args]);
  }

  sluice(...args: string[]): Promise<Finished> {
    return this.start(...args).finished;
  }

  /** Like {@link sluice}, and it must succeed. */
  async done(...args: string[]): Promise<Finished> {
    const finished = await this.sluice(...args);
    if (finished.code !== 0)
      throw new Error(`sluice ${args.join(" ")} ended with ${finished.code}:\n${finished.stderr}`);
    return finished;
  }

  /** `npm run pulumi -- ...`, without npm. */
  pulumi(...args: string[]): Promise<Finished> {
    return this.run(process.execPath, [path.join(this.root, "engine/run.mjs"), "pulumi", ...args]).finished;
  }

  run(command: string, args: readonly string[]): Started {
    const child = spawn(command, args, { cwd: this.root, env: this.#env, stdio: ["ignore", "pipe", "pipe"] });
    const text = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
        text[stream] += chunk;
      });
    }
    const finished = new Promise<Finished>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code: code ?? (signal === "SIGKILL" ? 137 : 143), ...text }));
    });
    return { child, finished };
  }

  /** Changes a stack file, as a commit would. */
  configure(stack: string, change: (config: StackConfig) => void): void {
    const file = path.join(this.root, `Pulumi.${stack}.yaml`);
    const document = parse(readFileSync(file, "utf8")) as { config: StackConfig };
    change(document.config);
    writeFileSync(file, stringify(document));
    this.commit();
  }

  async service(name = "api", stack = "local"): Promise<ServiceOutput> {
    const { stdout } = await this.done("outputs", "--stack", stack, "--json");
    return JSON.parse(stdout).services[name];
  }

  /** Where a stack's balancer really listens for HTTPS, as its declared name resolves nowhere. */
  async address(stack: string): Promise<string> {
    const { stdout } = await this.done("sandbox", "status", "--json");
    const { balancers } = JSON.parse(stdout) as {
      balancers: { listener: string; address: string; declaredPort: number; port: number }[];
    };
    const found = balancers.find((one) => one.listener.includes(`/sluice-${stack}/`) && one.declaredPort === 443);
    if (found === undefined) throw new Error(`${stack} has no listener`);
    return `http://${found.address}:${found.port}`;
  }

  push(tag: string, repository = "api"): Promise<Finished> {
    return this.done("push", "examples/service", "--repository", repository, "--tag", tag, "--stack", "local");
  }

  /** Proves an image to the pack for a stack, by all that is demanded there, with the sandbox's own key. */
  prove(stack: string, digest: string, repository = "api"): Promise<string[]> {
    return proveImage({ home: this.home, root: this.root, stack, repository, digest });
  }

  daemon(): { pid: number; apiPort: number } {
    return JSON.parse(readFileSync(path.join(this.home, "sandbox/daemon.json"), "utf8"));
  }

  /** The tasks that really run, by the process table: pid to the version that its environment names. */
  tasks(): Map<number, string> {
    const found = new Map<number, string>();
    for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
      try {
        const variables = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
        if (!variables.some((one) => one.startsWith(`SLUICE_SANDBOX_TASK=${this.home}/sandbox|`))) continue;
        const version = variables.find((one) => one.startsWith("VERSION="))?.slice("VERSION=".length);
        if (version !== undefined) found.set(Number(name), version);
      } catch {
        // It ended while we looked.
      }
    }
    return found;
  }

  /** A variable in a process's environment. */
  variable(pid: number, name: string): string | undefined {
    const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return variables.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  }

  /** Processes of an engine that works on this checkout. */
  engines(): { pid: number; command: string }[] {
    return readdirSync("/proc").flatMap((name) => {
      try {
        if (!/^\d+$/.test(name)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        const environment = readFileSync(`/proc/${name}/environ`, "utf8");
        const ours = environment.includes(`PULUMI_BACKEND_URL=file://${this.home}/backend`);
        return ours && /pulumi|run-policy-pack/.test(command) ? [{ pid: Number(name), command }] : [];
      } catch {
        return [];
      }
    });
  }

  async remove(): Promise<void> {
    if (this.root === "") return;
    await this.sluice("sandbox", "stop");
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Waits for something that another process brings about. */
export async function until<T>(
  what: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 60,
): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; ; ) {
    const found = await what();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/**
 * What a service says of its version.
 *
 * @param host - where its rule is for one. @default the address's
 */
export async function versionAt(url: string, host?: string): Promise<string> {
  const headers = host === undefined ? {} : { host };
  const [response] = (await once(http.get(new URL("/version", url), { headers, agent: false }), "response")) as [
    http.IncomingMessage,
  ];
  return ((await json(response)) as { version: string }).version;
}
