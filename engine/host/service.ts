import { createRequire } from "node:module";
import type * as grpc from "@grpc/grpc-js";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import type { Children } from "./children.ts";
import { installDependencies } from "./install.ts";
import { about, programDependencies, requiredPackages } from "./packages.ts";
import { runPlugin } from "./plugin.ts";
import { ProgramRunner } from "./program.ts";

/** gRPC status INTERNAL. */
const INTERNAL = 13;

/** All methods of the service; those that only code generators need answer UNIMPLEMENTED, as gRPC does for what is not there. */
export function languageRuntime(
  engineAddress: string,
  children: Children,
): Partial<ILanguageRuntimeServer> & grpc.UntypedServiceImplementation {
  const programs = new ProgramRunner(engineAddress, children);
  return {
    handshake: unary(() => new languagePb.LanguageHandshakeResponse()),
    getPluginInfo: unary(() => new pluginPb.PluginInfo().setVersion(sdkVersion())),
    getRequiredPackages: unary((request: languagePb.GetRequiredPackagesRequest) => {
      programs.prepare(request.getInfo());
      return requiredPackages(request.getInfo());
    }),
    getRequiredPlugins: unary(() => new languagePb.GetRequiredPluginsResponse()),
    run: (call, callback) => {
      const cancelled = new AbortController();
      call.on("cancelled", () => cancelled.abort());
      settle(programs.run(call.request, cancelled.signal), callback);
    },
    runPlugin: (call) => {
      runPlugin(call, children).catch((error: Error) => call.destroy(failure(error)));
    },
    about: unary((request: languagePb.AboutRequest) => about(request.getInfo())),
    getProgramDependencies: unary(programDependencies),
    installDependencies: (call) => {
      installDependencies(call).catch((error: Error) => call.destroy(failure(error)));
    },
    runtimeOptionsPrompts: unary(() => new languagePb.RuntimeOptionsResponse()),
    template: unary(() => new languagePb.TemplateResponse()),
    cancel: unary(() => {
      programs.interrupt();
      return new emptyPb.Empty();
    }),
  };
}

/** The language host has the version of the SDK whose protocol it speaks. */
function sdkVersion(): string {
  const manifest = createRequire(import.meta.url)("@pulumi/pulumi/package.json") as { version: string };
  return manifest.version;
}

function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) =>
    settle(
      Promise.resolve().then(() => answer(call.request)),
      callback,
    );
}

function settle<Response>(answer: Promise<Response>, callback: grpc.sendUnaryData<Response>): void {
  answer.then(
    (value) => callback(null, value),
    (error: Error) => callback(failure(error)),
  );
}

/** What a person reads in the engine's output: the message, without a stack. */
function failure(error: Error): Error & { code: grpc.status; details: string } {
  return Object.assign(error, { code: INTERNAL as grpc.status, details: error.message });
}
