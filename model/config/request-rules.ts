/** Rules that join several settings of a run. */
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

function releasesAreNamedOnce(config: Config): ConfigProblem[] {
  return Object.entries(config.releases).flatMap(([name, request]) => {
    const named = Object.entries(request).filter(([, value]) => value !== undefined);
    if (named.length === 1) return [];
    return [
      {
        field: `releases.${name}`,
        rule: "one of imageTag, candidate and release",
        value: named.map(([key]) => key).join(", ") || "none",
        remedy: "keep the one that you mean",
      },
    ];
  });
}

function releasesNameServices(config: Config): ConfigProblem[] {
  return Object.keys(config.releases)
    .filter((name) => !Object.hasOwn(config.services, name))
    .map((name) => ({
      field: `releases.${name}`,
      rule: "a service of this stack",
      value: JSON.stringify(name),
      remedy: `name one of: ${Object.keys(config.services).join(", ") || "(the stack declares none)"}`,
    }));
}

export const requestRules: readonly CrossFieldRule[] = [releasesAreNamedOnce, releasesNameServices];
