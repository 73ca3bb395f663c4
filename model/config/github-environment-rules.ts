/** Rules that join several settings of GitHub's environments. */
import { deploymentPolicies } from "../github/environment.ts";
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

function somethingMayDeploy({ environments }: Config): ConfigProblem[] {
  return Object.entries(environments)
    .filter(([, { branches, tags }]) => branches.length + tags.length === 0)
    .map(([name]) => ({
      field: `environments.${name}.branches`,
      rule: "at least one branch or tag, or nothing could ever deploy",
      value: "[]",
      remedy: "name a branch or a tag",
    }));
}

/** Policies are resources of their own: two of one name are one too many for the engine. */
function policiesAreNamedOnce({ environments }: Config): ConfigProblem[] {
  const policies = Object.entries(environments).flatMap(([name, settings]) =>
    deploymentPolicies(name, settings).map((policy) => ({ ...policy, field: `environments.${name}.${policy.kind}` })),
  );
  return policies
    .filter(({ resource }, index) => policies.findIndex((other) => other.resource === resource) < index)
    .map(({ field, pattern, resource }) => ({
      field,
      rule: `a branch and an environment that no other pair reads like (${resource})`,
      value: JSON.stringify(pattern),
      remedy: "name it once, or rename the environment",
    }));
}

function githubIsNamed({ github, rulesets, environments }: Config): ConfigProblem[] {
  if (github !== undefined) return [];
  const sections = Object.entries({ rulesets, environments }).filter(([, named]) => Object.keys(named).length > 0);
  return sections.map(([field, named]) => ({
    field,
    rule: "needs the section github, which names the repository",
    value: Object.keys(named).join(", "),
    remedy: "declare sluice:github in the same stack",
  }));
}

export const githubEnvironmentRules: readonly CrossFieldRule[] = [
  somethingMayDeploy,
  policiesAreNamedOnce,
  githubIsNamed,
];
