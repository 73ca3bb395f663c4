import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../model/config/config.ts";
import type { GithubEnvironmentConfig } from "../../model/config/github-environment.ts";

export interface EnvironmentsArgs {
  repository: string;
  environments: Config["environments"];
}

/**
 * GitHub environments: who must approve, how long to wait, and which branches may deploy. Administrators pass by
 * nothing and nobody approves what they started, both against GitHub's defaults.
 *
 * @example
 * new Environments("environments", { repository: "shop", environments: { prod: { reviewers: { users: [1], teams: [] }, … } } })
 */
export class Environments extends pulumi.ComponentResource {
  constructor(name: string, args: EnvironmentsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:github:Environments", name, args, opts);
    for (const [environment, settings] of Object.entries(args.environments)) {
      const resource = new github.RepositoryEnvironment(
        `${name}-${environment}`,
        {
          repository: args.repository,
          environment,
          waitTimer: settings.waitMinutes,
          reviewers: reviewers(settings),
          preventSelfReview: true,
          canAdminsBypass: false,
          deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
        },
        { parent: this },
      );
      for (const branchPattern of settings.branches) {
        new github.RepositoryEnvironmentDeploymentPolicy(
          `${name}-${environment}-${branchPattern}`,
          { repository: args.repository, environment: resource.environment, branchPattern },
          { parent: this },
        );
      }
    }
    this.registerOutputs();
  }
}

function reviewers({ reviewers: { users, teams } }: GithubEnvironmentConfig) {
  return users.length + teams.length > 0 ? [{ users, teams }] : [];
}
