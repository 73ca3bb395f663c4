import grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type { Cloud } from "../cloud/index.ts";
import { Connections } from "./connections.ts";
import type { ProviderConfig } from "./context.ts";
import { failure } from "./failure.ts";
import { configMethods } from "./methods-config.ts";
import { resourceMethods } from "./methods-resource.ts";
import type { CheckProblem, Invoke, Properties, ResourceType } from "./resource-type.ts";

/** One provider: its types, functions, and how its configuration is read. */
export interface Provider {
  /** As in `resource-<name>`. */
  name: string;
  /** Version of the SDK package that the program uses. */
  version: string;
  types: Readonly<Record<string, ResourceType>>;
  invokes: Readonly<Record<string, Invoke>>;
  /** Arguments whose change means another place: the engine then replaces all that the provider made. @default [] */
  replacing?: readonly string[];
  /** Reads the provider's own arguments. Structured ones arrive as JSON text. */
  configure(args: Properties): { config: ProviderConfig; problems: CheckProblem[] };
}

/** What the methods of the protocol work with. */
export interface Session {
  /** The cloud as it is now: a reset makes a new one. */
  cloud(): Cloud;
  provider: Provider;
  connections: Connections;
}

/** A call that takes one message and answers one. */
// biome-ignore lint/suspicious/noExplicitAny: the generated messages share no useful base type
export type Unary = (request: any, about: { peer: string; signal: AbortSignal }) => Promise<unknown>;

export interface ProviderServer {
  port: number;
  /** Number of calls that are being worked on. */
  inFlight(): number;
  /** Aborts them. */
  cancel(reason: string): void;
  /** Cancels what is in flight and ends the server. */
  close(): Promise<void>;
}

/**
 * Serves the protocol `pulumirpc.ResourceProvider` on 127.0.0.1.
 *
 * Every call is given a signal that is aborted when the caller's connection dies or the engine cancels, so that nothing
 * lands after the death of its update.
 *
 * @param port wanted; 0 for any
 * @throws when the port is taken
 */
export async function startProvider(cloud: () => Cloud, provider: Provider, port: number): Promise<ProviderServer> {
  const session: Session = { cloud, provider, connections: new Connections() };
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const methods = { ...configMethods(session), ...resourceMethods(session) };
  const handlers = Object.fromEntries(Object.entries(methods).map(([name, run]) => [name, handler(session, run)]));
  server.addService(
    providerGrpc.ResourceProviderService as unknown as grpc.ServiceDefinition,
    handlers as unknown as grpc.UntypedServiceImplementation,
  );
  const bound = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, got) => (error ? reject(error) : resolve(got)));
  });
  return {
    port: bound,
    inFlight: () => session.connections.inFlight(),
    cancel: (reason) => session.connections.cancelAll(reason),
    close: async () => {
      session.connections.cancelAll("the sandbox stops");
      server.forceShutdown();
    },
  };
}

type Callback = (error: unknown, response?: unknown) => void;

function handler(session: Session, run: Unary) {
  return (call: grpc.ServerUnaryCall<unknown, unknown>, callback: Callback) => {
    const peer = call.getPeer();
    const timeout = timeoutOf(call.request);
    const { signal, done } = session.connections.begin(peer, timeout);
    call.on("cancelled", () => done("the engine's connection ended"));
    Promise.resolve()
      .then(() => run(call.request, { peer, signal }))
      .then((response) => callback(null, response))
      .catch((error: unknown) => {
        session
          .cloud()
          .log(`${session.provider.name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
        callback(failure(error));
      })
      .finally(() => done());
  };
}

/** The program's `customTimeouts`, which the engine gives in seconds; undefined when it gives none. */
function timeoutOf(request: unknown): number | undefined {
  const seconds = (request as { getTimeout?: () => number }).getTimeout?.() ?? 0;
  return seconds > 0 ? seconds * 1000 : undefined;
}
