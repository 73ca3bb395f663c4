import { unlessGone } from "../gone.ts";
import type { InputSpec, Properties, ResourceType } from "../resource-type.ts";
import { GONE, off, repositoryOf, textSet } from "./shared.ts";

const one = (fields: Record<string, InputSpec>): InputSpec => ({ type: { list: { type: { object: fields } } } });
const actor: InputSpec = {
  type: {
    set: {
      type: "string",
      pattern: /^(\/[\w-]+|[\w.-]+\/[\w-]+|[\w=+-]+)$/,
      patternHint: "must be /user, organization/team or a node ID",
    },
  },
};

const inputs: Record<string, InputSpec> = {
  allowsDeletions: off,
  allowsForcePushes: off,
  enforceAdmins: off,
  forcePushBypassers: actor,
  lockBranch: off,
  pattern: { type: "string", required: true, minLength: 1 },
  repositoryId: { type: "string", required: true, replace: true },
  requireConversationResolution: off,
  requireSignedCommits: off,
  requiredLinearHistory: off,
  requiredPullRequestReviews: {
    ...one({
      dismissStaleReviews: off,
      dismissalRestrictions: actor,
      pullRequestBypassers: actor,
      requireCodeOwnerReviews: off,
      requireLastPushApproval: off,
      requiredApprovingReviewCount: { type: "integer", default: 1, min: 0, max: 6 },
      restrictDismissals: off,
    }),
  },
  requiredStatusChecks: one({ contexts: textSet, strict: off }),
  restrictPushes: one({ blocksCreations: { type: "boolean", default: true }, pushAllowances: actor }),
};

/** Its id is GitHub's node id. It cannot say which app a check must come from; a ruleset can. */
export const branchProtection: ResourceType = {
  inputs,
  outputs: [],
  check: ({ allowsForcePushes, forcePushBypassers }) =>
    allowsForcePushes === true && (forcePushBypassers as unknown[] | undefined)?.length
      ? [{ property: "allowsForcePushes", reason: "must be false where forcePushBypassers are given" }]
      : [],
  async create(wanted, ctx) {
    const { node_id } = await ctx.cloud.github.createBranchProtection({ ...settings(wanted), ...place(wanted, ctx) });
    return { id: node_id, state: {} };
  },
  async read(id, old, ctx) {
    const found = await unlessGone(ctx.cloud.github.getBranchProtection({ node_id: id }), GONE);
    return found && { ...settings(found), repositoryId: old.repositoryId ?? found.repository.split("/")[1] };
  },
  async update(id, _olds, news, ctx) {
    await ctx.cloud.github.updateBranchProtection({ ...settings(news), ...place(news, ctx), node_id: id });
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.github.deleteBranchProtection({ node_id: id }), GONE);
  },
};

function place(from: Properties, ctx: Parameters<typeof repositoryOf>[1]) {
  return { repository: repositoryOf(from.repositoryId, ctx), pattern: from.pattern as string };
}

function settings(from: Properties): Properties {
  const names = Object.keys(inputs).filter((key) => key !== "repositoryId");
  return Object.fromEntries(names.map((key) => [key, from[key]]));
}
