import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { handleControl } from "./control.ts";
import { GIT_PATH, handleGit } from "./git/server.ts";
import { createGithubHandler, GITHUB_PATH } from "./github-api/index.ts";
import { codeHash, type DaemonInfo, PORT_TAKEN, removeInfo, writeInfo } from "./info.ts";
import { PROVIDERS } from "./install-plugins.ts";
import { choosePorts, listenPatiently, type Ports } from "./ports.ts";
import { awsProvider } from "./providers/aws/index.ts";
import { githubProvider } from "./providers/github/index.ts";
import { kubernetesProvider } from "./providers/kubernetes/index.ts";
import { randomProvider } from "./providers/random/index.ts";
import { type Provider, type ProviderServer, startProvider } from "./providers/server.ts";
import { startTimeOf } from "./runtime/processes.ts";
import { Store } from "./store.ts";
import { packageVersion, sdkVersion } from "./versions.ts";
import { createAwsHandler } from "./wire/index.ts";
import { openWorld, type World } from "./world.ts";

const makers: Record<(typeof PROVIDERS)[number], (version: string) => Provider> = {
  aws: awsProvider,
  github: githubProvider,
  kubernetes: kubernetesProvider,
  random: randomProvider,
};

/** Folders beside the store that a reset empties. */
const DATA = ["blobs", "images", "tasks", "git"];

/** The process behind the sandbox: one for each home. */
export class Daemon {
  readonly home: string;
  readonly #store: Store;
  readonly #ports: Ports;
  #world: World;
  readonly #providers: ProviderServer[] = [];
  #api: Server | undefined;
  #stopping = false;
  readonly #end = Promise.withResolvers<void>();
  /** Requests wait for it: they never meet a world that is half gone. */
  #ready: Promise<void> = Promise.resolve();

  private constructor(home: string, store: Store, ports: Ports, world: World) {
    this.home = home;
    this.#store = store;
    this.#ports = ports;
    this.#world = world;
  }

  /** Opens the store and everything that listens; writes `daemon.json` last. */
  static async open(home: string): Promise<Daemon> {
    const store = new Store(join(home, "state.db"));
    const ports = await choosePorts(store);
    const world = await openWorld({ home, store, registryPort: ports.registry, log });
    const daemon = new Daemon(home, store, ports, world);
    await daemon.#listen();
    return daemon;
  }

  async #listen(): Promise<void> {
    const cloud = () => this.#world.cloud;
    for (const name of PROVIDERS) {
      const provider = makers[name](sdkVersion(name));
      this.#providers.push(await startProvider(cloud, provider, this.#ports[name]));
    }
    const server = createServer((request, response) => {
      void this.#ready.then(() => {
        if (request.url?.startsWith("/_sandbox/")) handleControl(this, request, response);
        else if (request.url?.startsWith(`${GITHUB_PATH}/`)) void createGithubHandler(cloud())(request, response);
        else if (request.url?.startsWith(`${GIT_PATH}/`)) handleGit(this.home, request, response);
        else void createAwsHandler(cloud())(request, response);
      });
    });
    await listenPatiently(server, this.#ports.api);
    this.#api = server;
    writeInfo(this.home, this.info());
  }

  info(): DaemonInfo {
    const { api, registry, ...providerPorts } = this.#ports;
    return {
      pid: process.pid,
      startTime: startTimeOf(process.pid) ?? "",
      apiPort: api,
      registryPort: registry,
      providerPorts,
      version: packageVersion(),
      code: CODE,
    };
  }

  get cloud() {
    return this.#world.cloud;
  }

  /** What runs and where it answers. */
  status(): Record<string, unknown> {
    const { account, region, registryHost, faults } = this.#world.cloud;
    const busy = this.#providers.reduce((sum, provider) => sum + provider.inFlight(), 0);
    return {
      ...this.info(),
      home: this.home,
      account,
      region,
      registryHost,
      busy,
      faults: faults.list(),
      ...this.#world.status(),
    };
  }

  /** Ends all tasks and forgets everything but the ports. */
  async reset(): Promise<void> {
    const work = this.#ready.then(async () => {
      for (const provider of this.#providers) provider.cancel("the sandbox is reset");
      await this.#world.close(true);
      this.#store.wipe();
      for (const folder of DATA) rmSync(join(this.home, folder), { recursive: true, force: true });
      this.#world = await openWorld({ home: this.home, store: this.#store, registryPort: this.#ports.registry, log });
    });
    this.#ready = work.catch((error: unknown) => log(`reset failed: ${error}`));
    await work;
  }

  /**
   * Ends everything; `stopped` resolves when it is done.
   *
   * @param final whether tasks end too; after a restart they are adopted
   */
  async stop(final: boolean): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    log(final ? "stopping" : "stopping; tasks live on");
    removeInfo(this.home);
    for (const provider of this.#providers) await provider.close();
    await this.#world.close(final);
    this.#api?.close();
    this.#api?.closeAllConnections();
    this.#store.close();
    this.#end.resolve();
  }

  /** Resolves when the daemon has stopped. */
  get stopped(): Promise<void> {
    return this.#end.promise;
  }
}

/** Hash of the code that this process loaded, taken before it can change on disk. */
const CODE = codeHash();

function log(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

/**
 * The right to be the daemon of this home, held until the process ends: a lock of the kernel, so a dead daemon holds none.
 *
 * @returns undefined when another daemon has it
 */
function takeLock(home: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(join(home, "lock.db"));
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch {
    lock.close();
    return undefined;
  }
}

async function main(): Promise<void> {
  const { home } = parseArgs({ options: { home: { type: "string" } } }).values;
  if (home === undefined) throw new Error("usage: node sandbox/daemon.ts --home <folder>");
  // What resources hold, secrets too, is the owner's alone.
  process.umask(0o077);
  mkdirSync(home, { recursive: true });
  const lock = takeLock(home);
  if (lock === undefined) {
    log(`another daemon serves ${home}`);
    return;
  }
  const daemon = await Daemon.open(home).catch((error: NodeJS.ErrnoException) => {
    // A daemon that serves half of it must not stay: it would hold the ports of the next.
    log(`cannot start: ${error.stack ?? error}`);
    process.exit(error.code === "EADDRINUSE" ? PORT_TAKEN : 1);
  });
  log(`ready: ${JSON.stringify(daemon.info())}`);
  // Whoever ends the daemon by hand wants no tasks left behind.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void daemon.stop(true));
  await daemon.stopped;
  lock.close();
  process.exit(0);
}

if (import.meta.main) {
  process.on("uncaughtException", (error) => log(`uncaught: ${error.stack ?? error}`));
  process.on("unhandledRejection", (error) => log(`unhandled: ${error instanceof Error ? error.stack : error}`));
  await main();
}
