import type { Tag } from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  ElbArns,
  forwardedGroups,
  KIND,
  type ListenerDoc,
  type LoadBalancerDoc,
  type RuleDoc,
  type TargetDoc,
  type TargetGroupDoc,
} from "./elb-model.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";

/** Storage, look-ups and news that the parts of `Elb` share. */
export class ElbBase {
  protected readonly cloud: Inner;
  readonly #followers = new Set<() => Promise<void> | void>();

  constructor(cloud: Inner) {
    this.cloud = cloud;
  }

  /** By the region of the present request. */
  protected get arns(): ElbArns {
    return new ElbArns(this.cloud.region, this.cloud.account);
  }

  /**
   * Calls `follower` after every change. Its synchronous part runs before the operation returns (so a new weight holds for
   * the next request), and the operation waits for the promise (so a new listener accepts connections).
   */
  follow(follower: () => Promise<void> | void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  protected async changed(): Promise<void> {
    await Promise.all([...this.#followers].map((follower) => follower()));
  }

  loadBalancers(): LoadBalancerDoc[] {
    return this.cloud.store.list(KIND.loadBalancer);
  }

  listeners(): ListenerDoc[] {
    return this.cloud.store.list(KIND.listener);
  }

  rules(): RuleDoc[] {
    return this.cloud.store.list(KIND.rule);
  }

  targetGroups(): TargetGroupDoc[] {
    return this.cloud.store.list(KIND.targetGroup);
  }

  targets(targetGroupArn?: string): TargetDoc[] {
    const all = this.cloud.store.list<TargetDoc>(KIND.target);
    return targetGroupArn === undefined ? all : all.filter((target) => target.targetGroupArn === targetGroupArn);
  }

  /** Load balancers that send requests to the target group. */
  balancersOf(targetGroupArn: string): string[] {
    const listeners = new Map(this.listeners().map((listener) => [listener.shape.ListenerArn, listener]));
    const arns = new Set<string>();
    const note = (listener: ListenerDoc | undefined, actions: ListenerDoc["shape"]["DefaultActions"]) => {
      if (listener && forwardedGroups(actions).some((group) => group.arn === targetGroupArn)) {
        arns.add(listener.shape.LoadBalancerArn);
      }
    };
    for (const listener of listeners.values()) note(listener, listener.shape.DefaultActions);
    for (const rule of this.rules()) note(listeners.get(rule.listenerArn), rule.shape.Actions);
    return [...arns];
  }

  protected loadBalancer(arn: string | undefined): LoadBalancerDoc {
    const doc = this.cloud.store.get<LoadBalancerDoc>(KIND.loadBalancer, arn ?? "");
    if (doc === undefined) throw new CloudError("LoadBalancerNotFound", `Load balancer '${arn}' not found`);
    return doc;
  }

  protected listener(arn: string | undefined): ListenerDoc {
    const doc = this.cloud.store.get<ListenerDoc>(KIND.listener, arn ?? "");
    if (doc === undefined) throw new CloudError("ListenerNotFound", `Listener '${arn}' not found`);
    return doc;
  }

  protected rule(arn: string | undefined): RuleDoc {
    const doc = this.cloud.store.get<RuleDoc>(KIND.rule, arn ?? "");
    if (doc === undefined) throw new CloudError("RuleNotFound", `Rule '${arn}' not found`);
    return doc;
  }

  protected targetGroup(arn: string | undefined): TargetGroupDoc {
    const doc = this.cloud.store.get<TargetGroupDoc>(KIND.targetGroup, arn ?? "");
    if (doc === undefined) throw new CloudError("TargetGroupNotFound", `Target group '${arn}' not found`);
    return doc;
  }

  /** @throws CloudError when nothing has the ARN */
  protected tagsOf(arn: string): Tag[] {
    const kinds = [KIND.loadBalancer, KIND.listener, KIND.rule, KIND.targetGroup];
    if (kinds.every((kind) => this.cloud.store.get(kind, arn) === undefined)) {
      throw new CloudError("LoadBalancerNotFound", `'${arn}' not found`);
    }
    return Object.entries(this.cloud.tags.read(arn)).map(([Key, Value]) => ({ Key, Value }));
  }

  protected saveTags(arn: string, tags: readonly Tag[] | undefined): void {
    const pairs = (tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]);
    if (pairs.length > 0) this.cloud.tags.write(arn, Object.fromEntries(pairs));
    else this.cloud.tags.drop(arn);
  }

  /** Deletes a document and its tags. */
  protected drop(kind: string, arn: string): void {
    this.cloud.store.delete(kind, arn);
    this.cloud.tags.drop(arn);
  }
}

/** Key and value lists of the SDK over a record of attributes, refusing names that do not exist. */
export function mergeAttributes(
  attributes: Record<string, string>,
  changes: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const merged = { ...attributes };
  for (const { Key: key = "", Value: value = "" } of changes ?? []) {
    if (!(key in known)) throw new CloudError("ValidationError", `Attribute key '${key}' is not recognized`);
    merged[key] = value;
  }
  return merged;
}

/** A record of attributes as the SDK lists it. */
export function listAttributes(attributes: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
}
