import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../model/config/config.ts";
import type { GithubEnvironmentConfig } from "../../model/config/github-environment.ts";
import { deploymentPolicies } from "../../model/github/environment.ts";

export interface EnvironmentsArgs {
  /** Name of the repository, without its owner: that is the provider's. */
  repository: string;
  environments: Config["environments"];
}

/**
 * GitHub environments: who must approve, how long to wait, and which branches and tags may deploy. Administrators pass by
 * nothing and nobody approves what they started, both against GitHub's defaults.
 *
 * @example
 * new Environments("environments", { repository: "shop", environments: { prod: { reviewers: { users: [1], teams: [] }, … } } })
 */
export class Environments extends pulumi.ComponentResource {
  readonly #name: string;
  readonly #repository: string;

  constructor(name: string, args: EnvironmentsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:github:Environments", name, args, opts);
    this.#name = name;
    this.#repository = args.repository;
    for (const [environment, settings] of Object.entries(args.environments)) {
      this.#policies(this.#environment(environment, settings), environment, settings);
    }
    this.registerOutputs();
  }

  #environment(environment: string, settings: GithubEnvironmentConfig): github.RepositoryEnvironment {
    return new github.RepositoryEnvironment(
      `${this.#name}-${environment}`,
      {
        repository: this.#repository,
        environment,
        waitTimer: settings.waitMinutes,
        reviewers: reviewers(settings),
        preventSelfReview: !settings.selfReview,
        canAdminsBypass: false,
        deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
      },
      { parent: this },
    );
  }

  #policies(resource: github.RepositoryEnvironment, environment: string, settings: GithubEnvironmentConfig): void {
    for (const policy of deploymentPolicies(environment, settings)) {
      new github.RepositoryEnvironmentDeploymentPolicy(
        `${this.#name}-${policy.resource}`,
        {
          repository: this.#repository,
          environment: resource.environment,
          ...(policy.kind === "tags" ? { tagPattern: policy.pattern } : { branchPattern: policy.pattern }),
        },
        { parent: this },
      );
    }
  }
}

function reviewers({ reviewers: { users, teams } }: GithubEnvironmentConfig) {
  return users.length + teams.length > 0 ? [{ users, teams }] : [];
}
