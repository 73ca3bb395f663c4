import type { Namespace } from "../../cloud/kubernetes.ts";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const GONE = "NotFound";
const words: InputSpec = { type: { map: { type: "string" } } };
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Names and values of labels: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const QUALIFIED = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

interface Metadata {
  name?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

function check({ metadata }: Properties): CheckProblem[] {
  const { name, labels = {} } = metadata as Metadata;
  const problems: CheckProblem[] = [];
  if (name !== undefined && !isUnknown(name) && !LABEL.test(name)) {
    problems.push({
      property: "metadata.name",
      reason: `Invalid value: "${name}": must be a lowercase RFC 1123 label`,
    });
  }
  for (const [key, value] of Object.entries(labels)) {
    if (QUALIFIED.test(key) && (isUnknown(value) || VALUE.test(value))) continue;
    problems.push({ property: `metadata.labels["${key}"]`, reason: `Invalid value: "${value}"` });
  }
  return problems;
}

const place = (ctx: ProviderContext, name: string) => ({ cluster: String(ctx.settings.cluster), name });

const stateOf = ({ cluster: _, labels, ...rest }: Namespace): Properties => {
  const { "kubernetes.io/metadata.name": __, ...own } = labels;
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { ...rest, labels: own },
    status: { phase: "Active" },
  };
};

/** Its id is its name: namespaces stand in no namespace. */
export const namespace: ResourceType = {
  inputs: {
    apiVersion: { type: "string", default: "v1", oneOf: ["v1"] },
    kind: { type: "string", default: "Namespace", oneOf: ["Namespace"] },
    metadata: {
      required: true,
      type: {
        object: { name: { type: "string", required: true, replace: true }, labels: words, annotations: words },
      },
    },
  },
  outputs: ["status"],
  deleteBeforeReplace: true,
  check,
  async create(inputs, ctx) {
    const { name = "", ...fields } = inputs.metadata as Metadata;
    const made = await ctx.cloud.kubernetes.createNamespace({ ...place(ctx, name), ...fields });
    return { id: name, state: stateOf(made) };
  },
  async read(id, _old, ctx) {
    const found = await unlessGone(ctx.cloud.kubernetes.getNamespace(place(ctx, id)), GONE);
    return found && stateOf(found);
  },
  async update(id, _olds, news, ctx) {
    const { name: _, ...fields } = news.metadata as Metadata;
    return stateOf(await ctx.cloud.kubernetes.updateNamespace({ ...place(ctx, id), ...fields }));
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.kubernetes.deleteNamespace(place(ctx, id)), GONE);
  },
};
