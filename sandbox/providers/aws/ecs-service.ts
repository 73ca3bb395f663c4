import { CloudError } from "../../cloud/error.ts";
import { unlessGone } from "../gone.ts";
import {
  type InputSpec,
  type Invoke,
  PartialError,
  type Properties,
  type ProviderContext,
  type ResourceType,
} from "../resource-type.ts";
import { strategyItems } from "./ecs-capacity.ts";
import { deploymentOf, networkOf, type ServiceInputs, shown, stateOf } from "./ecs-service-state.ts";
import { findService, partsOf, waitUntilSteady } from "./ecs-steady-state.ts";

const GONE = ["ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException"];
const text: InputSpec = { type: "string" };
const texts: InputSpec = { type: { set: text } };

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
export const service: ResourceType = {
  inputs: {
    availabilityZoneRebalancing: { type: "string", computed: true, oneOf: ["ENABLED", "DISABLED"] },
    capacityProviderStrategies: {
      type: strategyItems,
      // The real provider spares the service only where a new deployment is forced and both old and new name some.
      replace: true,
      conflictsWith: ["launchType"],
    },
    cluster: { type: "string", computed: true, replace: true },
    deploymentCircuitBreaker: {
      type: { object: { enable: { type: "boolean", required: true }, rollback: { type: "boolean", required: true } } },
    },
    deploymentController: {
      type: { object: { type: { type: "string", default: "ECS", oneOf: ["ECS"] } } },
      replace: true,
      computed: true,
    },
    deploymentMaximumPercent: { type: "integer", default: 200, min: 100 },
    deploymentMinimumHealthyPercent: { type: "integer", default: 100, min: 0 },
    desiredCount: { type: "integer", min: 0 },
    enableEcsManagedTags: { type: "boolean", default: false },
    enableExecuteCommand: { type: "boolean", default: false },
    forceDelete: { type: "boolean", default: false, local: true },
    forceNewDeployment: { type: "boolean", default: false, local: true },
    healthCheckGracePeriodSeconds: { type: "integer", min: 0, max: 2_147_483_647 },
    launchType: { type: "string", computed: true, replace: true, oneOf: ["FARGATE"] },
    loadBalancers: {
      type: {
        set: {
          type: {
            object: {
              containerName: { type: "string", required: true },
              containerPort: { type: "integer", required: true, min: 0, max: 65_536 },
              targetGroupArn: text,
            },
          },
        },
      },
      maxLength: 5,
    },
    name: {
      type: "string",
      computed: true,
      replace: true,
      minLength: 1,
      maxLength: 255,
      pattern: /^[A-Za-z0-9_-]+$/,
      patternHint: "may hold letters, digits, hyphens and underscores",
    },
    networkConfiguration: {
      type: {
        object: {
          assignPublicIp: { type: "boolean", default: false },
          securityGroups: texts,
          subnets: { ...texts, required: true },
        },
      },
    },
    platformVersion: { type: "string", computed: true },
    propagateTags: { type: "string", oneOf: ["NONE", "SERVICE", "TASK_DEFINITION"] },
    schedulingStrategy: { type: "string", default: "REPLICA", replace: true, oneOf: ["REPLICA"] },
    sigintRollback: { type: "boolean", local: true },
    taskDefinition: text,
    triggers: { type: { map: text }, computed: true, local: true },
    waitForSteadyState: { type: "boolean", default: false, local: true },
  },
  outputs: ["arn", "iamRole", "launchType", "platformVersion"],
  autoname: { property: "name", maxLength: 255 },
  tagged: true,
  async create(inputs, ctx) {
    const wanted = inputs as ServiceInputs;
    const id = await createService(wanted, ctx);
    const state = await settle(id, wanted, "create", ctx);
    return { id, state };
  },
  async read(id, _old, ctx) {
    const found = await unlessGone(findService(id, ctx), ...GONE);
    return found === undefined || found.status === "DRAINING" ? undefined : stateOf(found);
  },
  async update(id, olds, news, ctx) {
    const wanted = news as ServiceInputs;
    const [cluster, name] = partsOf(id);
    const changed = (key: string) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]);
    await ctx.cloud.ecs.updateService({
      cluster,
      service: name,
      ...(changed("desiredCount") && wanted.desiredCount !== undefined ? { desiredCount: wanted.desiredCount } : {}),
      ...(changed("taskDefinition") ? { taskDefinition: wanted.taskDefinition } : {}),
      ...(changed("networkConfiguration") ? { networkConfiguration: networkOf(wanted) } : {}),
      ...(changed("loadBalancers") ? { loadBalancers: wanted.loadBalancers ?? [] } : {}),
      deploymentConfiguration: deploymentOf(wanted),
      healthCheckGracePeriodSeconds: wanted.healthCheckGracePeriodSeconds,
      enableExecuteCommand: wanted.enableExecuteCommand,
      enableECSManagedTags: wanted.enableEcsManagedTags,
      propagateTags: wanted.propagateTags,
      availabilityZoneRebalancing: wanted.availabilityZoneRebalancing,
      forceNewDeployment: wanted.forceNewDeployment === true || changed("triggers"),
    });
    return settle(id, wanted, "update", ctx);
  },
  async delete(id, state, ctx) {
    const [cluster, name] = partsOf(id);
    const found = await unlessGone(findService(id, ctx), ...GONE);
    if (found?.status === "ACTIVE") {
      await unlessGone(ctx.cloud.ecs.updateService({ cluster, service: name, desiredCount: 0 }), ...GONE);
      await unlessGone(
        ctx.cloud.ecs.deleteService({ cluster, service: name, force: state.forceDelete === true }),
        ...GONE,
      );
    }
    // As the real provider: gone means that its tasks are, too.
    while ((await unlessGone(findService(id, ctx), ...GONE)) !== undefined) await ctx.sleep(100);
  },
};

