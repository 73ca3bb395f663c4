import { isDeepStrictEqual } from "node:util";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { failuresOf } from "./methods-resource.ts";
import { fromStruct, toStruct } from "./protocol.ts";
import type { Session, Unary } from "./server.ts";

/** Methods about the provider itself: handshake, schema, configuration, cancelling. */
export function configMethods(session: Session): Record<string, Unary> {
  return {
    handshake: async () => {
      const response = new provider.ProviderHandshakeResponse();
      response.setSupportsAutonamingConfiguration(true);
      return response;
    },
    attach: async () => new empty.Empty(),
    getPluginInfo: async () => {
      const info = new pluginProto.PluginInfo();
      info.setVersion(session.provider.version);
      return info;
    },
    getSchema: async () => {
      const response = new provider.GetSchemaResponse();
      const { name, version, types } = session.provider;
      const resources = Object.fromEntries(Object.keys(types).map((token) => [token, {}]));
      response.setSchema(JSON.stringify({ name, version, resources }));
      return response;
    },
    checkConfig: (request: provider.CheckRequest) => checkConfig(session, request),
    diffConfig: (request: provider.DiffRequest) => diffConfig(session, request),
    configure: (request: provider.ConfigureRequest, { peer }) => configure(session, request, peer),
    cancel: async (_request, { peer }) => {
      session.connections.cancel(peer, "cancelled by the engine");
      return new empty.Empty();
    },
  };
}

async function checkConfig(session: Session, request: provider.CheckRequest) {
  const news = fromStruct(request.getNews());
  const response = new provider.CheckResponse();
  response.setInputs(toStruct(news));
  response.setFailuresList(failuresOf(session.provider.configure(news).problems));
  return response;
}

async function diffConfig({ provider: { replacing = [] } }: Session, request: provider.DiffRequest) {
  const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
  const news = fromStruct(request.getNews());
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => key !== "version");
  const changed = keys.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
  const response = new provider.DiffResponse();
  response.setChanges(
    changed.length > 0 ? provider.DiffResponse.DiffChanges.DIFF_SOME : provider.DiffResponse.DiffChanges.DIFF_NONE,
  );
  response.setDiffsList(changed);
  response.setReplacesList(changed.filter((key) => replacing.includes(key)));
  return response;
}

async function configure(session: Session, request: provider.ConfigureRequest, peer: string) {
  const { config, problems } = session.provider.configure(fromStruct(request.getArgs()));
  if (problems.length > 0) throw new Error(problems.map((one) => `${one.property}: ${one.reason}`).join("; "));
  session.connections.configure(peer, config);
  const response = new provider.ConfigureResponse();
  response.setSupportspreview(true);
  response.setSupportsAutonamingConfiguration(true);
  // The engine unwraps secrets for us, and marks outputs of the same name again (`annotateSecrets`), as with the real bridge.
  response.setAcceptsecrets(false);
  return response;
}
