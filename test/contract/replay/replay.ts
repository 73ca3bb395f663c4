/** Replays the states of stacks on another cloud, and tells where that cloud then differs from what was asked. */
import { type Clients, region } from "./clients.ts";
import { type Mismatch, mismatches } from "./comparison.ts";
import type { AnyMapping, Made, Mappings } from "./mapping.ts";
import { awsResources, type StateResource } from "./state.ts";
import { leaves, track } from "./tracking.ts";
import { Translation } from "./translation.ts";

/** Where the other cloud is not as the state has it: a property, or the whole resource where it refused the call. */
export interface Difference {
  readonly type: string;
  /** Dotted; empty where a call was refused. */
  readonly property: string;
  readonly expected?: unknown;
  readonly found?: unknown;
}

export interface Report {
  /** Resources that were made, by type. */
  readonly made: Map<string, number>;
  readonly updated: Map<string, number>;
  /** Properties that were sent and read back, as `type property`, whether equal or not. */
  readonly compared: Set<string>;
  readonly differences: (Difference & { readonly name: string })[];
  /** What no mapping accounts for. Anything here is a defect of the mappings. */
  readonly unmapped: string[];
}

/** Inputs of every type that are the engine's or the provider's own. */
const unsentEverywhere: Readonly<Record<string, string>> = {
  __defaults: "the provider's notes on which inputs are its defaults",
};

export class Replay {
  readonly report: Report = {
    made: new Map(),
    updated: new Map(),
    compared: new Set(),
    differences: [],
    unmapped: [],
  };
  readonly translation = new Translation();
  readonly #mappings: Mappings;
  readonly #clients: Clients;
  readonly #known = new Map<string, { made: Made; inputs: string }>();

  constructor(mappings: Mappings, clients: Clients) {
    this.#mappings = mappings;
    this.#clients = clients;
  }

  /** Replays a state. What an earlier state has already brought about is changed where it differs. */
  async run(resources: readonly StateResource[]): Promise<void> {
    for (const resource of awsResources(resources)) {
      const mapping = this.#mappings[resource.type];
      if (mapping === undefined) this.report.unmapped.push(`${resource.type}: no mapping`);
      else await this.#replay(resource, mapping);
    }
  }

  async #replay(resource: StateResource, mapping: AnyMapping): Promise<void> {
    const inputs = this.translation.apply(this.#sent(resource, mapping));
    const text = JSON.stringify(inputs);
    const known = this.#known.get(resource.urn);
    if (known?.inputs === text) return;
    const made = await this.#refusals(resource, () =>
      known === undefined
        ? this.#create(resource, mapping, inputs)
        : this.#update(resource, mapping, known.made, inputs),
    );
    if (made === undefined) return;
    this.#known.set(resource.urn, { made, inputs: text });
    this.translation.learn(resource, made);
    await this.#compare(resource, mapping, made, inputs);
  }

  /** The inputs without what stands in the lists of what is not sent. */
  #sent({ type, inputs }: StateResource, { unsent = {} }: AnyMapping): Record<string, unknown> {
    if (inputs.region !== undefined && inputs.region !== region) throw new Error(`${type} is in ${inputs.region}`);
    const left = { ...unsent, ...unsentEverywhere, region: "every client's" };
    return Object.fromEntries(Object.entries(inputs).filter(([property]) => !(property in left)));
  }

  async #create({ type }: StateResource, mapping: AnyMapping, inputs: Record<string, unknown>): Promise<Made> {
    const { value, unread } = track(inputs);
    const made = await mapping.create(value, this.#clients);
    for (const property of unread()) this.report.unmapped.push(`${type}: no call carries ${property}`);
    count(this.report.made, type);
    return made;
  }

  async #update({ type }: StateResource, mapping: AnyMapping, made: Made, inputs: Record<string, unknown>) {
    if (mapping.update === undefined) {
      this.report.unmapped.push(`${type}: no mapping for a change`);
      return made;
    }
    await mapping.update({ made, inputs }, this.#clients);
    count(this.report.updated, type);
    return made;
  }

  async #compare(
    { type, name }: StateResource,
    mapping: AnyMapping,
    made: Made,
    inputs: Record<string, unknown>,
  ): Promise<void> {
    const found = await this.#refusals({ type, name }, () => mapping.read({ made, inputs }, this.#clients));
    if (found === undefined) return;
    for (const leaf of leaves(inputs)) this.report.compared.add(`${type} ${leaf}`);
    for (const { path, ...values } of mismatches(inputs, found) satisfies Mismatch[]) {
      this.report.differences.push({ type, name, property: path, ...values });
    }
  }

  /** Runs calls; a refusal by the cloud is a difference, anything else that fails is a defect. */
  async #refusals<T>({ type, name }: Pick<StateResource, "type" | "name">, calls: () => Promise<T>) {
    try {
      return await calls();
    } catch (error) {
      const { $metadata, name: code, message } = error as Error & { $metadata?: object };
      if ($metadata === undefined) throw new Error(`${type} ${name}: ${message}`, { cause: error });
      this.report.differences.push({ type, name, property: "", expected: "accepted", found: `${code}: ${message}` });
      return undefined;
    }
  }
}

function count(counts: Map<string, number>, type: string): void {
  counts.set(type, (counts.get(type) ?? 0) + 1);
}
