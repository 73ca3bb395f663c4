/** The section `rulesets`: what branches demand. */
import { z } from "zod";

export const ruleset = z.strictObject({
  branches: z
    .array(z.string().min(1))
    .min(1)
    .describe("Branch names or fnmatch patterns; ~DEFAULT_BRANCH for the default one."),
  approvals: z
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe("Approving reviews that a pull request needs (GitHub: 0 to 10)."),
  dismissStale: z.boolean().default(true).describe("A push dismisses approvals."),
  resolveConversations: z.boolean().default(true),
  upToDate: z.boolean().default(true).describe("The branch must hold the base's newest commit."),
  linear: z.boolean().default(false).describe("No merge commits."),
  checks: z
    .array(
      z.strictObject({
        context: z.string().min(1),
        integrationId: z
          .int()
          .positive()
          .default(15_368)
          .describe("The app that must report it; 15368 is GitHub Actions."),
      }),
    )
    .default([]),
  bypass: z
    .array(
      z.strictObject({
        actorId: z.int().positive(),
        actorType: z.enum(["RepositoryRole", "Team", "Integration", "OrganizationAdmin"]),
        mode: z.enum(["always", "pull_request"]).default("pull_request"),
      }),
    )
    .default([])
    .describe("Who may pass the rules by. Nobody by default."),
});
