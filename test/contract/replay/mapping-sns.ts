import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import type * as aws from "@pulumi/aws";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required, tagList, tagMap } from "./tags.ts";

const topic = mapping<aws.sns.TopicArgs>({
  async create(inputs, { sns }) {
    const attributes = { DisplayName: inputs.displayName, KmsMasterKeyId: inputs.kmsMasterKeyId };
    const { TopicArn } = await call(sns, CreateTopicCommand, {
      Name: required(inputs.name),
      Attributes: Object.fromEntries(
        Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
      Tags: tagList(inputs.tags),
    });
    return { id: required(TopicArn), arn: TopicArn };
  },
  async read({ made }, { sns }) {
    const { Attributes } = await call(sns, GetTopicAttributesCommand, { TopicArn: made.id });
    const { Tags } = await call(sns, ListTagsForResourceCommand, { ResourceArn: made.id });
    return {
      name: Attributes?.TopicArn?.split(":").at(-1),
      displayName: Attributes?.DisplayName,
      kmsMasterKeyId: Attributes?.KmsMasterKeyId,
      tags: tagMap(Tags),
    };
  },
});

const topicPolicy = mapping<aws.sns.TopicPolicyArgs>({
  async create(inputs, { sns }) {
    const AttributeValue = String(inputs.policy);
    await call(sns, SetTopicAttributesCommand, { TopicArn: inputs.arn, AttributeName: "Policy", AttributeValue });
    return { id: inputs.arn };
  },
  async read({ made }, { sns }) {
    const { Attributes } = await call(sns, GetTopicAttributesCommand, { TopicArn: made.id });
    return { arn: Attributes?.TopicArn, policy: Attributes?.Policy };
  },
});

const subscription = mapping<aws.sns.TopicSubscriptionArgs>({
  async create(inputs, { sns }) {
    const { SubscriptionArn } = await call(sns, SubscribeCommand, {
      TopicArn: String(inputs.topic),
      Protocol: inputs.protocol,
      Endpoint: inputs.endpoint,
      ReturnSubscriptionArn: true,
    });
    return { id: required(SubscriptionArn), arn: SubscriptionArn };
  },
  async read({ made }, { sns }) {
    const { Attributes } = await call(sns, GetSubscriptionAttributesCommand, { SubscriptionArn: made.id });
    return { topic: Attributes?.TopicArn, protocol: Attributes?.Protocol, endpoint: Attributes?.Endpoint };
  },
  unsent: {
    confirmationTimeoutInMinutes: "how long the provider waits",
    endpointAutoConfirms: "whether the provider waits for the confirmation",
  },
});

export const snsMappings: Mappings = {
  "aws:sns/topic:Topic": topic,
  "aws:sns/topicPolicy:TopicPolicy": topicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": subscription,
};
