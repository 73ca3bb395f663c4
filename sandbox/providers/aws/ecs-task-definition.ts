import type { ContainerDefinition, RegisterTaskDefinitionRequest, TaskDefinition } from "@aws-sdk/client-ecs";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, InputSpec, Invoke, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const GONE = "ClientException";
const text: InputSpec = { type: "string" };
const kept: InputSpec = { type: "string", replace: true };

/**
 * Every change but of `skipDestroy` and `trackLatest` makes a new revision. Its id is its family.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
 */
export const taskDefinition: ResourceType = {
  inputs: {
    containerDefinitions: { type: "json", required: true, replace: true },
    cpu: kept,
    ephemeralStorage: {
      type: { object: { sizeInGib: { type: "integer", required: true, min: 21, max: 200 } } },
      replace: true,
    },
    executionRoleArn: kept,
    family: {
      type: "string",
      required: true,
      replace: true,
      minLength: 1,
      maxLength: 255,
      pattern: /^[A-Za-z0-9_-]+$/,
      patternHint: "may hold letters, digits, hyphens and underscores",
    },
    memory: kept,
    networkMode: { ...kept, computed: true, oneOf: ["awsvpc"] },
    requiresCompatibilities: { type: { set: { type: "string", oneOf: ["FARGATE", "EC2"] } }, replace: true },
    runtimePlatform: {
      type: {
        object: {
          cpuArchitecture: { type: "string", oneOf: ["X86_64", "ARM64"] },
          operatingSystemFamily: { type: "string", oneOf: ["LINUX"] },
        },
      },
      replace: true,
    },
    skipDestroy: { type: "boolean", default: false, local: true },
    taskRoleArn: kept,
    trackLatest: { type: "boolean", default: false, local: true },
    // Volumes of the task's disk; what lies elsewhere (EFS, FSx, the host) is not here.
    volumes: {
      type: { set: { type: { object: { name: { type: "string", required: true, minLength: 1, maxLength: 255 } } } } },
      replace: true,
    },
  },
  outputs: ["arn", "arnWithoutRevision", "revision", "networkMode"],
  tagged: true,
  check: ({ containerDefinitions }) =>
    isUnknown(containerDefinitions) ? [] : checkContainers(String(containerDefinitions)),
  async create(inputs, ctx) {
    const made = await ctx.cloud.ecs.registerTaskDefinition(requestOf(inputs));
    return { id: inputs.family as string, state: stateOf(made.taskDefinition ?? {}, inputs) };
  },
  async read(id, old, ctx) {
    const name = typeof old.arn === "string" ? old.arn : id;
    const found = await unlessGone(ctx.cloud.ecs.describeTaskDefinition({ taskDefinition: name }), GONE);
    const one = found?.taskDefinition;
    return one?.status === "ACTIVE" ? stateOf(one, old) : undefined;
  },
  // Only what AWS does not know can change in place.
  update: async () => ({}),
  async delete(_id, state, ctx) {
    if (state.skipDestroy === true) return;
    await unlessGone(ctx.cloud.ecs.deregisterTaskDefinition({ taskDefinition: state.arn as string }), GONE);
  },
};

function checkContainers(json: string): CheckProblem[] {
  const property = "containerDefinitions";
  const list = JSON.parse(json) as unknown;
  if (!Array.isArray(list) || list.length === 0)
    return [{ property, reason: "must be a list of at least one container" }];
  return list.flatMap((container: ContainerDefinition | null, index) => {
    const problems: CheckProblem[] = [];
    const at = `${property}[${index}]`;
    if (!container?.name) problems.push({ property: at, reason: "has no name" });
    if (!container?.image) problems.push({ property: at, reason: "has no image" });
    return problems;
  });
}

function requestOf(inputs: Properties): RegisterTaskDefinitionRequest {
  const { containerDefinitions, skipDestroy: _, trackLatest: __, tags: ___, region: ____, ...rest } = inputs;
  const { ephemeralStorage, ...plain } = rest as { ephemeralStorage?: { sizeInGib: number } } & Properties;
  return {
    ...(plain as object as RegisterTaskDefinitionRequest),
    containerDefinitions: JSON.parse(String(containerDefinitions)) as ContainerDefinition[],
    ...(ephemeralStorage === undefined ? {} : { ephemeralStorage: { sizeInGiB: ephemeralStorage.sizeInGib } }),
  };
}

function stateOf(one: TaskDefinition, old: Properties): Properties {
  const arn = one.taskDefinitionArn ?? "";
  return {
    arn,
    arnWithoutRevision: arn.replace(/:\d+$/, ""),
    family: one.family,
    revision: one.revision,
    networkMode: one.networkMode ?? "bridge",
    cpu: one.cpu,
    memory: one.memory,
    executionRoleArn: one.executionRoleArn,
    taskRoleArn: one.taskRoleArn,
    requiresCompatibilities: one.requiresCompatibilities,
    runtimePlatform: one.runtimePlatform,
    ephemeralStorage: one.ephemeralStorage && { sizeInGib: one.ephemeralStorage.sizeInGiB },
    ...(one.volumes?.length ? { volumes: one.volumes.map(({ name }) => ({ name })) } : {}),
    enableFaultInjection: one.enableFaultInjection ?? false,
    // A revision never changes: the program's own text stays, without what ECS fills in.
    containerDefinitions: old.containerDefinitions ?? JSON.stringify(one.containerDefinitions),
  };
}

/** @throws when there is no such task definition */
export const getTaskDefinition: Invoke = {
  args: { region: text, taskDefinition: { type: "string", required: true } },
  async run(args, ctx: ProviderContext) {
    const name = args.taskDefinition as string;
    const { taskDefinition: one = {} } = await ctx.cloud.ecs.describeTaskDefinition({ taskDefinition: name });
    const { ephemeralStorage, runtimePlatform, ...state } = stateOf(one, {});
    return {
      ...state,
      id: one.taskDefinitionArn,
      taskDefinition: name,
      region: ctx.region,
      status: one.status,
      cpu: one.cpu ?? "",
      memory: one.memory ?? "",
      executionRoleArn: one.executionRoleArn ?? "",
      taskRoleArn: one.taskRoleArn ?? "",
      requiresCompatibilities: one.requiresCompatibilities ?? [],
      ipcMode: "",
      pidMode: "",
      ephemeralStorages: ephemeralStorage === undefined ? [] : [ephemeralStorage],
      runtimePlatforms: runtimePlatform === undefined ? [] : [runtimePlatform],
      placementConstraints: [],
      proxyConfigurations: [],
      volumes: [],
    };
  },
};
