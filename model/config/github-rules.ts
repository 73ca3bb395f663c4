import { policyLimits } from "../roles/document.ts";
import { githubIssuer } from "../roles/oidc-trust.ts";
import { roleSubjects, roleTrust } from "../roles/trust.ts";
import type { CrossFieldRule } from "./config.ts";
import type { GithubConfig } from "./github.ts";
import type { ConfigProblem } from "./problems.ts";

/** Rules of the section `github`. */
export const githubRules: readonly CrossFieldRule[] = [
  ({ github }) =>
    github === undefined ? [] : [...distinctNames(github), ...knownGrants(github), ...trustFits(github)],
];

/**
 * IAM passes roles by name alone, and physical names join words with hyphens: a service `eu-api` of `prod` and a service
 * `api` of `prod-eu` are called the same.
 */
function distinctNames({ deploys }: GithubConfig): ConfigProblem[] {
  return deploys.flatMap((name, index) => {
    const other = deploys.find((one, at) => at !== index && (one === name ? at < index : name.startsWith(`${one}-`)));
    if (other === undefined) return [];
    const rule =
      other === name ? "each environment once" : `no name that begins with another one and a hyphen: "${other}"`;
    return [
      { field: `github.deploys.${index}`, rule, value: JSON.stringify(name), remedy: "rename or remove one of them" },
    ];
  });
}

function knownGrants({ deploys, grants }: GithubConfig): ConfigProblem[] {
  return Object.keys(grants)
    .filter((name) => !deploys.includes(name))
    .map((name) => ({
      field: `github.grants.${name}`,
      rule: "an environment of github.deploys",
      value: JSON.stringify(name),
      remedy: `one of ${deploys.join(", ")}, or add it there`,
    }));
}

function trustFits(github: GithubConfig): ConfigProblem[] {
  const providerArn = `arn:aws-us-gov:iam::123456789012:oidc-provider/${githubIssuer}`;
  return [...roleSubjects(github)].flatMap(([purpose, role]) => {
    const size = JSON.stringify(roleTrust(github, providerArn, role)).length;
    if (size <= policyLimits.trust) return [];
    return [
      {
        field: purpose === "push" ? "github.pushesFrom" : "github.workflows.deploy",
        rule: `a trust policy of at most ${policyLimits.trust} characters for the role ${purpose} (IAM)`,
        value: `${size} characters`,
        remedy:
          "name fewer branches, tags, environments or workflows; a GitHub environment can stand for many branches",
      },
    ];
  });
}
