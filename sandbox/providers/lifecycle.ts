import type { Cloud } from "../cloud/index.ts";
import { inRegion } from "../cloud/region.ts";
import { checkInputs } from "./check.ts";
import { type Call, contextFor, nameOf } from "./context.ts";
import { type Change, diffInputs, isEmpty, replacements, withIgnored } from "./diff.ts";
import { type Autonaming, DEFAULTS, nameFor } from "./naming.ts";
import { containsUnknown, UNKNOWN } from "./protocol.ts";
import {
  type CheckProblem,
  PartialError,
  type Properties,
  type ProviderContext,
  type ResourceType,
} from "./resource-type.ts";
import { checkTags, ownTags, specsOf, type TagMap, tagsAll } from "./tagging.ts";

export interface Diff {
  changes: Change[];
  replaces: string[];
  deleteBeforeReplace: boolean;
}

export interface ReadResult {
  state: Properties;
  inputs: Properties;
}

/**
 * What happens to resources of one type, whatever the type: the declaration says what differs. Knows nothing of gRPC.
 */
export class Lifecycle {
  readonly #cloud: Cloud;
  readonly #token: string;
  readonly #type: ResourceType;

  constructor(cloud: Cloud, token: string, type: ResourceType) {
    this.#cloud = cloud;
    this.#token = token;
    this.#type = type;
  }

