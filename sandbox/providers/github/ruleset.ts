import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, Properties, ResourceType } from "../resource-type.ts";
import { fromDocument, toDocument } from "./ruleset-document.ts";
import { PUSH_RULES, REF_RULES, rulesetInputs } from "./ruleset-inputs.ts";
import { GONE, repositoryOf } from "./shared.ts";

/** What the provider refuses beyond single fields. */
function check(inputs: Properties): CheckProblem[] {
  const {
    target,
    conditions,
    rules = {},
    bypassActors = [],
  } = inputs as {
    target: string;
    conditions?: Properties;
    rules?: Properties;
    bypassActors?: Properties[];
  };
  if (isUnknown(target)) return [];
  const problems: CheckProblem[] = [];
  if (target === "push" && conditions?.refName)
    problems.push({ property: "conditions.refName", reason: "must not be set for target push" });
  if (target !== "push" && !conditions?.refName)
    problems.push({ property: "conditions", reason: `refName is required for target ${target}` });
  const foreign = Object.keys(target === "push" ? REF_RULES : PUSH_RULES).filter((rule) => given(rules[rule]));
  problems.push(
    ...foreign.map((rule) => ({ property: `rules.${rule}`, reason: `is not a rule for target ${target}` })),
  );
  const other = target === "tag" ? "branchNamePattern" : "tagNamePattern";
  if (given(rules[other])) problems.push({ property: `rules.${other}`, reason: `does not apply to target ${target}` });
  if (given(rules.updateAllowsFetchAndMerge) && !given(rules.update)) {
    problems.push({ property: "rules.updateAllowsFetchAndMerge", reason: "requires update to be true" });
  }
  const nameless = bypassActors.findIndex((one) => needsId(one.actorType) && one.actorId === undefined);
  if (nameless >= 0)
    problems.push({ property: `bypassActors[${nameless}].actorId`, reason: "must be set for this type of actor" });
  return problems;
}

function given(rule: unknown): boolean {
  return rule !== undefined && rule !== false;
}

function needsId(type: unknown): boolean {
  return ["RepositoryRole", "Team", "Integration", "User"].includes(String(type));
}

/** Its id is the number that GitHub gives. */
export const repositoryRuleset: ResourceType = {
  inputs: rulesetInputs,
  outputs: ["etag", "nodeId", "rulesetId"],
  volatile: ["etag"],
  autoname: { property: "name", maxLength: 100 },
  check,
  async create(inputs, ctx) {
    const repository = repositoryOf(inputs.repository, ctx);
    const { id, node_id } = await ctx.cloud.github.createRuleset({ repository, ...toDocument(inputs) });
    return { id: String(id), state: { rulesetId: id, nodeId: node_id, etag: etag() } };
  },
  async read(id, old, ctx) {
    // An import names the repository too: `shop:1001`.
    const name = old.repository ?? id.split(":")[0];
    const where = { repository: repositoryOf(name, ctx), id: numberOf(id) };
    const found = await unlessGone(ctx.cloud.github.getRuleset(where), GONE);
    if (found === undefined) return undefined;
    return { ...fromDocument(found), repository: name, rulesetId: found.id, nodeId: found.node_id };
  },
  async update(id, _olds, news, ctx) {
    const repository = repositoryOf(news.repository, ctx);
    await ctx.cloud.github.updateRuleset({ repository, id: numberOf(id), ...toDocument(news) });
    return { etag: etag() };
  },
  async delete(id, state, ctx) {
    const repository = repositoryOf(state.repository, ctx);
    await unlessGone(ctx.cloud.github.deleteRuleset({ repository, id: numberOf(id) }), GONE);
  },
};

function numberOf(id: string): number {
  return Number(id.split(":").at(-1));
}

function etag(): string {
  return `W/"${crypto.randomUUID().replaceAll("-", "")}"`;
}
