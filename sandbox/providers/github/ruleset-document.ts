/** A ruleset's properties in the program, and the document that GitHub's REST API has in their place. */
import type { BypassActor, Rule, RulesetFields } from "../../cloud/github-documents.ts";
import type { Properties } from "../resource-type.ts";

/** Names that are not just written in another way: property in the program, field of the document. */
const RENAMED: [string, string][] = [
  ["requiredCodeScanning", "code_scanning"],
  ["requiredCodeScanningTools", "code_scanning_tools"],
  ["requiredChecks", "required_status_checks"],
];
const SNAKE = new Map(RENAMED);

/** The list of checks has the name of its own rule, so only fields are renamed, never rules, on the way back. */
const CAMEL = new Map(RENAMED.map(([camel, snake]) => [snake, camel]));

const plainSnake = (key: string) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const plainCamel = (key: string) => key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (key: string) => SNAKE.get(key) ?? plainSnake(key);
const camel = (key: string) => CAMEL.get(key) ?? plainCamel(key);

/**
 * @example
 * toDocument({ name: "main", rules: { deletion: true }, … }).rules // [{ type: "deletion" }]
 */
export function toDocument(inputs: Properties): RulesetFields {
  const { name, target, enforcement, bypassActors = [], conditions, rules = {} } = inputs;
  const { refName } = (conditions ?? {}) as { refName?: { includes: string[]; excludes: string[] } };
  return {
    name: String(name),
    target: String(target),
    enforcement: String(enforcement),
    bypass_actors: (bypassActors as Properties[]).map(toActor),
    ...(refName === undefined
      ? {}
      : { conditions: { ref_name: { include: refName.includes, exclude: refName.excludes } } }),
    rules: toRules(rules as Properties),
  };
}

function toActor({ actorId, actorType, bypassMode }: Properties): BypassActor {
  return { actor_id: Number(actorId) || null, actor_type: String(actorType), bypass_mode: String(bypassMode) };
}

function toRules({ updateAllowsFetchAndMerge, ...rules }: Properties): Rule[] {
  return Object.entries(rules).flatMap(([key, value]): Rule[] => {
    if (value === undefined || value === false) return [];
    if (value !== true) return [{ type: snake(key), parameters: renamed(value, snake) as Properties }];
    if (key !== "update") return [{ type: snake(key) }];
    return [{ type: key, parameters: { update_allows_fetch_and_merge: updateAllowsFetchAndMerge === true } }];
  });
}

/**
 * @example
 * fromDocument(ruleset).rules // { deletion: true }
 */
export function fromDocument(document: RulesetFields): Properties {
  const { name, target, enforcement, bypass_actors, conditions, rules } = document;
  return {
    name,
    target,
    enforcement,
    bypassActors: bypass_actors.map(({ actor_id, actor_type, bypass_mode }) => ({
      ...(actor_id === null ? {} : { actorId: actor_id }),
      actorType: actor_type,
      bypassMode: bypass_mode,
    })),
    ...(conditions === undefined
      ? {}
      : { conditions: { refName: { includes: conditions.ref_name.include, excludes: conditions.ref_name.exclude } } }),
    rules: Object.assign({}, ...rules.map(fromRule)),
  };
}

function fromRule({ type, parameters }: Rule): Properties {
  if (type === "update") {
    return parameters?.update_allows_fetch_and_merge === true
      ? { update: true, updateAllowsFetchAndMerge: true }
      : { update: true };
  }
  const key = type === "code_scanning" ? "requiredCodeScanning" : plainCamel(type);
  return { [key]: parameters === undefined ? true : renamed(parameters, camel) };
}

/** A check that no app is asked for has the number 0 in the program, and none in the document. */
function renamed(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, name));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(
    ([key, one]) => one !== undefined && !(/^integration(?:Id|_id)$/.test(key) && !one),
  );
  return Object.fromEntries(entries.map(([key, one]) => [name(key), renamed(one, name)]));
}
