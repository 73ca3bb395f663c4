import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { type Call, runInvoke } from "./context.ts";
import { type Diff, Lifecycle } from "./lifecycle.ts";
import type { Autonaming } from "./naming.ts";
import { fromStruct, secret, toStruct } from "./protocol.ts";
import { type CheckProblem, PartialError, type Properties, type ResourceType } from "./resource-type.ts";
import type { Session, Unary } from "./server.ts";

type About = Parameters<Unary>[1];

/** Methods about resources and functions. */
export function resourceMethods(session: Session): Record<string, Unary> {
  return {
    check: (request, about) => check(subject(session, request, about), request),
    diff: (request, about) => diff(subject(session, request, about), request),
    create: (request, about) => create(subject(session, request, about), request),
    read: (request, about) => read(subject(session, request, about), request),
    update: (request, about) => update(subject(session, request, about), request),
    delete: (request, about) => remove(subject(session, request, about), request),
    invoke: (request, about) => invoke(session, request, about),
  };
}

interface Subject {
  lifecycle: Lifecycle;
  type: ResourceType;
  call: Call;
}

/** @throws when the sandbox has no such type: nothing is accepted silently */
function subject(session: Session, request: { getUrn(): string }, { peer, signal }: About): Subject {
  const urn = request.getUrn();
  const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const type = session.provider.types[token];
  if (type === undefined)
    throw new Error(`the sandbox has no resource type ${token}; it has those that Sluice declares`);
  const config = session.connections.config(peer);
  return { lifecycle: new Lifecycle(session.cloud(), token, type), type, call: { urn, config, signal } };
}

async function check({ lifecycle, call }: Subject, request: provider.CheckRequest) {
  const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
  const { inputs, problems } = lifecycle.check(call, olds, news, request.getRandomseed_asU8(), autonamingOf(request));
  const response = new provider.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(failuresOf(problems));
  return response;
}

function autonamingOf(request: provider.CheckRequest): Autonaming | undefined {
  const options = request.getAutonaming();
  if (options === undefined) return undefined;
  const modes = ["propose", "enforce", "disable"] as const;
  return { mode: modes[options.getMode()] ?? "propose", proposed: options.getProposedName() };
}

async function diff({ lifecycle, call }: Subject, request: provider.DiffRequest) {
  const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
  return diffResponse(lifecycle.diff(call, olds, news, request.getIgnorechangesList()));
}

const { Kind } = provider.PropertyDiff;
const KINDS = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
} as const;

function diffResponse({ changes, replaces, deleteBeforeReplace }: Diff) {
  const response = new provider.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setDiffsList([...new Set(changes.map(({ path }) => path.split(/[.[]/, 1)[0] ?? path))]);
  response.setHasdetaileddiff(true);
  for (const { path, kind } of changes) {
    const detail = new provider.PropertyDiff();
    const replace = replaces.some((key) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`));
    detail.setKind(KINDS[kind][replace ? 1 : 0]);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

async function create({ lifecycle, type, call }: Subject, request: provider.CreateRequest) {
  const inputs = fromStruct(request.getProperties());
  const { id, state } = await hiding(type, () => lifecycle.create(call, inputs, request.getPreview()));
  const response = new provider.CreateResponse();
  response.setId(id);
  response.setProperties(toStruct(hidden(type, state)));
  return response;
}

async function read({ lifecycle, type, call }: Subject, request: provider.ReadRequest) {
  const [olds, inputs] = [fromStruct(request.getProperties()), fromStruct(request.getInputs())];
  const found = await lifecycle.read(call, request.getId(), olds, inputs);
  const response = new provider.ReadResponse();
  if (found === undefined) return response;
  response.setId(request.getId());
  response.setProperties(toStruct(hidden(type, found.state)));
  response.setInputs(toStruct(found.inputs));
  return response;
}

async function update({ lifecycle, type, call }: Subject, request: provider.UpdateRequest) {
  const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
  const options = { ignored: request.getIgnorechangesList(), preview: request.getPreview() };
  const state = await hiding(type, () => lifecycle.update(call, request.getId(), olds, news, options));
  const response = new provider.UpdateResponse();
  response.setProperties(toStruct(hidden(type, state)));
  return response;
}

async function remove({ lifecycle, call }: Subject, request: provider.DeleteRequest) {
  await lifecycle.delete(call, request.getId(), fromStruct(request.getProperties()));
  return new empty.Empty();
}

async function invoke(session: Session, request: provider.InvokeRequest, { peer, signal }: About) {
  const token = request.getTok();
  const found = session.provider.invokes[token];
  if (found === undefined) throw new Error(`the sandbox has no function ${token}; it has those that Sluice calls`);
  const call = { urn: "", config: session.connections.config(peer), signal };
  const args = fromStruct(request.getArgs());
  const { problems, result } = await runInvoke(session.cloud(), token, found, args, call);
  const response = new provider.InvokeResponse();
  response.setFailuresList(failuresOf(problems));
  if (result) response.setReturn(toStruct(result));
  return response;
}

/** Marks the outputs that the type calls secret. */
function hidden(type: ResourceType, state: Properties): Properties {
  const secrets = (type.secrets ?? []).filter((key) => state[key] !== undefined);
  return { ...state, ...Object.fromEntries(secrets.map((key) => [key, secret(state[key])])) };
}

/** The same for the state that a partial failure carries. */
async function hiding<R>(type: ResourceType, run: () => Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof PartialError) throw new PartialError(error.id, hidden(type, error.state), error.message);
    throw error;
  }
}

export function failuresOf(problems: readonly CheckProblem[]): provider.CheckFailure[] {
  return problems.map(({ property, reason }) => {
    const failure = new provider.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    return failure;
  });
}
