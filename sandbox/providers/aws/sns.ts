import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const GONE = "NotFound";
const topicName: InputSpec = {
  type: "string",
  computed: true,
  replace: true,
  minLength: 1,
  maxLength: 256,
  pattern: /^[A-Za-z0-9_-]+$/,
  patternHint: "may hold letters, digits, - and _ only",
};

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html; its id is its ARN. */
export const topic: ResourceType = {
  inputs: {
    displayName: { type: "string", maxLength: 100 },
    kmsMasterKeyId: { type: "string" },
    name: { ...topicName, conflictsWith: ["namePrefix"] },
    namePrefix: { ...topicName, maxLength: 230 },
    policy: { type: "json", computed: true },
    signatureVersion: { type: "integer", computed: true, oneOf: [1, 2] },
  },
  outputs: ["arn", "owner", "policy"],
  autoname: { property: "name", maxLength: 256 },
  tagged: true,
  async create(inputs, ctx) {
    const Name = (inputs.name as string | undefined) ?? `${inputs.namePrefix}${Date.now()}`;
    const { TopicArn } = await ctx.cloud.sns.createTopic({ Name, Attributes: attributesOf(inputs) });
    return { id: TopicArn, state: (await readTopic(TopicArn, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readTopic(id, ctx),
  async update(id, olds, news, ctx) {
    const before = attributesOf(olds);
    const after = attributesOf(news);
    for (const AttributeName of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const AttributeValue = after[AttributeName] ?? "";
      if (before[AttributeName] === AttributeValue) continue;
      await ctx.cloud.sns.setTopicAttributes({ TopicArn: id, AttributeName, AttributeValue });
    }
    return (await readTopic(id, ctx)) ?? {};
  },
  async delete(id, _state, ctx) {
    await ctx.cloud.sns.deleteTopic({ TopicArn: id });
  },
};

const topicAttributes: Record<string, string> = {
  displayName: "DisplayName",
  kmsMasterKeyId: "KmsMasterKeyId",
  policy: "Policy",
  signatureVersion: "SignatureVersion",
};

function attributesOf(inputs: Properties): Record<string, string> {
  const given = Object.entries(topicAttributes).filter(([key]) => inputs[key] !== undefined);
  return Object.fromEntries(given.map(([key, name]) => [name, String(inputs[key])]));
}

async function readTopic(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const answer = await unlessGone(ctx.cloud.sns.getTopicAttributes({ TopicArn: id }), GONE);
  if (answer === undefined) return undefined;
  const { DisplayName, KmsMasterKeyId, Policy, Owner, SignatureVersion } = answer.Attributes;
  return {
    name: id.split(":").at(-1),
    arn: id,
    owner: Owner,
    displayName: DisplayName,
    kmsMasterKeyId: KmsMasterKeyId,
    policy: Policy,
    ...(SignatureVersion !== undefined && { signatureVersion: Number(SignatureVersion) }),
  };
}

/** The topic's policy as a thing of its own; without it the topic has AWS's default one. Its id is the topic's ARN. */
export const topicPolicy: ResourceType = {
  inputs: {
    arn: { type: "string", required: true, replace: true, pattern: /^arn:/, patternHint: "must be a topic's ARN" },
    policy: { type: "json", required: true },
  },
  outputs: ["owner"],
  async create(inputs, ctx) {
    await putPolicy(inputs, ctx);
    return { id: inputs.arn as string, state: (await readPolicy(inputs.arn as string, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readPolicy(id, ctx),
  async update(_id, _olds, news, ctx) {
    await putPolicy(news, ctx);
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(
      ctx.cloud.sns.setTopicAttributes({ TopicArn: id, AttributeName: "Policy", AttributeValue: "" }),
      GONE,
    );
  },
};

async function putPolicy({ arn, policy }: Properties, ctx: ProviderContext): Promise<void> {
  const AttributeValue = policy as string;
  await ctx.cloud.sns.setTopicAttributes({ TopicArn: arn as string, AttributeName: "Policy", AttributeValue });
}

async function readPolicy(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await readTopic(id, ctx);
  return found && { arn: id, owner: found.owner, policy: found.policy };
}

/** What stands in for a secret that a run in the sandbox cannot decrypt. */
const REPLACED = "sandbox";

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html, of the protocols mail and https. Its id is its ARN. */
export const topicSubscription: ResourceType = {
  inputs: {
    confirmationTimeoutInMinutes: { type: "integer", default: 1, local: true },
    endpoint: { type: "string", required: true, replace: true },
    endpointAutoConfirms: { type: "boolean", default: false, local: true },
    protocol: { type: "string", required: true, replace: true, oneOf: ["email", "https"] },
    topic: { type: "string", required: true, replace: true },
  },
  outputs: ["arn", "confirmationWasAuthenticated", "ownerId", "pendingConfirmation"],
  check({ protocol, endpoint }) {
    if (isUnknown(protocol) || isUnknown(endpoint) || endpoint === REPLACED) return [];
    const fits = protocol === "https" ? /^https:\/\//.test(String(endpoint)) : /@/.test(String(endpoint));
    const problem: CheckProblem = { property: "endpoint", reason: `must match the protocol ${protocol}` };
    return fits ? [] : [problem];
  },
  async create(inputs, ctx) {
    const { topic: TopicArn, protocol: Protocol, endpoint: Endpoint } = inputs as Record<string, string>;
    const wanted = { TopicArn, Protocol, Endpoint } as { TopicArn: string; Protocol: string; Endpoint: string };
    const { SubscriptionArn } = await ctx.cloud.sns.subscribe(wanted);
    return { id: SubscriptionArn, state: (await readSubscription(SubscriptionArn, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readSubscription(id, ctx),
  update: async () => ({}),
  async delete(id, _state, ctx) {
    await ctx.cloud.sns.unsubscribe({ SubscriptionArn: id });
  },
};

async function readSubscription(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const answer = await unlessGone(ctx.cloud.sns.getSubscriptionAttributes({ SubscriptionArn: id }), GONE);
  if (answer === undefined) return undefined;
  const { TopicArn, Protocol, Endpoint, Owner, PendingConfirmation, ConfirmationWasAuthenticated } =
    answer.Attributes as Record<string, string>;
  return {
    arn: id,
    topic: TopicArn,
    protocol: Protocol,
    endpoint: Endpoint,
    ownerId: Owner,
    pendingConfirmation: PendingConfirmation === "true",
    confirmationWasAuthenticated: ConfirmationWasAuthenticated === "true",
  };
}
