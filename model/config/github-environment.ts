/**
 * The section `environments`: who may deploy where, as GitHub's environments hold it. Limits:
 * https://docs.github.com/en/rest/deployments/environments.
 *
 * Private repositories have required reviewers and wait timers on GitHub Enterprise alone
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments). Elsewhere leave `reviewers` and
 * `waitMinutes` out; branch and tag policies, and with them the deploy roles, work all the same.
 */
import { z } from "zod";
import { deploymentRefName } from "./ref-name.ts";

const ids = z.array(z.int().positive()).default([]);

export const githubEnvironment = z.strictObject({
  reviewers: z
    .strictObject({
      users: ids.describe("Numbers of users: gh api users/NAME --jq .id"),
      teams: ids.describe("Numbers of teams: gh api orgs/ORG/teams/TEAM --jq .id"),
    })
    .refine(({ users, teams }) => users.length + teams.length <= 6, "at most 6 reviewers (GitHub)")
    .refine(
      ({ users, teams }) => new Set(users).size === users.length && new Set(teams).size === teams.length,
      "each reviewer once",
    )
    .prefault({})
    .describe("Who may approve a deployment: at most 6, any one of them is enough (GitHub). Nobody by default."),
  selfReview: z
    .boolean()
    .default(false)
    .describe("Whether a reviewer may approve the deployment that they started. GitHub's own default is true."),
  waitMinutes: z
    .int()
    .min(0)
    .max(43_200)
    .default(0)
    .describe("Minutes between approval and start (GitHub: at most 43200)."),
  branches: z
    .array(deploymentRefName)
    .default(["main"])
    .describe("Branches that may deploy here; * does not match /. Pull requests run on refs/pull/*/merge."),
  tags: z.array(deploymentRefName).default([]).describe("Tags that may deploy here, such as v*."),
});

export type GithubEnvironmentConfig = z.output<typeof githubEnvironment>;
