import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { GithubConfig } from "../../model/config/github.ts";
import { formatProblems } from "../../model/config/problems.ts";
import { nameLimits } from "../../model/names.ts";
import { boundaryPurpose } from "../../model/roles/boundary.ts";
import { type GithubRole, planRoles, policyNameLimit } from "../../model/roles/github-roles.ts";
import { githubIssuer, stsAudience } from "../../model/roles/oidc-trust.ts";
import type { Environment } from "../environment.ts";

export interface GithubOidcArgs {
  environment: Environment;
  github: GithubConfig;
  /** The account that the stack is in; plain, so that every document is judged in the preview already. */
  account: { id: string; partition: string };
}

/**
 * GitHub's identity provider and the roles that workflows take instead of keys: `plan` from pull requests, which may
 * look but read no secret; `deploy-<environment>` from the GitHub environment; `push` from protected branches. Each
 * has a ceiling, and each environment a boundary for the roles that its stack makes.
 *
 * @throws pulumi.RunError where a document would not fit into IAM, before anything is declared
 * @example
 * new GithubOidc("github", { environment, github: config.github, account })
 */
export class GithubOidc extends pulumi.ComponentResource {
  readonly providerArn: pulumi.Output<string>;
  readonly roles: Record<string, pulumi.Output<string>> = {};
  /** ARNs of the boundaries, by environment. */
  readonly boundaries: Record<string, pulumi.Output<string>> = {};

  readonly #name: string;
  readonly #args: GithubOidcArgs;

  constructor(name: string, args: GithubOidcArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:github:Oidc", name, { github: args.github, account: args.account }, opts);
    this.#name = name;
    this.#args = args;
    const { github, environment, account } = args;
    const { project, stack, region } = environment;
    const { roles, boundaries, problems } = planRoles(github, { project, stack, region, ...account });
    if (problems.length > 0) throw new pulumi.RunError(formatProblems(problems));

    const provider = github.provider === undefined ? this.#provider() : undefined;
    this.providerArn = provider?.arn ?? pulumi.output(github.provider as string);
    for (const [target, document] of Object.entries(boundaries)) {
      this.boundaries[target] = this.#policy(boundaryPurpose(target), document, "boundary").document.arn;
    }
    for (const role of roles) this.#role(role, provider);
    this.registerOutputs({ providerArn: this.providerArn, roles: this.roles, boundaries: this.boundaries });
  }

  /** GitHub's certificate is verified by AWS itself: no thumbprint is needed. */
  #provider(): aws.iam.OpenIdConnectProvider {
    const { environment } = this.#args;
    return new aws.iam.OpenIdConnectProvider(
      `${this.#name}-provider`,
      {
        url: `https://${githubIssuer}`,
        clientIdLists: [stsAudience],
        tags: environment.tags(environment.physicalName(255, "github")),
      },
      { parent: this },
    );
  }

  /**
   * A policy of the account's own. Its ARN is told plainly, so that whatever names it is judged in the preview already.
   *
   * @param role `boundary` where it is attached to nothing and only bounds
   */
  #policy(purpose: string, policy: string, role?: "boundary"): { document: aws.iam.Policy; plainArn: string } {
    const { environment, account } = this.#args;
    const name = environment.physicalName(policyNameLimit, "github", purpose);
    const document = new aws.iam.Policy(
      `${this.#name}-${purpose}-document`,
      { name, policy, tags: environment.tags(name, role) },
      { parent: this },
    );
    return { document, plainArn: `arn:${account.partition}:iam::${account.id}:policy/${name}` };
  }

  #role({ purpose, trust, inline, managed, ceiling }: GithubRole, provider: pulumi.Resource | undefined): void {
    const { environment, github } = this.#args;
    const name = environment.physicalName(nameLimits.role, "github", purpose);
    const bound = this.#policy(`${purpose}-ceiling`, ceiling, "boundary");
    const role = new aws.iam.Role(
      `${this.#name}-${purpose}`,
      {
        name,
        assumeRolePolicy: trust,
        maxSessionDuration: github.maxSessionMinutes * 60,
        permissionsBoundary: bound.plainArn,
        tags: environment.tags(name),
      },
      { parent: this, dependsOn: provider === undefined ? [bound.document] : [bound.document, provider] },
    );
    if (inline !== undefined) {
      new aws.iam.RolePolicy(
        `${this.#name}-${purpose}-policy`,
        { name: purpose, role: role.name, policy: inline },
        { parent: this },
      );
    }
    for (const [part, policy] of Object.entries(managed)) {
      const { document, plainArn } = this.#policy(`${purpose}-${part}`, policy);
      new aws.iam.RolePolicyAttachment(
        `${this.#name}-${purpose}-${part}`,
        { role: role.name, policyArn: plainArn },
        { parent: this, dependsOn: [document] },
      );
    }
    this.roles[purpose] = role.arn;
  }
}
