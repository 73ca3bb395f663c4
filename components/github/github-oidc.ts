import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { GithubConfig } from "../../model/config/github.ts";
import { nameLimits } from "../../model/names.ts";
import { githubIssuer, type Subject, stsAudience, trustPolicy } from "../../model/oidc-trust.ts";
import { deployPolicy, planDenials, pushPolicy } from "../../model/role-policies.ts";
import type { Environment } from "../environment.ts";

export interface GithubOidcArgs {
  environment: Environment;
  github: GithubConfig;
  /** The account that the stack is in; plain, so that every document is judged in the preview already. */
  account: { id: string; partition: string };
  /** Names of the repositories that may be pushed to. */
  repositories: readonly string[];
}

/**
 * GitHub's identity provider and the roles that workflows take instead of keys: `plan` from pull requests, which may
 * look but read no secret; `deploy-<environment>` from the GitHub environment; `push` from protected branches.
 *
 * @example
 * new GithubOidc("github", { environment, github: config.github, account, repositories: ["api"] })
 */
export class GithubOidc extends pulumi.ComponentResource {
  readonly providerArn: pulumi.Output<string>;
  readonly roles: Record<string, pulumi.Output<string>> = {};

  readonly #name: string;
  readonly #args: GithubOidcArgs;
  readonly #provider: aws.iam.OpenIdConnectProvider;

  constructor(name: string, args: GithubOidcArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "sluice:github:Oidc",
      name,
      { github: args.github, account: args.account, repositories: args.repositories },
      opts,
    );
    this.#name = name;
    this.#args = args;
    const { github, environment, account, repositories } = args;
    const scope = { ...account, region: environment.region };
    // GitHub's certificate is verified by AWS itself: no thumbprint is needed.
    const provider = new aws.iam.OpenIdConnectProvider(
      `${name}-provider`,
      {
        url: `https://${githubIssuer}`,
        clientIdLists: [stsAudience],
        tags: environment.tags(environment.physicalName(255, "github")),
      },
      { parent: this },
    );
    this.#provider = provider;
    this.providerArn = provider.arn;
    this.#plan();
    this.#role(
      "push",
      github.pushesFrom.map((branch) => ({ branch })),
      pushPolicy(
        repositories.map(
          (repository) => `arn:${account.partition}:ecr:${scope.region}:${account.id}:repository/${repository}`,
        ),
      ),
    );
    for (const target of github.deploys) {
      const policy = deployPolicy({ ...scope, project: environment.project, stack: target });
      this.#role(`deploy-${target}`, [{ environment: target }], policy);
    }
    this.registerOutputs({ providerArn: this.providerArn, roles: this.roles });
  }

  /** A pull request's code runs with this role, so it may list and describe, and decrypts nothing. */
  #plan(): void {
    const role = this.#role("plan", [{ pullRequest: true }], planDenials);
    new aws.iam.RolePolicyAttachment(
      `${this.#name}-plan-view`,
      { role: role.name, policyArn: `arn:${this.#args.account.partition}:iam::aws:policy/job-function/ViewOnlyAccess` },
      { parent: this },
    );
  }

  #role(purpose: string, subjects: Subject[], policy: string): aws.iam.Role {
    const { environment, github, account } = this.#args;
    const name = environment.physicalName(nameLimits.role, "github", purpose);
    const { owner, ownerId, repository, repositoryId } = github;
    const providerArn = `arn:${account.partition}:iam::${account.id}:oidc-provider/${githubIssuer}`;
    const role = new aws.iam.Role(
      `${this.#name}-${purpose}`,
      {
        name,
        assumeRolePolicy: JSON.stringify(
          trustPolicy({ providerArn, owner, ownerId, repository, repositoryId, subjects }),
        ),
        maxSessionDuration: 3600,
        tags: environment.tags(name),
      },
      { parent: this, dependsOn: [this.#provider] },
    );
    new aws.iam.RolePolicy(
      `${this.#name}-${purpose}-policy`,
      { name: purpose, role: role.name, policy },
      { parent: this },
    );
    this.roles[purpose] = role.arn;
    return role;
  }
}
