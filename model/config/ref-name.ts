/** Names of branches and tags, as git and GitHub take them. */
import { z } from "zod";

/** git-check-ref-format, with fnmatch's `*`, `?` and `[...]`; GitHub adds refs/heads/ or refs/tags/ itself. */
const pattern = String.raw`(?!refs\/)(?!\/)(?!.*\/\/)(?!.*\.\.)[^\s~^:\\]+`;
const hint = "a name or fnmatch pattern without refs/heads/ or refs/tags/, such as main or release/*";

/**
 * What an environment's branch and tag policies take. Workflows of pull requests run on refs/pull/NUMBER/merge:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments
 */
export const deploymentRefName = z
  .string()
  .min(1)
  .max(255)
  .regex(new RegExp(`^(?:${pattern}|refs/pull/[^\\s~^:\\\\]+)$`), `${hint}; or refs/pull/*/merge`);

/** What a ruleset takes: GitHub's own words too. */
export const rulesetRefName = z
  .string()
  .min(1)
  .max(255)
  .regex(new RegExp(`^(?:~DEFAULT_BRANCH|~ALL|${pattern})$`), `${hint}; or ~DEFAULT_BRANCH, ~ALL`);
