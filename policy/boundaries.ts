/** Permissions boundaries: the most that a role can have, whatever is attached to it. */

import { matchesName } from "../model/environment-of.ts";
import { type Member, resourcePolicy, stackPolicy } from "./support/definition.ts";
import { readDocument } from "./support/document.ts";
import { demand, type Finding, quote } from "./support/finding.ts";
import { isRecord, type Known } from "./support/known.ts";
import { types } from "./support/types.ts";

export interface BoundarySettings {
  readonly everyRole: boolean;
  readonly boundaries: readonly string[];
}

export const rolesBounded = resourcePolicy({
  name: "roles-bounded",
  description: "Roles that workflows take, and those that a deployment makes, have a permissions boundary.",
  severity: "critical",
  remedy: "Set permissionsBoundary: the foundation's section github makes one for each environment that it deploys.",
  tags: ["identity", "iam"],
  settings: {
    everyRole: { default: true, description: "Whether roles that no workflow takes need one as well." },
    boundaries: {
      default: ["*-github-boundary-*", "*-github-*-ceiling"],
      description: "Names of the account's own policies that may be boundaries, * for any characters.",
    },
  },
  types: [types.role],
  judge: ({ properties }, settings) => judgeBoundary(properties, settings),
});

/**
 * Judges the boundary of a role.
 *
 * @example
 * judgeBoundary({ assumeRolePolicy, permissionsBoundary: "arn:aws:iam::123456789012:policy/x" }, settings).length
 */
export function judgeBoundary(properties: Known, { everyRole, boundaries }: BoundarySettings): Finding[] {
  const { permissionsBoundary: boundary, assumeRolePolicy } = properties;
  if (boundary === undefined && !everyRole && !isTakenByWorkflows(assumeRolePolicy)) return [];
  const remedy = "use the boundary that the foundation stack made for this environment, environment.roleBounds";
  if (boundary === undefined || boundary === "") {
    return [{ where: "permissionsBoundary", what: "is missing: the role is bound by nothing", remedy }];
  }
  const known = (value: unknown) => {
    const name = typeof value === "string" ? /^arn:aws[a-z-]*:iam::\d{12}:policy\/(.+)$/.exec(value)?.[1] : undefined;
    return name !== undefined && boundaries.some((pattern) => matchesName(pattern, name));
  };
  return demand(boundary, known, "permissionsBoundary", `is ${quote(boundary)}, no boundary of Sluice's`, remedy);
}

/** Whoever presents a token takes such a role. A document that cannot be read counts as one. */
function isTakenByWorkflows(document: unknown): boolean {
  const read = readDocument(document, "assumeRolePolicy");
  if ("finding" in read) return true;
  const statements = isRecord(read.value) ? [read.value.Statement].flat() : [];
  return statements.some(
    (one) =>
      !isRecord(one) || !isRecord(one.Principal) || Object.keys(one.Principal).some((kind) => kind !== "Service"),
  );
}

export const boundariesUnattached = stackPolicy({
  name: "boundaries-unattached",
  description: "Policies that only bound roles are given to none: they name more than any role should have.",
  severity: "critical",
  remedy: "Attach a policy of its own; a boundary stands in permissionsBoundary alone.",
  tags: ["identity", "iam"],
  settings: {},
  judge: (members) => judgeAttachments(members),
});

const attachments: readonly string[] = [
  types.rolePolicyAttachment,
  types.policyAttachment,
  "aws:iam/userPolicyAttachment:UserPolicyAttachment",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
];

/** Finds boundaries among what is attached: by the resource it comes from, or by its name. */
export function judgeAttachments(members: readonly Member[]): (Finding & { urn: string })[] {
  const boundaries = members.filter(({ type, properties }) => type === types.iamPolicy && isBoundary(properties.tags));
  const names = boundaries.map(({ properties }) => properties.name).filter((name) => typeof name === "string");
  const urns = boundaries.map(({ urn }) => urn);
  const named = (arn: unknown) => typeof arn === "string" && names.some((name) => arn.endsWith(`policy/${name}`));
  return members.flatMap(({ urn, type, properties, comesFrom }) => {
    const property = attachments.includes(type) ? "policyArn" : type === types.role ? "managedPolicyArns" : undefined;
    if (property === undefined) return [];
    const comes = (comesFrom[property] ?? []).some((source) => urns.includes(source));
    if (!comes && ![properties[property]].flat().some(named)) return [];
    const what = "attaches a permissions boundary, which would grant all that it allows";
    return [{ urn, where: property, what, remedy: "attach a policy of its own" }];
  });
}

function isBoundary(tags: unknown): boolean {
  return isRecord(tags) && tags["sluice:role"] === "boundary";
}
