// Started by the Pulumi engine as `pulumi-language-nodejs <engine address>`. Serves the gRPC service LanguageRuntime on a free
// loopback port, which it prints. It lives exactly as long as the engine: see `watchEngine`.
import { fstatSync } from "node:fs";
import * as grpc from "@grpc/grpc-js";
import languageRpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { Children } from "./host/children.ts";
import { languageRuntime } from "./host/service.ts";

/** The engine's own limit for one message: state and schemas can be large. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
const PARENT_POLL_MS = 500;

const children = new Children();
let ending = false;

/** Ends the children, then this process. Nothing that they were about to ask of the engine happens any more. */
function end(): void {
  if (ending) return;
  ending = true;
  void children.terminate().then(() => process.exit(0));
}

/** The engine may be killed with no chance to say so: then its end of our stdin closes, and our parent becomes another process. */
function watchEngine(): void {
  const gone = (): never => {
    children.kill();
    process.exit(1);
  };
  if (fstatSync(0).isFIFO() || fstatSync(0).isSocket()) {
    process.stdin.on("end", gone).on("error", gone).resume();
    process.stdin.unref?.();
  }
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && gone(), PARENT_POLL_MS).unref();
}

function engineAddress(): string {
  // The engine puts its address last, after flags for its own logging.
  return process.argv.slice(2).findLast((argument) => !argument.startsWith("-")) ?? "";
}

function serve(): void {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(languageRpc.LanguageRuntimeService, languageRuntime(engineAddress(), children));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`language host: cannot listen on 127.0.0.1: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
}

watchEngine();
// The engine ends its plugins with SIGINT to the process group, and SIGKILL after 5 s.
process.on("SIGINT", end);
process.on("SIGTERM", end);
serve();
