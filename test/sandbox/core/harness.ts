import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { createCloud } from "../../../sandbox/cloud/create.ts";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import type { Properties } from "../../../sandbox/providers/resource-type.ts";
import { type Provider, type ProviderServer, startProvider } from "../../../sandbox/providers/server.ts";
import { Store } from "../../../sandbox/store.ts";

/** A cloud without servers, in a folder of its own. */
export function bareCloud(): { cloud: Cloud; store: Store; dispose: () => void } {
  const home = mkdtempSync(join(tmpdir(), "sluice-core-"));
  const store = new Store(join(home, "state.db"));
  const { outer } = createCloud({ home, store, registryHost: "127.0.0.1:5000" });
  const dispose = () => {
    store.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { cloud: outer, store, dispose };
}

export function serve(cloud: Cloud, definition: Provider): Promise<ProviderServer> {
  return startProvider(() => cloud, definition, 0);
}

type Message = { getInputs?(): struct.Struct; getProperties?(): struct.Struct };

/** Speaks to a provider as the engine does: one connection. */
export class Engine {
  // biome-ignore lint/suspicious/noExplicitAny: the generated client is untyped beyond its methods
  readonly #client: any;

  constructor(port: number) {
    const options = { "grpc.use_local_subchannel_pool": 1 };
    this.#client = new providerGrpc.ResourceProviderClient(
      `127.0.0.1:${port}`,
      grpc.credentials.createInsecure(),
      options,
    );
  }

  close(): void {
    this.#client.close();
  }

  call<T = Message>(method: string, request: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#client[method](request, (error: unknown, response: T) => (error ? reject(error) : resolve(response)));
    });
  }

  async configure(args: Properties = {}): Promise<this> {
    const request = new provider.ConfigureRequest();
    request.setArgs(toStruct(args));
    await this.call("configure", request);
    return this;
  }

  async check(urn: string, news: Properties, olds: Properties = {}) {
    const request = new provider.CheckRequest();
    request.setUrn(urn);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const response = await this.call<provider.CheckResponse>("check", request);
    const failures = response.getFailuresList().map((one) => `${one.getProperty()}: ${one.getReason()}`);
    return { inputs: plain(response.getInputs()), failures };
  }

  async diff(urn: string, olds: Properties, news: Properties, ignored: string[] = []) {
    const request = new provider.DiffRequest();
    request.setUrn(urn);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    request.setIgnorechangesList(ignored);
    const response = await this.call<provider.DiffResponse>("diff", request);
    const details = response.getDetaileddiffMap().toArray() as unknown as [string, unknown][];
    return {
      changes: response.getChanges() === provider.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
      paths: details.map(([path]) => path),
    };
  }

  /** @returns arguments whose change replaces the provider */
  async diffConfig(olds: Properties, news: Properties): Promise<string[]> {
    const request = new provider.DiffRequest();
    request.setOldInputs(toStruct(olds));
    request.setNews(toStruct(news));
    return (await this.call<provider.DiffResponse>("diffConfig", request)).getReplacesList();
  }

  async create(urn: string, inputs: Properties, preview = false) {
    const request = new provider.CreateRequest();
    request.setUrn(urn);
    request.setProperties(toStruct(inputs));
    request.setPreview(preview);
    const response = await this.call<provider.CreateResponse>("create", request);
    return { id: response.getId(), state: plain(response.getProperties()) };
  }

  async read(urn: string, id: string, state: Properties = {}, inputs: Properties = {}) {
    const request = new provider.ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(toStruct(state));
    request.setInputs(toStruct(inputs));
    const response = await this.call<provider.ReadResponse>("read", request);
    return { id: response.getId(), state: plain(response.getProperties()), inputs: plain(response.getInputs()) };
  }

  async update(
    urn: string,
    id: string,
    olds: Properties,
    news: Properties,
    options: { ignored?: string[]; preview?: boolean } = {},
  ) {
    const request = new provider.UpdateRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    request.setIgnorechangesList(options.ignored ?? []);
    request.setPreview(options.preview ?? false);
    return plain((await this.call<provider.UpdateResponse>("update", request)).getProperties());
  }

  async delete(urn: string, id: string, state: Properties): Promise<void> {
    const request = new provider.DeleteRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(toStruct(state));
    await this.call("delete", request);
  }

  async invoke(token: string, args: Properties) {
    const request = new provider.InvokeRequest();
    request.setTok(token);
    request.setArgs(toStruct(args));
    return plain((await this.call<provider.InvokeResponse>("invoke", request)).getReturn());
  }

  async cancel(): Promise<void> {
    await this.call("cancel", new empty.Empty());
  }
}

/** What a partial failure carries, or undefined when the error is another one. */
export function initFailure(error: unknown): { id: string; state: Properties; reasons: string[] } | undefined {
  const [bytes] = (error as grpc.ServiceError).metadata?.get("grpc-status-details-bin") ?? [];
  const [detail] = bytes ? status.Status.deserializeBinary(bytes as Buffer).getDetailsList() : [];
  const failed = detail?.unpack(
    provider.ErrorResourceInitFailed.deserializeBinary,
    "pulumirpc.ErrorResourceInitFailed",
  );
  return failed
    ? { id: failed.getId(), state: plain(failed.getProperties()), reasons: failed.getReasonsList() }
    : undefined;
}

export function urnOf(type: string, name: string): string {
  return `urn:pulumi:dev::core::${type}::${name}`;
}

function toStruct(value: Properties): struct.Struct {
  return struct.Struct.fromJavaScript(value as never);
}

function plain(message: struct.Struct | undefined): Properties {
  return (message?.toJavaScript() ?? {}) as Properties;
}

/** A wire to a server that can be cut, as the kernel cuts the connections of a process that is killed. */
export async function wire(port: number): Promise<{ port: number; cut: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, cut };
}