async function createService(wanted: ServiceInputs, ctx: ProviderContext): Promise<string> {
  const made = await ctx.cloud.ecs.createService({
    serviceName: wanted.name,
    cluster: wanted.cluster,
    taskDefinition: wanted.taskDefinition,
    desiredCount: wanted.desiredCount ?? 0,
    ...(wanted.capacityProviderStrategies?.length
      ? { capacityProviderStrategy: wanted.capacityProviderStrategies }
      : { launchType: "FARGATE" }),
    availabilityZoneRebalancing: wanted.availabilityZoneRebalancing,
    platformVersion: wanted.platformVersion,
    loadBalancers: wanted.loadBalancers,
    networkConfiguration: networkOf(wanted),
    deploymentConfiguration: deploymentOf(wanted),
    healthCheckGracePeriodSeconds: wanted.healthCheckGracePeriodSeconds,
    enableExecuteCommand: wanted.enableExecuteCommand,
    enableECSManagedTags: wanted.enableEcsManagedTags,
    propagateTags: wanted.propagateTags,
  });
  return made.service?.serviceArn ?? "";
}

/** Waits if asked. The service exists whatever comes of it, so what goes wrong from here is a partial failure. */
async function settle(
  id: string,
  wanted: ServiceInputs,
  what: "create" | "update",
  ctx: ProviderContext,
): Promise<Properties> {
  try {
    if (wanted.waitForSteadyState) return asGiven(stateOf(await waitUntilSteady(id, what, ctx)), wanted);
    const found = await findService(id, ctx);
    return found === undefined ? {} : asGiven(stateOf(found), wanted);
  } catch (error) {
    const found = error instanceof CloudError || ctx.signal.aborted ? undefined : await findService(id, ctx);
    const state = found === undefined ? { arn: id } : asGiven(stateOf(found), wanted);
    throw new PartialError(id, state, error instanceof Error ? error.message : String(error));
  }
}

/** The cluster by the name that the program uses. */
function asGiven(state: Properties, { cluster }: ServiceInputs): Properties {
  return cluster === undefined ? state : { ...state, cluster };
}

/** @throws when there is no such service */
export const getService: Invoke = {
  args: {
    clusterArn: { type: "string", required: true },
    region: text,
    serviceName: { type: "string", required: true },
    tags: { type: { map: text } },
  },
  async run(args, ctx) {
    const { clusterArn, serviceName } = args as { clusterArn: string; serviceName: string };
    const { services = [] } = await ctx.cloud.ecs.describeServices({ cluster: clusterArn, services: [serviceName] });
    const [one] = services;
    if (one === undefined || one.status === "INACTIVE") {
      throw new Error(`reading ECS Service (${serviceName}): couldn't find resource`);
    }
    return { ...shown(one), region: ctx.region, tags: ctx.cloud.tags.read(one.serviceArn ?? "") };
  },
};
