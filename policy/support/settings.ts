/**
 * Settings of a policy: its own strictest values, then what the pack's config gives, then what it gives for the
 * environment. An environment that the config does not name gets the strictest.
 */
import type { EnforcementLevel, PolicyConfigSchema } from "@pulumi/policy";
import { defaultStacks, environmentOf } from "../../model/environment-of.ts";
import type { Finding } from "./finding.ts";
import { isRecord } from "./known.ts";

/** One setting: its strictest value, which also gives its type, and what it means. */
export interface Setting {
  /** Undefined for an object that must be given: the policy itself says what it misses. */
  default: boolean | number | string | readonly string[] | readonly number[] | undefined;
  description: string;
}

type Widened<T> = T extends boolean
  ? boolean
  : T extends number
    ? number
    : T extends string
      ? string
      : T extends readonly string[]
        ? readonly string[]
        : T extends readonly number[]
          ? readonly number[]
          : unknown;

export type Settings<S extends Record<string, Setting>> = { readonly [K in keyof S]: Widened<S[K]["default"]> };

const strictnesses: readonly unknown[] = ["mandatory", "advisory", "disabled"];

/**
 * The schema that the engine checks the pack's config against.
 *
 * @example
 * configSchemaOf({ minimumDays: { default: 90, description: "..." } })
 */
export function configSchemaOf(settings: Record<string, Setting>): PolicyConfigSchema {
  const own = Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, propertySchema(setting)]));
  const strictness = { type: "string" as const, enum: strictnesses as string[] };
  return {
    properties: {
      ...own,
      stacks: {
        type: "object",
        description: "Stack name, or its beginning and *, to environment. Others are environments of their own name.",
        default: defaultStacks,
        additionalProperties: { type: "string" },
      },
      environments: {
        type: "object",
        description: "Settings of single environments, and `strictness`: mandatory, advisory or disabled.",
        default: {},
        additionalProperties: {
          type: "object",
          properties: { ...withoutDefaults(own), strictness },
          additionalProperties: false,
        },
      },
    },
  };
}

function propertySchema({ default: value, description }: Setting) {
  if (value === undefined) return { type: "object" as const, description };
  const type = (one: unknown) => typeof one as "boolean" | "number" | "string";
  if (!Array.isArray(value)) return { type: type(value), default: value, description };
  const items = { type: typeof value[0] === "number" ? ("number" as const) : ("string" as const) };
  return { type: "array" as const, items, default: [...value], description };
}

/** Defaults inside `environments` would read as if every environment had them. */
function withoutDefaults<T extends { default?: unknown }>(schemas: Record<string, T>) {
  return Object.fromEntries(Object.entries(schemas).map(([key, { default: _default, ...schema }]) => [key, schema]));
}

/**
 * The settings that hold for a stack.
 *
 * @returns `problems` names settings that do not exist: the engine lets them pass at the outer level, and a misspelt
 * setting would silently leave another value in force
 */
export function settingsFor<const S extends Record<string, Setting>>(
  settings: S,
  config: Readonly<Record<string, unknown>>,
  stack: string,
): {
  settings: Settings<S>;
  level: EnforcementLevel | undefined;
  problems: Finding[];
  stacks: Readonly<Record<string, string>>;
  environment: string;
} {
  const { stacks: mapped = defaultStacks, environments = {}, ...base } = config;
  const stacks = mapped as Readonly<Record<string, string>>;
  const environment = environmentOf(stack, stacks);
  const override = isRecord(environments) && Object.hasOwn(environments, environment) ? environments[environment] : {};
  const { strictness, ...relaxed } = isRecord(override) ? override : {};
  const given: Record<string, unknown> = { ...base, ...relaxed };
  const known = Object.entries(settings).map(([key, setting]) => [key, given[key] ?? setting.default]);
  const problems = Object.keys(given)
    .filter((key) => !Object.hasOwn(settings, key))
    .map((key) => ({
      where: `policy config ${JSON.stringify(key)}`,
      what: "is no setting of this policy",
      remedy: `remove it, or use one of ${[...Object.keys(settings), "stacks", "environments"].join(", ")}`,
    }));
  return {
    settings: Object.fromEntries(known) as Settings<S>,
    level: strictnesses.includes(strictness) ? (strictness as EnforcementLevel) : undefined,
    problems,
    stacks,
    environment,
  };
}