  check(
    call: Call,
    olds: Properties,
    news: Properties,
    seed: Uint8Array,
    autonaming?: Autonaming,
  ): { inputs: Properties; problems: CheckProblem[] } {
    const given: Properties = Object.fromEntries(Object.entries(news).filter(([key]) => key !== DEFAULTS));
    const filled = { ...given };
    const { autoname } = this.#type;
    if (autoname && isNameless(given, autoname.property)) {
      const about = { name: nameOf(call.urn), olds, seed, ...(autonaming && { autonaming }) };
      const name = nameFor(autoname, about);
      if (name !== undefined) filled[autoname.property] = name;
    }
    const { inputs, problems } = checkInputs(specsOf(this.#type), filled);
    if (this.#type.tagged) problems.push(...checkTags(inputs.tags));
    if (problems.length === 0) problems.push(...(this.#type.check?.(inputs, call.config) ?? []));
    const defaults = Object.keys(inputs).filter((key) => given[key] === undefined);
    return { inputs: { ...inputs, [DEFAULTS]: defaults.sort() }, problems };
  }

  diff(call: Call, olds: Properties, news: Properties, ignored: readonly string[]): Diff {
    const wanted = withIgnored(ignored, olds, news);
    const changes = diffInputs(specsOf(this.#type), olds, wanted);
    if (this.#type.tagged && !changes.some(({ path }) => /^tags\b/.test(path))) {
      const now = tagsAll(call.config.defaultTags, wanted);
      const before = olds.tagsAll ?? {};
      const spec = { tagsAll: { type: { map: { type: "string" as const } } } };
      changes.push(...diffInputs(spec, { tagsAll: before }, { tagsAll: now }));
    }
    const replaces = replacements(this.#type, olds, wanted, changes);
    return { changes, replaces, deleteBeforeReplace: replaces.length > 0 && this.#collides(olds, wanted) };
  }

  /** A name that the program fixed would meet its predecessor, so that one has to go first (as the real bridge decides). */
  #collides(olds: Properties, news: Properties): boolean {
    if (this.#type.deleteBeforeReplace) return true;
    const property = this.#type.autoname?.property;
    if (property === undefined || news[property] === undefined) return false;
    const ours = (news[DEFAULTS] as unknown[] | undefined)?.includes(property) ?? false;
    return !ours && news[property] === olds[property];
  }

  async create(call: Call, inputs: Properties, preview: boolean): Promise<{ id: string; state: Properties }> {
    const wanted = known(inputs);
    const all = this.#type.tagged ? { tagsAll: tagsAll(call.config.defaultTags, wanted) } : {};
    if (preview || containsUnknown(wanted)) {
      const unknown = Object.fromEntries(this.#type.outputs.map((key) => [key, UNKNOWN]));
      return { id: "", state: { ...unknown, ...wanted, ...all } };
    }
    return this.#run("create", call, inputs, async (ctx) => {
      const { id, state } = await this.#type.create(wanted, ctx).catch(async (error: unknown) => {
        if (!(error instanceof PartialError)) throw error;
        const partial = { ...wanted, ...error.state, ...all };
        await this.#writeTags(error.id, partial, ctx);
        throw new PartialError(error.id, partial, error.message);
      });
      const complete = { ...wanted, ...state, ...all };
      await this.#writeTags(id, complete, ctx);
      return { id, state: complete };
    });
  }

  async read(call: Call, id: string, olds: Properties, oldInputs: Properties): Promise<ReadResult | undefined> {
    return this.#run("read", call, oldInputs, async (ctx) => {
      const found = await this.#type.read(id, olds, ctx);
      if (found === undefined) return undefined;
      const state = { ...olds, ...found };
      if (this.#type.tagged) this.#readTags(id, state, call.config.defaultTags, ctx);
      return { state, inputs: this.#inputsFrom(state, olds, oldInputs) };
    });
  }

  /** Inputs as the program would have to give them for this state: those it gave, and what was changed behind its back. */
  #inputsFrom(state: Properties, olds: Properties, oldInputs: Properties): Properties {
    const imported = Object.keys(oldInputs).length === 0;
    const inputs: Properties = {};
    for (const [key, spec] of Object.entries(specsOf(this.#type))) {
      const value = state[key];
      const given = oldInputs[key] !== undefined;
      const drifted = !spec.computed && JSON.stringify(value) !== JSON.stringify(olds[key]);
      if (given && spec.computed && isEmpty(value)) inputs[key] = oldInputs[key];
      else if ((given && value !== undefined) || ((imported || drifted) && !isEmpty(value))) inputs[key] = value;
      else if (imported && spec.default !== undefined) inputs[key] = spec.default;
    }
    return { ...inputs, [DEFAULTS]: oldInputs[DEFAULTS] ?? [] };
  }

  async update(
    call: Call,
    id: string,
    olds: Properties,
    news: Properties,
    options: { ignored: readonly string[]; preview: boolean },
  ): Promise<Properties> {
    const { changes } = this.diff(call, olds, news, options.ignored);
    if (changes.length === 0) return olds;
    const wanted = known(withIgnored(options.ignored, olds, news));
    const all = this.#type.tagged ? { tagsAll: tagsAll(call.config.defaultTags, wanted) } : {};
    const planned = { ...this.#without(olds, changes), ...wanted, ...all };
    if (options.preview || containsUnknown(wanted)) {
      return { ...planned, ...Object.fromEntries((this.#type.volatile ?? []).map((key) => [key, UNKNOWN])) };
    }
    const pretend = (value: unknown) => ({ ...planned, ...(value as Properties | undefined) });
    const apply = async (ctx: ProviderContext) => {
      try {
        const onlyTags = changes.every(({ path }) => /^tags(All)?\b/.test(path));
        const state = onlyTags ? {} : await this.#type.update?.(id, olds, planned, ctx);
        const complete = { ...planned, ...state, ...all };
        await this.#writeTags(id, complete, ctx);
        return complete;
      } catch (error) {
        // The real bridge records what was planned, whatever went wrong: state then says more than the cloud holds.
        const state = error instanceof PartialError ? { ...planned, ...error.state, ...all } : planned;
        throw new PartialError(id, state, message(error));
      }
    };
    return this.#run("update", call, news, apply, pretend);
  }

  /** Old state without the inputs that were taken away. */
  #without(olds: Properties, changes: readonly Change[]): Properties {
    const gone = new Set(changes.filter(({ kind }) => kind === "delete").map(({ path }) => path));
    return Object.fromEntries(Object.entries(olds).filter(([key]) => !gone.has(key)));
  }

  async delete(call: Call, id: string, state: Properties): Promise<void> {
    const remove = async (ctx: ProviderContext) => {
      await this.#type.delete(id, state, ctx);
      if (this.#type.tagged) this.#cloud.tags.drop(tagKey(id, state));
    };
    await this.#run("delete", call, state, remove, () => undefined);
  }

  async #writeTags(id: string, state: Properties, ctx: ProviderContext): Promise<void> {
    if (!this.#type.tagged) return;
    ctx.signal.throwIfAborted();
    this.#cloud.tags.write(tagKey(id, state), (state.tagsAll ?? {}) as TagMap);
  }

  #readTags(id: string, state: Properties, defaults: TagMap, ctx: ProviderContext): void {
    const all = ctx.cloud.tags.read(tagKey(id, state));
    const own = ownTags(defaults, all, (state.tags ?? {}) as TagMap);
    state.tagsAll = all;
    if (Object.keys(own).length > 0) state.tags = own;
    else delete state.tags;
  }

  /** @param pretend what a provider that lies (an injected fault) answers without doing anything */
  async #run<R>(
    operation: string,
    call: Call,
    inputs: Properties,
    body: (ctx: ProviderContext) => Promise<R>,
    pretend?: (value: unknown) => R,
  ): Promise<R> {
    const region = typeof inputs.region === "string" ? inputs.region : call.config.region;
    const ctx = contextFor(this.#cloud, { ...call, config: { ...call.config, region } });
    const { faults } = this.#cloud;
    const fault = { service: "provider", operation, type: this.#token, input: [ctx.name, call.urn] };
    const lie = pretend && faults.take(["lie"], fault);
    if (lie) return pretend(lie.value);
    return inRegion(region, () => faults.around<R>(fault, () => body(ctx), call.signal)) as Promise<R>;
  }
}

function isNameless(given: Properties, property: string): boolean {
  return given[property] === undefined && given[`${property}Prefix`] === undefined;
}

function known(inputs: Properties): Properties {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== DEFAULTS));
}

function tagKey(id: string, state: Properties): string {
  return typeof state.arn === "string" ? state.arn : id;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
