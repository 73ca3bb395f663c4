/** What is wrong with a configuration, in words for people. */
import type { z } from "zod";
import { ruleWords } from "./rule-words.ts";

/** One thing wrong with a configuration. */
export interface ConfigProblem {
  /** Dotted path below the namespace, e.g. `services.api.cpu`. */
  field: string;
  rule: string;
  /** The value received, as JSON; never that of a secret. */
  value: string;
  remedy: string;
}

/**
 * The text that the program fails with and the command line shows, one problem a line.
 *
 * @example
 * throw new Error(formatProblems(problems))
 */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  const lines = problems.map(({ field, rule, value, remedy }) => `  ${field}: ${rule}; got ${value}; ${remedy}`);
  return ["configuration error:", ...lines].join("\n");
}

type Issue = z.core.$ZodIssue;

/**
 * What a schema finds wrong. It looks at nothing below a name that it refuses, so a configuration with such names is
 * judged once more with them replaced: all that is wrong is said at once.
 *
 * @param issues what the schema said of `raw`
 */
export function shapeProblems(schema: z.ZodType, raw: unknown, issues: readonly Issue[]): ConfigProblem[] {
  const replaced = new Map<PropertyKey, PropertyKey>();
  return issuesBelowNames(schema, raw, issues, replaced)
    .map((issue) => ({ ...issue, path: issue.path.map((part) => replaced.get(part) ?? part) }))
    .flatMap((issue) => describeIssue(issue, raw));
}

/** @param replaced stand-ins, to the names that they stand for */
function issuesBelowNames(
  schema: z.ZodType,
  raw: unknown,
  issues: readonly Issue[],
  replaced: Map<PropertyKey, PropertyKey>,
): readonly Issue[] {
  const refused = issues.filter(({ code, path }) => code === "invalid_key" && !replaced.has(path.at(-1) as string));
  if (refused.length === 0) return issues;
  const copy = structuredClone(raw);
  for (const { path } of refused) {
    const parent = valueAt(copy, path.slice(0, -1)) as Record<PropertyKey, unknown>;
    const name = path.at(-1) as string;
    // Every kind of name in the schema allows such a word.
    const standIn = `standin${replaced.size}`;
    replaced.set(standIn, name);
    parent[standIn] = parent[name];
    delete parent[name];
  }
  return [...refused, ...issuesBelowNames(schema, copy, schema.safeParse(copy).error?.issues ?? [], replaced)];
}

/**
 * Names that JavaScript takes for something else, wherever they stand: a schema drops them without a word.
 *
 * @example
 * hiddenNames(JSON.parse('{"services":{"__proto__":{}}}'))[0]?.field // "services.__proto__"
 */
export function hiddenNames(raw: unknown, path: readonly string[] = []): ConfigProblem[] {
  if (raw === null || typeof raw !== "object") return [];
  const own = Object.hasOwn(raw, "__proto__") ? [[...path, "__proto__"].join(".")] : [];
  return [
    ...own.map((field) => ({
      field,
      rule: "name: not this one, which JavaScript keeps for itself",
      value: "__proto__",
      remedy: "rename it",
    })),
    ...Object.entries(raw).flatMap(([key, value]) => (key === "__proto__" ? [] : hiddenNames(value, [...path, key]))),
  ];
}

/** What is looked for under a service and stands under `releases`. */
const perRun: ReadonlySet<string> = new Set(["imageTag", "candidate", "release"]);

function describeIssue(issue: Issue, raw: unknown): ConfigProblem[] {
  const field = issue.path.join(".");
  const shown = (path: readonly PropertyKey[]) => (mayBeSecret(path) ? hidden : show(valueAt(raw, path)));
  const value = shown(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: field === "" ? key : `${field}.${key}`,
      rule: "no such setting",
      value: shown([...issue.path, key]),
      remedy: perRun.has(key)
        ? "releases are asked for per run: sluice:imageTag, sluice:releases.NAME.imageTag, or sluice up --image-tag"
        : "remove it, or look for its right name in docs/config.schema.json",
    }));
  }
  if (issue.code === "invalid_key") {
    const rule = issue.issues.map((inner) => inner.message).join(", ");
    return [{ field, rule: `name: ${rule}`, value: show(issue.path.at(-1)), remedy: "rename it" }];
  }
  const rule = ruleWords(issue);
  if (valueAt(raw, issue.path) === undefined) {
    return [{ field, rule: `required: ${rule}`, value, remedy: `set sluice:${field}` }];
  }
  return [{ field, rule, value, remedy: `set sluice:${field} to a value that the rule allows` }];
}

const hidden = "a value that may be a secret";

/** Endpoints may hold tokens, under whatever key somebody put them. */
const mayBeSecret = ([section, part]: readonly PropertyKey[]): boolean =>
  section === "alarms" && part === "subscriptions";

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], raw);
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value)).slice(0, 120);
}
