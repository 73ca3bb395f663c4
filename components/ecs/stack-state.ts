/**
 * The resource state of the stack itself. A program must not take its own last outputs for the truth: after a failed
 * update they lie, resource state does not.
 */
import * as pulumi from "@pulumi/pulumi";

/** Outputs of one resource, as state has them: secrets stand there in plain, so none of it is ever printed. */
export type ResourceOutputs = Readonly<Record<string, unknown>>;

/** What the engine's state holds per resource. */
export class StackState {
  readonly #resources: ReadonlyMap<string, ResourceOutputs>;

  private constructor(resources: ReadonlyMap<string, ResourceOutputs>) {
    this.#resources = resources;
  }

  /**
   * Reads the state of the stack that is being updated; empty on its first update. The invoke is the engine's own and
   * works with every backend.
   *
   * @throws Error where the engine cannot read it
   */
  static async read(): Promise<StackState> {
    const { outputs } = (await readOutputs()) as { outputs: Record<string, { outputs: ResourceOutputs }> };
    return StackState.of(Object.fromEntries(Object.entries(outputs).map(([urn, resource]) => [urn, resource.outputs])));
  }

  /** From outputs by URN. */
  static of(outputsByUrn: Readonly<Record<string, ResourceOutputs>>): StackState {
    const resources = new Map<string, ResourceOutputs>();
    for (const [urn, outputs] of Object.entries(outputsByUrn)) resources.set(resourceKey(urn), outputs);
    return new StackState(resources);
  }

  /**
   * @example
   * state.find("aws:lb/targetGroup:TargetGroup", "api-blue-target-group")?.arn
   */
  find(type: string, name: string): ResourceOutputs | undefined {
    return this.#resources.get(`${type}::${name}`);
  }

  /** Priorities of all listener rules, by the rules' names; those of services that are about to go included. */
  listenerPriorities(): ReadonlyMap<string, number> {
    const prefix = `${listenerRuleType}::`;
    const held = [...this.#resources].flatMap(([key, { priority }]) =>
      key.startsWith(prefix) && typeof priority === "number" ? [[key.slice(prefix.length), priority] as const] : [],
    );
    return new Map(held);
  }

  /** Names of the services that have a weighted rule: what users can reach. */
  servicesWithTraffic(): string[] {
    return [...this.listenerPriorities().keys()]
      .filter((rule) => rule.endsWith(trafficRuleSuffix))
      .map((rule) => rule.slice(0, -trafficRuleSuffix.length))
      .sort();
  }
}

/** Milliseconds to wait before the state is read again, one after the other. */
const pauses = [50, 100, 200, 400, 800];

/**
 * The engine records the stack itself when the program starts. A reading of a new stack's file that meets this writing
 * ends with an error ("failed to load checkpoint: EOF", measured, 3.259.0): it is read again, and only a whole one counts.
 */
async function readOutputs([pause, ...later]: readonly number[] = pauses): Promise<unknown> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  try {
    return await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  } catch (error) {
    if (pause === undefined || !/failed to load checkpoint/.test((error as Error).message)) throw error;
    await new Promise((resolve) => setTimeout(resolve, pause));
    return readOutputs(later);
  }
}

/** What the name of a service's weighted rule ends in. */
const trafficRuleSuffix = "-traffic";

/** Type token of a balancer's rule. */
export const listenerRuleType = "aws:lb/listenerRule:ListenerRule";

/** The part of a URN that stays when a parent changes: its own type and its name. */
function resourceKey(urn: string): string {
  const [, , types = "", ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
  return `${types.split("$").at(-1)}::${name.join("::")}`;
}
