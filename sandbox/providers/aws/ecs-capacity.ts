import type { CapacityProviderStrategyItem } from "@aws-sdk/client-ecs";
import { unlessGone } from "../gone.ts";
import type { CheckProblem, InputType, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html */
export const strategyItems: InputType = {
  set: {
    type: {
      object: {
        base: { type: "integer", min: 0, max: 100_000 },
        capacityProvider: { type: "string", required: true },
        weight: { type: "integer", min: 0, max: 1000 },
      },
    },
  },
};

interface CapacityInputs extends Properties {
  clusterName: string;
  capacityProviders?: string[];
  defaultCapacityProviderStrategies?: CapacityProviderStrategyItem[];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html; its id is the cluster's name. */
export const clusterCapacityProviders: ResourceType = {
  inputs: {
    capacityProviders: { type: { set: { type: "string" } }, maxLength: 20 },
    clusterName: { type: "string", required: true, replace: true },
    defaultCapacityProviderStrategies: {
      type: strategyItems,
      maxLength: 20,
    },
  },
  outputs: [],
  check: ({ defaultCapacityProviderStrategies }): CheckProblem[] => {
    const based = ((defaultCapacityProviderStrategies ?? []) as CapacityProviderStrategyItem[]).filter(
      (item) => (item.base ?? 0) > 0,
    );
    const reason = "only one of them may have a base";
    return based.length > 1 ? [{ property: "defaultCapacityProviderStrategies", reason }] : [];
  },
  async create(inputs, ctx) {
    const wanted = inputs as CapacityInputs;
    await put(wanted, ctx);
    return { id: wanted.clusterName, state: {} };
  },
  async read(id, _old, ctx) {
    const { clusters = [] } = await ctx.cloud.ecs.describeClusters({ clusters: [id] });
    const [one] = clusters;
    if (one?.status !== "ACTIVE") return undefined;
    return {
      clusterName: id,
      capacityProviders: one.capacityProviders,
      defaultCapacityProviderStrategies: one.defaultCapacityProviderStrategy,
    };
  },
  async update(_id, _olds, news, ctx) {
    await put(news as CapacityInputs, ctx);
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(put({ clusterName: id }, ctx), "ClusterNotFoundException");
  },
};

function put(
  { clusterName, capacityProviders, defaultCapacityProviderStrategies }: CapacityInputs,
  ctx: ProviderContext,
) {
  return ctx.cloud.ecs.putClusterCapacityProviders({
    cluster: clusterName,
    capacityProviders: capacityProviders ?? [],
    defaultCapacityProviderStrategy: defaultCapacityProviderStrategies ?? [],
  });
}
