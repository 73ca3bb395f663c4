/** Policy documents of IAM, and whose resources they are about. */

/** An environment's stack, and where it lives. */
export interface RoleScope {
  project: string;
  /** Name of the environment's stack. */
  stack: string;
  /** Name of the stack that declares the roles. */
  foundation: string;
  /** The account's 12 digits. */
  id: string;
  partition: string;
  region: string;
}

export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface PolicyStatement {
  Effect: "Allow" | "Deny";
  Action?: readonly string[];
  NotAction?: readonly string[];
  Resource: readonly string[];
  Condition?: Conditions;
}

/**
 * Characters of a customer-managed policy, and of all inline policies of a role together; white space is not counted.
 * IAM user guide, "IAM and AWS STS quotas".
 */
export const policyLimits = { managed: 6144, inline: 10_240, trust: 2048 } as const;

export function policyDocument(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

export function allow(Action: readonly string[], Resource: readonly string[], Condition?: Conditions): PolicyStatement {
  return { Effect: "Allow", Action, Resource, ...(Condition === undefined ? {} : { Condition }) };
}

/** ARN of something in the scope's region. */
export function regionalArn({ partition, region, id }: RoleScope, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${id}:${resource}`;
}

export function iamArn({ partition, id }: RoleScope, resource: string): string {
  return `arn:${partition}:iam::${id}:${resource}`;
}

type TagSource = "RequestTag" | "ResourceTag";

/** Tags that every resource of a stack has: `Environment.tags`. They tell `prod` from `prod-eu` where names cannot. */
export function tagged(source: TagSource, { project, stack }: { project: string; stack: string }) {
  return { [`aws:${source}/sluice:project`]: project, [`aws:${source}/sluice:stack`]: stack };
}

/** Holds for resources of this stack and no other. */
export function isOwn(scope: RoleScope): Conditions {
  return { StringEquals: tagged("ResourceTag", scope) };
}

/**
 * Holds for what is made with this stack's tags. Some calls carry tags for what they make and are judged on what
 * exists beside it as well: if that has a stack, it must be this one.
 */
export function becomesOwn(scope: RoleScope): Conditions {
  return {
    StringEquals: tagged("RequestTag", scope),
    StringEqualsIfExists: tagged("ResourceTag", scope),
  };
}
