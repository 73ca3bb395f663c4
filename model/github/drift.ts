/**
 * What differs between the rulesets and environments that a stack declares and those that GitHub has. Pure: both sides are given. What
 * could not be read is never taken for equal.
 */
import type { Config } from "../config/config.ts";
import { type Fields, flattenPlan, flattenRuleset, type Hidden, isEmpty } from "./documents.ts";
import { declaredEnvironment, flattenEnvironment, type LiveEnvironment } from "./environment-document.ts";
import { planRuleset } from "./ruleset.ts";

/** One setting that is not as declared; a side that has nothing there is undefined. */
export interface DriftFinding {
  /** `ruleset main`, `environment prod`. */
  where: string;
  /** In GitHub's own words, e.g. `rules.pull_request.required_approving_review_count`; empty: the whole. */
  field: string;
  declared?: unknown;
  live?: unknown;
  /** How to mend what no update changes back, since no resource of the stack holds it. */
  remedy?: string;
}

/** Something that could not be compared. */
export interface DriftUnknown {
  where: string;
  reason: string;
}

export interface Drift {
  findings: DriftFinding[];
  unknown: DriftUnknown[];
}

/** What a reader brings: the document as GitHub answered, that there is none, or why it could not be read. */
export type Reading<T> = { document: T } | { absent: true } | { unreadable: string };

export interface LiveSettings {
  /** By name; only those that the repository itself has. */
  rulesets: ReadonlyMap<string, Reading<Record<string, unknown>>>;
  /** Those declared, by name. */
  environments: ReadonlyMap<string, Reading<LiveEnvironment>>;
}

/**
 * @example
 * githubDrift(config, { rulesets: new Map(), environments: new Map() }).findings[0] // { where: "ruleset main", field: "", declared: "present" }
 */
export function githubDrift(declared: Pick<Config, "rulesets" | "environments">, live: LiveSettings): Drift {
  const parts = [
    ...Object.entries(declared.rulesets).map(([name, settings]) => {
      const plan = flattenPlan(planRuleset(settings));
      return compare(`ruleset ${name}`, plan, live.rulesets.get(name), flattenRuleset);
    }),
    ...[...live.rulesets]
      .filter(([name]) => !Object.hasOwn(declared.rulesets, name))
      .map(([name, reading]) => stray(name, reading)),
    ...Object.entries(declared.environments).map(([name, settings]) =>
      compare(`environment ${name}`, declaredEnvironment(settings), live.environments.get(name), (document) =>
        flattenEnvironment(document, settings),
      ),
    ),
  ];
  return { findings: parts.flatMap(({ findings }) => findings), unknown: parts.flatMap(({ unknown }) => unknown) };
}

function compare<T>(
  where: string,
  declared: Fields,
  reading: Reading<T> | undefined,
  flatten: (document: T) => { fields: Fields; hidden: Hidden[] },
): Drift {
  if (reading === undefined || "absent" in reading) {
    return { findings: [{ where, field: "", declared: "present" }], unknown: [] };
  }
  if ("unreadable" in reading) return { findings: [], unknown: [{ where, reason: reading.unreadable }] };
  const { fields, hidden } = flatten(reading.document);
  const seen = (field: string) => !hidden.some((one) => one.fields.some((start) => field.startsWith(start)));
  return {
    findings: differences(where, declared, fields).filter(({ field }) => seen(field)),
    unknown: hidden.map(({ reason }) => ({ where, reason })),
  };
}

/** A ruleset that nobody declared. Its rules add to the others; who made it, and why, is not known here. */
function stray(name: string, reading: Reading<Record<string, unknown>>): Drift {
  const where = `ruleset ${name}`;
  if ("absent" in reading) return { findings: [], unknown: [] };
  if ("unreadable" in reading) return { findings: [], unknown: [{ where, reason: reading.unreadable }] };
  const { enforcement, target, id } = reading.document;
  const remedy = `declare it under sluice:rulesets, or delete it on GitHub (ruleset ${id})`;
  return { findings: [{ where, field: "", live: `${target}, ${enforcement}`, remedy }], unknown: [] };
}

/** Fields that GitHub fills in by itself where nothing is declared. */
const FILLED_IN: readonly RegExp[] = [/^rules\.pull_request\.allowed_merge_methods$/];

/** Each of them is a resource of its own: one that nobody declared is in no state. */
const OWN_RESOURCES = /^deployment_branch_policies\./;
const OWN_REMEDY = "declare it under sluice:environments, or delete it on GitHub: Settings, Environments";

function differences(where: string, declared: Fields, live: Fields): DriftFinding[] {
  const names = [...new Set([...declared.keys(), ...live.keys()])].sort();
  return names.flatMap((field) => {
    const [wanted, found] = [declared.get(field), live.get(field)];
    if (same(wanted, found)) return [];
    if (wanted === undefined && FILLED_IN.some((pattern) => pattern.test(field))) return [];
    return [
      {
        where,
        field,
        ...(wanted === undefined ? {} : { declared: wanted }),
        ...(found === undefined ? {} : { live: found }),
        ...(wanted === undefined && OWN_RESOURCES.test(field) ? { remedy: OWN_REMEDY } : {}),
      },
    ];
  });
}

/** Off, none and absent are one to GitHub. */
function same(wanted: unknown, found: unknown): boolean {
  return (isEmpty(wanted) && isEmpty(found)) || JSON.stringify(wanted) === JSON.stringify(found);
}
