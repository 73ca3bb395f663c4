import type { ClusterSetting } from "@aws-sdk/client-ecs";
import { CloudError } from "../../cloud/error.ts";
import { unlessGone } from "../gone.ts";
import type { InputSpec, Invoke, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

/** The real provider waits minutes for services and tasks to be gone; in milliseconds here. */
const DELETE_MS = 60_000;
const STILL_USED = ["ClusterContainsServicesException", "ClusterContainsTasksException"];
const text: InputSpec = { type: "string" };

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html */
export const cluster: ResourceType = {
  inputs: {
    name: {
      type: "string",
      computed: true,
      replace: true,
      minLength: 1,
      maxLength: 255,
      pattern: /^[A-Za-z0-9_-]+$/,
      patternHint: "may hold letters, digits, hyphens and underscores",
    },
    settings: {
      type: {
        set: {
          type: {
            object: {
              name: { type: "string", required: true, oneOf: ["containerInsights"] },
              value: { type: "string", required: true, oneOf: ["disabled", "enabled", "enhanced"] },
            },
          },
        },
      },
      computed: true,
    },
  },
  outputs: ["arn", "settings"],
  autoname: { property: "name", maxLength: 255 },
  tagged: true,
  async create(inputs, ctx) {
    const { name, settings } = inputs as { name: string; settings?: ClusterSetting[] };
    const made = await ctx.cloud.ecs.createCluster({ clusterName: name, settings });
    const id = made.cluster?.clusterArn ?? "";
    return { id, state: (await readCluster(id, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readCluster(id, ctx),
  async update(id, _olds, news, ctx) {
    const { settings } = news as { settings?: ClusterSetting[] };
    await ctx.cloud.ecs.updateCluster({ cluster: id, settings });
    return (await readCluster(id, ctx)) ?? {};
  },
  async delete(id, _state, ctx) {
    const end = Date.now() + DELETE_MS;
    for (;;) {
      try {
        await unlessGone(ctx.cloud.ecs.deleteCluster({ cluster: id }), "ClusterNotFoundException");
        return;
      } catch (error) {
        if (!(error instanceof CloudError && STILL_USED.includes(error.code)) || Date.now() > end) throw error;
        await ctx.sleep(200);
      }
    }
  },
};

async function readCluster(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const { clusters = [] } = await ctx.cloud.ecs.describeClusters({ clusters: [id], include: ["SETTINGS"] });
  const [one] = clusters;
  if (one?.status !== "ACTIVE") return undefined;
  return { arn: id, name: one.clusterName, settings: one.settings };
}

/** @throws when there is no such cluster */
export const getCluster: Invoke = {
  args: { clusterName: { type: "string", required: true }, region: text, tags: { type: { map: text } } },
  async run({ clusterName }, ctx) {
    const name = clusterName as string;
    const { clusters = [] } = await ctx.cloud.ecs.describeClusters({ clusters: [name], include: ["SETTINGS"] });
    const [one] = clusters;
    if (one?.status !== "ACTIVE") throw new Error(`reading ECS Cluster (${name}): couldn't find resource`);
    return {
      id: one.clusterArn,
      arn: one.clusterArn,
      clusterName: one.clusterName,
      region: ctx.region,
      status: one.status,
      pendingTasksCount: one.pendingTasksCount,
      runningTasksCount: one.runningTasksCount,
      registeredContainerInstancesCount: one.registeredContainerInstancesCount,
      serviceConnectDefaults: [],
      settings: one.settings,
      tags: ctx.cloud.tags.read(one.clusterArn ?? ""),
    };
  },
};
