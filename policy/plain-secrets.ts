/** Secrets in environment variables, where anyone who may describe a task definition reads them. */

import { matchesName } from "../model/environment-of.ts";
import { containersOf } from "./support/containers.ts";
import { resourcePolicy } from "./support/definition.ts";
import { type Finding, quote } from "./support/finding.ts";
import { isRecord, type Known } from "./support/known.ts";
import { types } from "./support/types.ts";

export interface SecretSettings {
  readonly names: readonly string[];
  readonly allowed: readonly string[];
}

export const noPlainSecrets = resourcePolicy({
  name: "no-plain-secrets",
  description: "Environment variables and commands hold no secrets: those come from Secrets Manager or SSM.",
  severity: "critical",
  remedy: "Put the value into Secrets Manager or SSM, and its ARN under sluice:services.<name>.secrets.",
  tags: ["secrets", "ecs"],
  settings: {
    names: {
      default: [
        "*PASSWORD*",
        "*PASSWD*",
        "*PASSPHRASE*",
        "*SECRET*",
        "*TOKEN",
        "*TOKEN_*",
        "*CREDENTIAL*",
        "*_KEY",
        "*APIKEY*",
        "*API_KEY*",
        "*_PAT",
        "*_PWD",
        "*_DSN",
      ],
      description: "Names of variables that hold secrets; * stands for any characters, case does not count.",
    },
    allowed: { default: [], description: "Names of variables that look like secrets and are none." },
  },
  types: [types.taskDefinition],
  judge: ({ properties }, settings) => judgeVariables(properties, settings),
});

/** Values that are secrets by their look, whatever the variable is called. */
const telling: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, "an AWS access key"],
  [/\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22,}/, "a GitHub token"],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/, "a Slack token"],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/, "a JSON web token"],
  [/[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i, "a URL with a password"],
];

/**
 * Judges the environment variables of a task definition. Findings name variables, never values.
 *
 * @example
 * judgeVariables({ containerDefinitions: '[{"environment":[{"name":"DB_PASSWORD","value":"x"}]}]' }, settings)
 */
export function judgeVariables(properties: Known, settings: SecretSettings): Finding[] {
  const { containers, findings } = containersOf(properties);
  const remedy = "move it to sluice:services.<name>.secrets, as the ARN of a Secrets Manager secret or SSM parameter";
  for (const { where, definition } of containers) {
    for (const [place, text] of textsOf(definition)) {
      const found = telling.find(([pattern]) => pattern.test(text));
      if (found !== undefined) findings.push({ where, what: `${place} holds ${found[1]}`, remedy });
    }
    const variables = definition.environment ?? [];
    if (!Array.isArray(variables)) {
      findings.push({ where, what: "has an environment that is no list", remedy: "make it a list of name and value" });
      continue;
    }
    for (const variable of variables as unknown[]) {
      const { name, value } = isRecord(variable) ? variable : {};
      const why = reason(String(name), String(value ?? ""), settings);
      if (why !== undefined) findings.push({ where, what: `variable ${quote(name)} holds ${why}`, remedy });
    }
  }
  return findings;
}

/** What else anyone reads who may describe a task definition, or list a machine's processes. */
function textsOf(definition: Known): [place: string, text: string][] {
  const { command, entryPoint, healthCheck, dockerLabels, logConfiguration } = definition;
  const options = isRecord(logConfiguration) ? logConfiguration.options : undefined;
  const check = isRecord(healthCheck) ? healthCheck.command : undefined;
  const places = { command, entryPoint, healthCheck: check, dockerLabels, "logConfiguration.options": options };
  return Object.entries(places).flatMap(([place, value]) =>
    Object.values(typeof value === "object" && value !== null ? value : {}).map((one): [string, string] => [
      place,
      String(one),
    ]),
  );
}

function reason(name: string, value: string, { names, allowed }: SecretSettings): string | undefined {
  if (value === "" || allowed.includes(name)) return undefined;
  const found = telling.find(([pattern]) => pattern.test(value));
  if (found !== undefined) return found[1];
  const secret = names.some((pattern) => matchesName(pattern.toUpperCase(), name.toUpperCase()));
  return secret ? "a secret, going by its name" : undefined;
}
