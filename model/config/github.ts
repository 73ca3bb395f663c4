/** The section `github`: the repository, and the roles that its workflows take. */
import { z } from "zod";
import { identifier } from "./fields.ts";

export const github = z.strictObject({
  owner: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}$/, "a GitHub account's name"),
  ownerId: z.int().positive().describe("Number of the account: gh api users/OWNER --jq .id"),
  repository: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "a repository's name, without its owner"),
  repositoryId: z.int().positive().describe("Number of the repository: gh api repos/OWNER/NAME --jq .id"),
  deploys: z.array(identifier).default(["staging", "prod"]).describe("Environments that get a deploy role."),
  pushesFrom: z.array(z.string().min(1)).default(["main"]).describe("Branches whose workflows may push images."),
});

export type GithubConfig = z.output<typeof github>;
