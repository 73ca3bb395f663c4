/** Rules that join several settings of the gates. */
import { sectionProblems } from "../gates/section-problems.ts";
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

const gatesAgree: CrossFieldRule = ({ gates }) => (gates === undefined ? [] : sectionProblems(gates));

/** A misspelt repository would have gates that no image ever meets. A stack without services may gate what runs nowhere. */
function repositoriesAreUsed({ gates, services }: Config): ConfigProblem[] {
  const used = Object.entries(services).map(([name, { repository = name }]) => repository);
  if (used.length === 0) return [];
  return Object.keys(gates?.repositories ?? {})
    .filter((name) => !used.includes(name))
    .map((name) => ({
      field: `gates.repositories.${name}`,
      rule: "a repository that a service of this stack runs from",
      value: JSON.stringify(name),
      remedy: `name one of: ${[...new Set(used)].join(", ")}`,
    }));
}

export const gatesRules: readonly CrossFieldRule[] = [gatesAgree, repositoriesAreUsed];
