/** What no schema says about a section of gates. */
import type { ConfigProblem } from "../config/problems.ts";
import type { Gates } from "./config.ts";
import { isLicence } from "./licence.ts";
import type { GatesSection } from "./section.ts";
import { tightenGates } from "./tighten.ts";

/**
 * Every breach of a rule that joins several settings of a section, or that its shape does not show.
 *
 * @example
 * sectionProblems(section).map(({ field }) => field) // ["gates.freeze.0.until"]
 */
export function sectionProblems(section: GatesSection): ConfigProblem[] {
  const { repositories, ...shared } = section;
  const below = (name: string, problem: ConfigProblem): ConfigProblem => ({
    ...problem,
    field: problem.field.replace(/^gates\./, `gates.repositories.${name}.`),
  });
  return [
    ...gatesProblems(shared),
    ...Object.entries(repositories).flatMap(([name, own]) =>
      [...gatesProblems(own), ...tightenGates(shared, own).problems].map((problem) => below(name, problem)),
    ),
  ];
}

function gatesProblems(gates: Gates): ConfigProblem[] {
  return [...windowsEnd(gates), ...licencesAreKnown(gates)];
}

function windowsEnd({ freeze }: Gates): ConfigProblem[] {
  return freeze.flatMap(({ from, until }, index) => {
    if (Date.parse(from) < Date.parse(until)) return [];
    const rule = `later than from, ${from}`;
    return [{ field: `gates.freeze.${index}.until`, rule, value: JSON.stringify(until), remedy: "name a later time" }];
  });
}

function licencesAreKnown({ licences }: Gates): ConfigProblem[] {
  return (licences?.allow ?? []).flatMap((name, index) => {
    if (isLicence(name)) return [];
    return [
      {
        field: `gates.licences.allow.${index}`,
        rule: "one SPDX licence identifier, with its exception where it has one",
        value: JSON.stringify(name),
        remedy: "look for its right name at https://spdx.org/licenses, in its right case",
      },
    ];
  });
}
