/** The section `environments`: who may deploy where. */
import { z } from "zod";

export const githubEnvironment = z.strictObject({
  reviewers: z
    .strictObject({ users: z.array(z.int()).default([]), teams: z.array(z.int()).default([]) })
    .refine(({ users, teams }) => users.length + teams.length <= 6, "at most 6 reviewers (GitHub)")
    .prefault({}),
  waitMinutes: z
    .int()
    .min(0)
    .max(43_200)
    .default(0)
    .describe("Minutes between approval and start (GitHub: at most 43200)."),
  branches: z.array(z.string().min(1)).default(["main"]).describe("Branches that may deploy here."),
});

export type GithubEnvironmentConfig = z.output<typeof githubEnvironment>;
