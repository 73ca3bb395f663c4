/**
 * The section `rulesets`: what branches and tags demand. Names follow GitHub's own page for rulesets; limits and meanings are from
 * https://docs.github.com/en/rest/repos/rules and
 * https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets.
 */
import { z } from "zod";
import { identifier } from "./fields.ts";
import { rulesetRefName } from "./ref-name.ts";

const check = z.strictObject({
  context: z.string().min(1).describe("Name of the check, as it stands on a pull request: the job's name."),
  integrationId: z
    .int()
    .positive()
    .default(15_368)
    .describe("The app that must report it; 15368 is GitHub Actions. Nobody else's report of that name counts."),
});

const codeScanningTool = z.strictObject({
  tool: z.string().min(1).describe("Name of the tool as it stands in its SARIF, such as CodeQL."),
  alerts: z
    .enum(["none", "errors", "errors_and_warnings", "all"])
    .default("errors")
    .describe("Alerts of the tool that block a merge."),
  securityAlerts: z
    .enum(["none", "critical", "high_or_higher", "medium_or_higher", "all"])
    .default("high_or_higher")
    .describe("Security alerts of the tool that block a merge."),
});

const actor = z.strictObject({
  actorId: z
    .int()
    .positive()
    .optional()
    .describe(
      "Number of the actor: of a team (gh api orgs/ORG/teams/TEAM --jq .id), an app (gh api apps/SLUG --jq .id), a user " +
        "(gh api users/NAME --jq .id), or of a role: 5 admin, 4 write, 2 maintain. OrganizationAdmin and DeployKey have none.",
    ),
  actorType: z.enum(["RepositoryRole", "Team", "Integration", "OrganizationAdmin", "DeployKey", "User"]),
  mode: z
    .enum(["always", "pull_request"])
    .default("pull_request")
    .describe("pull_request: only when merging a pull request. always: pushes too, without a pull request."),
});

export const ruleset = z.strictObject({
  branches: z
    .array(rulesetRefName)
    .min(1)
    .optional()
    .describe("Branch names or fnmatch patterns; ~DEFAULT_BRANCH for the default one. This or `tags`."),
  tags: z
    .array(rulesetRefName)
    .min(1)
    .optional()
    .describe("Tag names or fnmatch patterns, such as v*. This or `branches`."),
  except: z.array(rulesetRefName).default([]).describe("Names or patterns that the rules leave alone."),
  enforcement: z
    .enum(["active", "evaluate", "disabled"])
    .default("active")
    .describe(
      "evaluate only records what would have been refused (GitHub Enterprise); disabled keeps the rules unused.",
    ),
  pullRequest: z
    .boolean()
    .optional()
    .describe("Changes arrive by pull request only. Default: true for branches. Not for tags."),
  approvals: z
    .int()
    .min(0)
    .max(10)
    .optional()
    .describe("Approving reviews that a pull request needs (GitHub: 0 to 10). Default: 1."),
  dismissStale: z.boolean().optional().describe("A push dismisses approvals. Default: true."),
  codeOwners: z.boolean().optional().describe("Owners of the files changed must approve. Default: false."),
  lastPushApproval: z
    .boolean()
    .optional()
    .describe("Somebody else than who pushed last must approve. Default: true where approvals are needed."),
  resolveConversations: z.boolean().optional().describe("All conversations must be resolved. Default: true."),
  mergeMethods: z
    .array(z.enum(["merge", "squash", "rebase"]))
    .min(1)
    .optional()
    .describe("How pull requests may be merged. Default: as the repository allows."),
  checks: z.array(check).default([]).describe("Status checks that must pass, each pinned to the app that reports it."),
  upToDate: z
    .boolean()
    .optional()
    .describe("The branch must hold the base's newest commit; needs `checks`. Default: true where there are checks."),
  codeScanning: z.array(codeScanningTool).default([]).describe("Code scanning results that must be there and good."),
  deployments: z
    .array(identifier)
    .default([])
    .describe("Environments that a commit must have been deployed to before it is merged."),
  linear: z.boolean().default(false).describe("No merge commits."),
  signedCommits: z.boolean().default(false).describe("Commits must have verified signatures."),
  restrictCreations: z.boolean().default(false).describe("Only bypass actors may create matching names."),
  restrictUpdates: z
    .boolean()
    .optional()
    .describe(
      "Only bypass actors may change where a name points, by push or by merge. Default: true for tags, else false.",
    ),
  restrictDeletions: z.boolean().default(true).describe("Only bypass actors may delete matching names."),
  blockForcePushes: z.boolean().default(true).describe("Only bypass actors may rewrite history."),
  bypass: z
    .array(actor)
    .default([])
    .describe("Who may pass all rules of this ruleset by. Nobody by default. Another ruleset's rules still hold."),
});

export type RulesetConfig = z.output<typeof ruleset>;
