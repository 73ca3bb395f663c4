import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";
import { GONE, off, repositoryOf } from "./shared.ts";

const name: InputSpec = { type: "string", required: true, replace: true, minLength: 1, maxLength: 255 };
const ids: InputSpec = { type: { set: { type: "integer" } }, maxLength: 6 };
const MAX_REVIEWERS = 6;

interface Reviewers {
  teams?: number[];
  users?: number[];
}

function check({ reviewers, deploymentBranchPolicy }: Properties): CheckProblem[] {
  const problems: CheckProblem[] = [];
  const people = ((reviewers ?? []) as Reviewers[]).flatMap(({ teams = [], users = [] }) => [...teams, ...users]);
  if (people.length > MAX_REVIEWERS) {
    problems.push({
      property: "reviewers",
      reason: `at most ${MAX_REVIEWERS} users and teams together, got ${people.length}`,
    });
  }
  const { protectedBranches, customBranchPolicies } = (deploymentBranchPolicy ?? {}) as Properties;
  if (deploymentBranchPolicy && !isUnknown(protectedBranches) && protectedBranches === customBranchPolicies) {
    const reason = "protectedBranches and customBranchPolicies cannot have the same value";
    problems.push({ property: "deploymentBranchPolicy", reason });
  }
  return problems;
}

/** Its id is `repository:environment` (https://docs.github.com/en/rest/deployments/environments). */
export const repositoryEnvironment: ResourceType = {
  inputs: {
    canAdminsBypass: { type: "boolean", default: true },
    deploymentBranchPolicy: {
      type: {
        object: {
          customBranchPolicies: { type: "boolean", required: true },
          protectedBranches: { type: "boolean", required: true },
        },
      },
    },
    environment: name,
    preventSelfReview: off,
    repository: name,
    reviewers: { type: { list: { type: { object: { teams: ids, users: ids } } } }, maxLength: 6 },
    /** Minutes; 30 days at most. */
    waitTimer: { type: "integer", min: 0, max: 43_200 },
  },
  outputs: [],
  check,
  async create(inputs, ctx) {
    await putEnvironment(inputs, ctx);
    return { id: `${inputs.repository}:${escaped(inputs.environment)}`, state: {} };
  },
  async read(id, _old, ctx) {
    const { repository, environment } = parts(id);
    const found = await unlessGone(
      ctx.cloud.github.getEnvironment({ repository: repositoryOf(repository, ctx), environment }),
      GONE,
    );
    if (found === undefined) return undefined;
    const { deployment_branch_policy: policy } = found;
    const ids = (type: string) => found.reviewers.filter((one) => one.type === type).map(({ id }) => id);
    return {
      repository,
      environment: found.name,
      canAdminsBypass: found.can_admins_bypass,
      preventSelfReview: found.prevent_self_review,
      waitTimer: found.wait_timer || undefined,
      reviewers: found.reviewers.length > 0 ? [{ users: ids("User"), teams: ids("Team") }] : [],
      deploymentBranchPolicy: policy
        ? { protectedBranches: policy.protected_branches, customBranchPolicies: policy.custom_branch_policies }
        : undefined,
    };
  },
  async update(_id, _olds, news, ctx) {
    await putEnvironment(news, ctx);
    return {};
  },
  async delete(id, _state, ctx) {
    const { repository, environment } = parts(id);
    const wanted = { repository: repositoryOf(repository, ctx), environment };
    await unlessGone(ctx.cloud.github.deleteEnvironment(wanted), GONE);
  },
};

async function putEnvironment(inputs: Properties, ctx: ProviderContext): Promise<void> {
  const policy = inputs.deploymentBranchPolicy as
    | { protectedBranches: boolean; customBranchPolicies: boolean }
    | undefined;
  const people = (inputs.reviewers ?? []) as Reviewers[];
  await ctx.cloud.github.putEnvironment({
    repository: repositoryOf(inputs.repository, ctx),
    environment: inputs.environment as string,
    can_admins_bypass: inputs.canAdminsBypass === true,
    prevent_self_review: inputs.preventSelfReview === true,
    wait_timer: Number(inputs.waitTimer ?? 0),
    reviewers: people.flatMap(({ users = [], teams = [] }) => [
      ...users.map((id) => ({ type: "User", id })),
      ...teams.map((id) => ({ type: "Team", id })),
    ]),
    deployment_branch_policy:
      policy === undefined
        ? null
        : { protected_branches: policy.protectedBranches, custom_branch_policies: policy.customBranchPolicies },
  });
}

interface PolicyInputs extends Properties {
  repository: string;
  environment: string;
  branchPattern?: string;
  tagPattern?: string;
}

/** Which refs may deploy to an environment. Its id is `repository:environment:number`. */
export const repositoryEnvironmentDeploymentPolicy: ResourceType = {
  inputs: {
    branchPattern: { type: "string", conflictsWith: ["tagPattern"], minLength: 1 },
    environment: name,
    repository: name,
    tagPattern: { type: "string", minLength: 1 },
  },
  outputs: [],
  check: ({ branchPattern, tagPattern }) =>
    branchPattern === undefined && tagPattern === undefined
      ? [{ property: "branchPattern", reason: "one of branchPattern and tagPattern must be given" }]
      : [],
  replaces: (olds, news, changed) => {
    const moved = (olds.branchPattern === undefined) !== (news.branchPattern === undefined);
    return moved ? changed.filter((key) => key.endsWith("Pattern")) : [];
  },
  async create(inputs, ctx) {
    const { repository, environment, branchPattern, tagPattern } = inputs as PolicyInputs;
    const { id } = await ctx.cloud.github.createDeploymentPolicy({
      repository: repositoryOf(repository, ctx),
      environment,
      name: branchPattern ?? tagPattern ?? "",
      type: branchPattern === undefined ? "tag" : "branch",
    });
    return { id: `${repository}:${escaped(environment)}:${id}`, state: {} };
  },
  async read(id, _old, ctx) {
    const found = await unlessGone(ctx.cloud.github.getDeploymentPolicy(policyAt(id, ctx)), GONE);
    if (found === undefined) return undefined;
    const { repository, environment } = parts(id);
    return { repository, environment, [found.type === "tag" ? "tagPattern" : "branchPattern"]: found.name };
  },
  async update(id, _olds, news, ctx) {
    const { branchPattern, tagPattern } = news as PolicyInputs;
    await ctx.cloud.github.updateDeploymentPolicy({ ...policyAt(id, ctx), name: branchPattern ?? tagPattern ?? "" });
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.github.deleteDeploymentPolicy(policyAt(id, ctx)), GONE);
  },
};

function policyAt(id: string, ctx: ProviderContext) {
  const { repository, environment } = parts(id);
  return { repository: repositoryOf(repository, ctx), environment, id: Number(id.split(":").at(-1)) };
}

/** The provider escapes colons in environment names as `??`. */
function escaped(environment: unknown): string {
  return String(environment).replaceAll(":", "??");
}

function parts(id: string): { repository: string; environment: string } {
  const [repository = "", environment = ""] = id.split(":");
  return { repository, environment: environment.replaceAll("??", ":") };
}
