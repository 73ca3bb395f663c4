import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { RunPluginRequest } from "@pulumi/pulumi/proto/language_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import { type Children, perform, stop } from "./children.ts";
import { runtimeOptions } from "./options.ts";
import { sdkModule } from "./program.ts";

/** The engine's name for a policy pack. */
const ANALYZER = "analyzer";

/**
 * Starts a policy pack (or another plugin written for Node), and passes its output on until it ends or the engine hangs up.
 *
 * @throws Error when the SDK is not installed where the plugin is
 */
export async function runPlugin(
  call: ServerWritableStream<RunPluginRequest, languagePb.RunPluginResponse>,
  children: Children,
): Promise<void> {
  const request = call.request;
  const info = request.getInfo();
  if (!info) throw new Error("the engine sent no program info; it is older than the language host understands");
  const directory = info.getProgramDirectory();
  const analyzer = request.getKind() === ANALYZER;
  const { typescript, tsconfig, nodeArgs } = runtimeOptions(info);
  const env: NodeJS.ProcessEnv = environment(request.getEnvList());
  if (typescript) env.PULUMI_NODEJS_TYPESCRIPT = "true";
  if (tsconfig !== undefined) env.PULUMI_NODEJS_TSCONFIG_PATH = tsconfig;

  const child = children.start({ nodeArgs, env, piped: true });
  call.on("cancelled", () => void stop(child, "SIGTERM"));
  child.stdout?.on("data", (chunk: Buffer) => call.write(new languagePb.RunPluginResponse().setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => call.write(new languagePb.RunPluginResponse().setStderr(chunk)));

  const args = request.getArgsList();
  const ending = await perform(child, {
    run: analyzer ? packRunner(directory) : sdkModule("cmd/run-plugin", directory),
    // A policy pack takes its folder last, every other plugin first; and has always run in its own folder.
    args: analyzer ? [...args, directory] : [directory, ...args],
    cwd: analyzer ? directory : request.getPwd() || directory,
    env: {},
  });
  if (ending.failure) throw new Error(`cannot start Node for ${directory}: ${ending.failure.message}`);
  call.write(new languagePb.RunPluginResponse().setExitcode(ending.code ?? 1));
  call.end();
}

/**
 * The SDK's own runner loads the TypeScript compiler for every pack, needed or not. A pack whose package.json names a `.js` file or
 * an ES module needs no compiler: Node strips types itself.
 */
function packRunner(directory: string): string {
  const ownRunner = fileURLToPath(new URL("./pack-start.cjs", import.meta.url));
  try {
    const manifest = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as { main?: string };
    if (/\.[cm]?js$/.test(manifest.main ?? "")) return ownRunner;
  } catch {
    // No readable package.json: the SDK's runner says so.
  }
  return sdkModule("cmd/run-policy-pack", directory);
}

function environment(list: string[]): Record<string, string> {
  // Later entries win, as they do for the engine itself.
  return Object.fromEntries(
    list.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
}
