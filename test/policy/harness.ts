/** Runs single policies as the policy SDK does, with its own proxy for values that are not known yet. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type {
  PolicyResource,
  ResourceValidation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";

const require = createRequire(import.meta.url);
// The proxy's own file: the package's entry would load all of Pulumi into every test.
const proxy = require("../../node_modules/@pulumi/policy/proxy.js") as {
  unknownCheckingProxy(value: unknown): Record<string, unknown>;
  unknownStringValue: string;
};

/** What the engine puts in the place of a value that it does not know yet. */
export const unknownValue = proxy.unknownStringValue;

export interface Violation {
  message: string;
  /** Undefined where the level of the policy holds. */
  enforcementLevel?: string;
  urn?: string;
}

export interface Resource {
  type: string;
  name?: string;
  stack?: string;
  props: Record<string, unknown>;
  ignoreChanges?: string[];
  /** Property to names of resources, for stack policies. */
  comesFrom?: Record<string, string[]>;
}

class NotApplicable extends Error {}

function notApplicable(reason?: string): never {
  throw new NotApplicable(reason);
}

function urnOf({ type, name = "thing", stack = "prod" }: Resource): string {
  return `urn:pulumi:${stack}::sluice::${type}::${name}`;
}

function options(resource: Resource) {
  const customTimeouts = { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 };
  const { ignoreChanges = [] } = resource;
  return { protect: false, ignoreChanges, aliases: [], customTimeouts, additionalSecretOutputs: [] };
}

/** Whether the policy SDK passes the resource to the policy at all. */
function reaches(validation: ResourceValidation, type: string): boolean {
  const only = (validation as { __pulumiType?: string }).__pulumiType;
  return only === undefined || only === type;
}

/** The violations of one resource; "not applicable" where the policy does not judge it. */
export function judge(
  policy: ResourceValidationPolicy,
  resource: Resource,
  config: object = {},
): Violation[] | "not applicable" {
  const { violations, done } = start(policy, resource, config);
  if (done !== undefined) throw new Error(`${policy.name} takes its time: judge it with judgeInTime`);
  return violations;
}

/** The same for a policy that has to read something first. */
export async function judgeInTime(
  policy: ResourceValidationPolicy,
  resource: Resource,
  config: object = {},
): Promise<Violation[] | "not applicable"> {
  const { violations, done } = start(policy, resource, config);
  await done;
  return violations;
}

interface Judging {
  violations: Violation[] | "not applicable";
  /** Undefined where it is done at once. */
  done: Promise<void> | undefined;
}

function start(policy: ResourceValidationPolicy, resource: Resource, config: object): Judging {
  const validation = policy.validateResource as ResourceValidation;
  if (!reaches(validation, resource.type)) return { violations: "not applicable", done: undefined };
  const violations: Violation[] = [];
  try {
    const done = validation(
      {
        type: resource.type,
        name: resource.name ?? "thing",
        urn: urnOf(resource),
        props: proxy.unknownCheckingProxy(resource.props),
        opts: options(resource),
        stackTags: new Map(),
        isType: () => false,
        asType: () => undefined,
        getConfig: <T extends object>() => config as T,
        notApplicable,
      },
      (violation: unknown) => void violations.push(violation as Violation),
    );
    return { violations, done: done instanceof Promise ? done : undefined };
  } catch (error) {
    if (error instanceof NotApplicable) return { violations: "not applicable", done: undefined };
    throw error;
  }
}

/** The violations of a whole stack. */
export function judgeStack(
  policy: StackValidationPolicy,
  resources: Resource[],
  config: object = {},
): Violation[] | "not applicable" {
  const members = resources.map((resource) => ({
    type: resource.type,
    name: resource.name ?? "thing",
    urn: urnOf(resource),
    props: proxy.unknownCheckingProxy(resource.props),
    opts: options(resource),
    dependencies: [],
    propertyDependencies: {},
  })) as unknown as PolicyResource[];
  resources.forEach((resource, index) => {
    const sources = Object.entries(resource.comesFrom ?? {});
    const found = (names: string[]) => members.filter(({ name }) => names.includes(name));
    Object.assign(members[index] as PolicyResource, {
      propertyDependencies: Object.fromEntries(sources.map(([key, names]) => [key, found(names)])),
    });
  });
  const violations: Violation[] = [];
  try {
    const getConfig = <T extends object>() => config as T;
    const args = { resources: members, stackTags: new Map(), getConfig, notApplicable };
    policy.validateStack(args, (violation: unknown) => void violations.push(violation as Violation));
  } catch (error) {
    if (error instanceof NotApplicable) return "not applicable";
    throw error;
  }
  return violations;
}

/** The violations of something that only the update can judge: remarks, and nothing that binds. */
export function assertRemarks(violations: Violation[] | "not applicable", says: RegExp): void {
  assert.ok(violations !== "not applicable" && violations.length > 0, "nothing was said");
  for (const { message, enforcementLevel } of violations) {
    assert.equal(enforcementLevel, "advisory");
    assert.match(message, says);
  }
}

/** One thing changed in a compliant resource, and what the violation says about it. */
export interface Breakage {
  title: string;
  change: Record<string, unknown>;
  says: RegExp;
  config?: object;
}

/** One compliant resource passes; each breakage of it is refused, in one line. */
export function refusesEach(policy: ResourceValidationPolicy, compliant: Resource, breakages: Breakage[]): void {
  it("passes the compliant one", () => {
    assert.deepEqual(judge(policy, compliant), []);
  });
  for (const { title, change, says, config } of breakages) {
    it(`refuses ${title}`, () => {
      const violations = judge(policy, { ...compliant, props: { ...compliant.props, ...change } }, config);
      assertRefused(violations, says);
    });
  }
}

/** At least one violation, each of them binding and on one line that begins with the resource's name. */
export function assertRefused(
  violations: Violation[] | "not applicable",
  says: RegExp,
): asserts violations is Violation[] {
  assert.ok(violations !== "not applicable" && violations.length > 0, "nothing was refused");
  for (const { message, enforcementLevel } of violations) {
    assert.match(message, /^[^\n\r]+: [^\n\r]+; [^\n\r]+$/);
    assert.equal(enforcementLevel, undefined);
  }
  assert.match(violations.map(({ message }) => message).join("\n"), says);
}

/** Sets one place in a nested value, e.g. `changed(document, ["Statement", 0, "Effect"], "Deny")`; undefined removes it. */
export function changed<T>(value: T, path: readonly (string | number)[], to: unknown): T {
  const copy = structuredClone(value);
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], copy);
  const last = path.at(-1) as string | number;
  if (to === undefined) delete (holder as Record<string | number, unknown>)[last];
  else (holder as Record<string | number, unknown>)[last] = to;
  return copy;
}
