import { randomUUID } from "node:crypto";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

export interface Topic {
  TopicArn: string;
  /** As `GetTopicAttributes` shows them: all texts. */
  Attributes: Record<string, string>;
}

export interface Subscription {
  SubscriptionArn: string;
  TopicArn: string;
  Protocol: string;
  Endpoint: string;
  Attributes: Record<string, string>;
}

/** What an alarm told a topic. */
export interface Noted {
  alarm: string;
  from: string;
  to: string;
  reason: string;
  /** Milliseconds since the epoch. */
  at: number;
}

const NOTED_KIND = "sns.noted";
const NOTED_LIMIT = 200;

/** Topics and subscriptions, which stay unconfirmed. Nothing is delivered: what alarms tell a topic is kept with it. */
export class Sns {
  readonly #cloud: Inner;
  readonly #topics: Table<Topic>;
  readonly #subscriptions: Table<Subscription>;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#topics = new Table(cloud.store, "sns.topic", () => new CloudError("NotFound", "Topic does not exist", 404));
    const noSubscription = () => new CloudError("NotFound", "Subscription does not exist", 404);
    this.#subscriptions = new Table(cloud.store, "sns.subscription", noSubscription);
  }

  createTopic({ Name = "", Attributes = {} }: { Name?: string; Attributes?: Record<string, string> }) {
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(Name)) {
      throw new CloudError("InvalidParameter", "Invalid parameter: Topic Name");
    }
    const TopicArn = `arn:aws:sns:${this.#cloud.region}:${this.#cloud.account}:${Name}`;
    if (this.#topics.find(TopicArn) === undefined) {
      const own = { TopicArn, Owner: this.#cloud.account, Policy: this.#defaultPolicy(TopicArn) };
      this.#topics.put(TopicArn, { TopicArn, Attributes: { ...own, ...Attributes } });
    }
    return { TopicArn };
  }

  getTopicAttributes({ TopicArn }: { TopicArn?: string }) {
    return { Attributes: this.#topics.need(TopicArn).Attributes };
  }

  /** An empty value takes an attribute away; an empty policy brings the default one back. */
  setTopicAttributes(input: { TopicArn?: string; AttributeName?: string; AttributeValue?: string }) {
    const { AttributeName: name = "", AttributeValue: value = "" } = input;
    const topic = this.#topics.need(input.TopicArn);
    const { [name]: _, ...others } = topic.Attributes;
    const wanted = name === "Policy" && value === "" ? this.#defaultPolicy(topic.TopicArn) : value;
    const Attributes = wanted === "" ? others : { ...others, [name]: wanted };
    this.#topics.put(topic.TopicArn, { ...topic, Attributes });
    return {};
  }

  /** Takes its subscriptions with it. */
  deleteTopic({ TopicArn }: { TopicArn?: string }) {
    for (const { SubscriptionArn } of this.#subscriptions.list().filter((one) => one.TopicArn === TopicArn)) {
      this.#subscriptions.remove(SubscriptionArn);
    }
    if (this.#topics.find(String(TopicArn)) !== undefined) this.#topics.remove(TopicArn);
    return {};
  }

  subscribe(input: { TopicArn?: string; Protocol?: string; Endpoint?: string; Attributes?: Record<string, string> }) {
    const { TopicArn } = this.#topics.need(input.TopicArn);
    const { Protocol = "", Endpoint = "", Attributes = {} } = input;
    const same = this.#subscriptions
      .list()
      .find((one) => one.TopicArn === TopicArn && one.Protocol === Protocol && one.Endpoint === Endpoint);
    const SubscriptionArn = same?.SubscriptionArn ?? `${TopicArn}:${randomUUID()}`;
    this.#subscriptions.put(SubscriptionArn, {
      SubscriptionArn,
      TopicArn,
      Protocol,
      Endpoint,
      Attributes: {
        Owner: this.#cloud.account,
        PendingConfirmation: "true",
        ConfirmationWasAuthenticated: "false",
        ...Attributes,
      },
    });
    return { SubscriptionArn };
  }

  getSubscriptionAttributes({ SubscriptionArn }: { SubscriptionArn?: string }) {
    const { Attributes, ...names } = this.#subscriptions.need(SubscriptionArn);
    return { Attributes: { ...names, ...Attributes } };
  }

  unsubscribe({ SubscriptionArn }: { SubscriptionArn?: string }) {
    if (this.#subscriptions.find(String(SubscriptionArn)) !== undefined) this.#subscriptions.remove(SubscriptionArn);
    return {};
  }

  /** Keeps what an alarm tells a topic; the oldest go. */
  note(topicArn: string, told: Noted): void {
    const { store } = this.#cloud;
    const before = store.get<Noted[]>(NOTED_KIND, topicArn) ?? [];
    store.put(NOTED_KIND, topicArn, [...before, told].slice(-NOTED_LIMIT));
  }

  /** What alarms told a topic, oldest first. */
  noted(topicArn: string): Noted[] {
    return this.#cloud.store.get<Noted[]>(NOTED_KIND, topicArn) ?? [];
  }

  #defaultPolicy(arn: string): string {
    const owner = { StringEquals: { "AWS:SourceOwner": this.#cloud.account } };
    const Action = ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:SetTopicAttributes"];
    const own = { Sid: "__default_statement_ID", Effect: "Allow", Principal: { AWS: "*" }, Action, Resource: arn };
    return JSON.stringify({ Version: "2008-10-17", Statement: [{ ...own, Condition: owner }] });
  }
}
