import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import type { ProgramInfo, RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import { type Children, type Ending, perform, stop } from "./children.ts";
import { runtimeOptions } from "./options.ts";

/** The SDK's exit code for "the user has been told already": the engine then adds nothing. */
const ALREADY_REPORTED = 32;

/** Finds a module of the SDK as the program would, so that program and runner share one copy. */
export function sdkModule(name: string, programDirectory: string): string {
  try {
    return createRequire(path.join(programDirectory, "noop.js")).resolve(`@pulumi/pulumi/${name}`);
  } catch {
    throw new Error(
      `@pulumi/pulumi is not installed in ${programDirectory}: run \`npm ci\` there, or \`pulumi install\``,
    );
  }
}

/** Runs programs. One process is started ahead of time, as soon as the engine has told which program it is about to run. */
export class ProgramRunner {
  readonly #engineAddress: string;
  readonly #children: Children;
  readonly #running = new Set<ChildProcess>();
  #ready: { directory: string; child: ChildProcess } | undefined;

  constructor(engineAddress: string, children: Children) {
    this.#engineAddress = engineAddress;
    this.#children = children;
  }

  /** Starts loading the SDK for a program that will probably be run next. */
  prepare(info: ProgramInfo | undefined): void {
    // With tracing on, the SDK must see the trace's environment before it loads anything.
    if (!info || this.#ready || process.env.TRACEPARENT || runtimeOptions(info).nodeArgs.length > 0) return;
    const directory = info.getProgramDirectory();
    try {
      const child = this.#children.start({ warm: sdkModule("index.js", directory) });
      this.#ready = { directory, child };
    } catch {
      // Run says what is missing.
    }
  }

  /** @param cancelled when the engine gives up this one run, its program gets a Ctrl-C */
  async run(request: RunRequest, cancelled: AbortSignal): Promise<languagePb.RunResponse> {
    const info = request.getInfo();
    if (!info) throw new Error("the engine sent no program info; it is older than the language host understands");
    const directory = info.getProgramDirectory();
    const child = this.#take(directory) ?? this.#children.start({ nodeArgs: runtimeOptions(info).nodeArgs });
    this.#running.add(child);
    cancelled.addEventListener("abort", () => void stop(child, "SIGINT"), { once: true });
    const ending = await perform(child, {
      run: sdkModule("cmd/run", directory),
      args: programArguments(request, info, this.#engineAddress),
      cwd: request.getPwd() || directory,
      env: programEnvironment(request, info),
    });
    this.#running.delete(child);
    return response(ending);
  }

  /** The engine answers Ctrl-C with a call: every program is told as if the key had reached it. Packs are the engine's to end. */
  interrupt(): void {
    for (const child of this.#running) void stop(child, "SIGINT");
  }

  #take(directory: string): ChildProcess | undefined {
    const ready = this.#ready;
    this.#ready = undefined;
    if (!ready) return undefined;
    if (ready.directory === directory && ready.child.connected) return ready.child;
    ready.child.kill("SIGKILL");
    return undefined;
  }
}

function programArguments(request: RunRequest, info: ProgramInfo, engineAddress: string): string[] {
  const flags: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info.getRootDirectory(),
    stack: request.getStack(),
    pwd: info.getProgramDirectory(),
    parallel: String(request.getParallel()),
  };
  const given = Object.entries(flags).filter(([, value]) => value !== "");
  return [
    ...given.flatMap(([name, value]) => [`--${name}`, value]),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info.getEntryPoint(),
    ...request.getArgsList(),
  ];
}

function programEnvironment(request: RunRequest, info: ProgramInfo): Record<string, string> {
  const config: Record<string, string> = {};
  for (const [key, value] of request.getConfigMap().toArray()) config[longConfigKey(key)] = value;
  const { typescript, tsconfig } = runtimeOptions(info);
  return {
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
  };
}

/** The form that SDKs of every age read: `namespace:config:name`. */
function longConfigKey(key: string): string {
  const colon = key.indexOf(":");
  const rest = key.slice(colon + 1);
  return rest.startsWith("config:") ? key : `${key.slice(0, colon)}:config:${rest}`;
}

function response(ending: Ending): languagePb.RunResponse {
  const answer = new languagePb.RunResponse();
  if (ending.code === ALREADY_REPORTED) answer.setBail(true);
  else if (ending.code !== 0) answer.setError(describe(ending));
  return answer;
}

/** One line for a person: how the process ended. */
export function describe(ending: Ending): string {
  if (ending.failure) return `Problem executing program (could not start Node): ${ending.failure.message}`;
  if (ending.signal) return `Program was ended by ${ending.signal}`;
  return `Program exited with non-zero exit code: ${ending.code}`;
}
