/** Which rule of a SARIF run a result breaks, and how severe that is. */
import type { Severity } from "../../model/gates/results.ts";
import { type Report, ReportError } from "./reader.ts";
import type { SarifLevel, SarifResult, SarifRule, SarifRun } from "./sarif-schema.ts";
import { bySeverity, severityOf, severityOfScore } from "./severity.ts";

/**
 * Finds what a result's rule says, in the component that it names or in all. The id goes before the index: gosec writes
 * the index of another rule.
 *
 * @throws ReportError where it names a component that is not there, or a rule by index alone that is not there
 * @returns all that fit, several where a tool gives one id twice; none where the rule is not described
 */
export function rulesOf(report: Report, place: string, run: SarifRun, result: SarifResult): readonly SarifRule[] {
  const components = componentsOf(report, place, run, result);
  const index = result.rule?.index ?? result.ruleIndex ?? -1;
  // Without a component, an index counts in the driver.
  const indexed = index < 0 ? undefined : components[0]?.rules?.[index];
  const ids = idsOf(ruleId(result));
  if (indexed !== undefined && (ids.length === 0 || ids.includes(indexed.id))) return [indexed];
  if (ids.length === 0 && index >= 0) throw new ReportError(report, place, `names rule ${index}, which is not there`);
  for (const id of ids) {
    const rules = components.flatMap((component) => byId(component).get(id) ?? []);
    if (rules.length > 0) return rules;
  }
  return [];
}

/** An id may name a part of its rule, `CA1000/1`: the id itself, and then what it may be a part of. */
function idsOf(id: string | undefined): string[] {
  if (id === undefined) return [];
  const parts = id.split("/", 9);
  return [id, ...parts.slice(1).map((_, number) => parts.slice(0, parts.length - 1 - number).join("/"))];
}

type Component = SarifRun["tool"]["driver"];
const indexes = new WeakMap<Component, Map<string, SarifRule[]>>();

/** Made once: there may be as many rules as results. */
function byId(component: Component): Map<string, SarifRule[]> {
  const index = indexes.get(component) ?? Map.groupBy(component.rules ?? [], ({ id }) => id);
  indexes.set(component, index);
  return index;
}

/** @returns the id that the result itself gives its rule */
export function ruleId(result: SarifResult): string | undefined {
  return result.ruleId ?? result.rule?.id;
}

function componentsOf(report: Report, place: string, { tool }: SarifRun, result: SarifResult) {
  const { driver, extensions = [] } = tool;
  const named = result.rule?.toolComponent;
  if (named === undefined) return [driver, ...extensions];
  const { index = -1, guid, name } = named;
  const one =
    index >= 0
      ? extensions[index]
      : [driver, ...extensions].find((other) => (guid === undefined ? other.name === name : other.guid === guid));
  if (one === undefined) throw new ReportError(report, place, "names a component of the tool that is not there");
  return [one];
}

/**
 * A result's severity: its rule's `security-severity` in GitHub's bands, else its level: error high, warning medium, note
 * and none low. A result that is open or up for review should have no level; without one, and without a score, its
 * severity is unknown. So it is where its run overrides what rules say, and with a score of zero and a mild level, which is how Trivy writes that it does not know.
 * Source of the bands: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 */
export function severityOfResult(result: SarifResult, rules: readonly SarifRule[], overridden: boolean): Severity {
  const scores = [...rules, result]
    .map(({ properties }) => properties?.["security-severity"])
    .filter((score) => score !== undefined)
    .map(scoreOf);
  const rated = scores.filter((score) => score !== 0);
  if (rated.length > 0) return worst(rated.map(severityOfScore));
  const failed = (result.kind ?? "fail") === "fail";
  if (!failed && (result.level ?? "none") === "none") return "unknown";
  const severity = worst(levelsOf(result, rules, overridden).map(severityOf));
  return severity === "low" && scores.length > 0 ? "unknown" : severity;
}

function scoreOf(score: unknown): number {
  const isNumber = typeof score === "number" || (typeof score === "string" && /^\d+(?:\.\d+)?$/.test(score.trim()));
  return isNumber ? Number(score) : Number.NaN;
}

/**
 * SARIF's default is a warning, but only of a rule that says nothing else: of one that is not described there is no level.
 */
function levelsOf(result: SarifResult, rules: readonly SarifRule[], overridden: boolean): (SarifLevel | undefined)[] {
  if (result.level !== undefined) return [result.level];
  if (overridden) return [undefined];
  return rules.map(({ defaultConfiguration }) => defaultConfiguration?.level ?? "warning");
}

const worst = (all: readonly Severity[]): Severity => all.toSorted(bySeverity)[0] ?? "unknown";
