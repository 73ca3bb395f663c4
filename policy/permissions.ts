/** Permissions: what a role may do is spelled out. */

import { matchesName } from "../model/environment-of.ts";
import { resourcePolicy, type Subject } from "./support/definition.ts";
import { allowStatements, readDocument, type Statement, texts } from "./support/document.ts";
import { demand, type Finding, quote, undecided } from "./support/finding.ts";
import { isRecord, type Known, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

export interface PermissionSettings {
  readonly wholeServices: readonly string[];
  readonly anyResource: readonly string[];
  readonly managedPolicies: readonly string[];
  readonly ceilings: readonly string[];
}

export const permissionsNarrow = resourcePolicy({
  name: "permissions-narrow",
  description: "Permissions name their actions and resources; nobody gets everything, and nobody gets access keys.",
  severity: "critical",
  remedy: "Name actions and ARNs; list what AWS grants on * only under anyResource in policy/config.json.",
  tags: ["identity", "iam"],
  settings: {
    wholeServices: { default: [], description: "Services all of whose actions may be allowed on named resources." },
    anyResource: {
      default: [
        "cloudwatch:PutMetricData",
        "ecr:GetAuthorizationToken",
        "sts:GetCallerIdentity",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
      ],
      description: "Actions that may be allowed on any resource, as AWS knows no narrower one.",
    },
    managedPolicies: {
      default: ["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"],
      description: "Policies that AWS manages and roles may have.",
    },
    ceilings: {
      default: [],
      description:
        "Policies (resource names, * for any characters) that only bound roles, and may name any resource: they grant none.",
    },
  },
  types: [
    types.rolePolicy,
    types.iamPolicy,
    types.role,
    types.rolePolicyAttachment,
    types.policyAttachment,
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    types.accessKey,
  ],
  judge: (subject, settings) => judgePermissions(subject, settings),
});

/**
 * Judges whatever grants permissions: policies, inline policies, attachments, access keys.
 *
 * @example
 * judgePermissions({ type: "aws:iam/rolePolicy:RolePolicy", properties: { policy }, name, ignored }, settings)
 */
export function judgePermissions({ name, type, properties }: Subject, settings: PermissionSettings): Finding[] {
  if (type === types.accessKey) {
    return [{ where: "", what: "is an access key that never expires", remedy: "take a role through OIDC instead" }];
  }
  if (type === types.role) return judgeRole(properties, settings);
  if ("policyArn" in properties) return judgeManaged(properties.policyArn, "policyArn", settings);
  const ceiling = type === types.iamPolicy && settings.ceilings.some((pattern) => matchesName(pattern, name));
  return judgeDocument(properties.policy, "policy", ceiling ? { ...settings, anyResource: ["*"] } : settings);
}

function judgeRole({ inlinePolicies, managedPolicyArns }: Known, settings: PermissionSettings): Finding[] {
  const inline = records(inlinePolicies);
  const arns = [managedPolicyArns ?? []].flat();
  return [
    ...(inline === unknown
      ? [undecided("inlinePolicies")]
      : inline
          .filter((policy) => "policy" in policy)
          .flatMap(({ policy }, index) => judgeDocument(policy, `inlinePolicies[${index}].policy`, settings))),
    ...arns.flatMap((arn, index) => judgeManaged(arn, `managedPolicyArns[${index}]`, settings)),
  ];
}

/** A policy of the account's own is judged where it is declared; AWS's are known by name only. */
function judgeManaged(arn: unknown, where: string, { managedPolicies }: PermissionSettings): Finding[] {
  const allowed = (value: unknown) =>
    typeof value === "string" &&
    (/^arn:aws[a-z-]*:iam::\d{12}:policy\//.test(value) || managedPolicies.includes(value));
  const what = `attaches ${quote(arn)}, which AWS may widen at any time`;
  return demand(arn, allowed, where, what, "declare a policy, or list it under managedPolicies in policy/config.json");
}

/** Judges a policy document: every statement that allows something. */
export function judgeDocument(document: unknown, where: string, settings: PermissionSettings): Finding[] {
  const read = readDocument(document, where);
  if ("finding" in read) return [read.finding];
  const keys = ["Sid", "Effect", "Action", "Resource", "Condition"];
  const { statements, findings } = allowStatements(read.value, where, keys);
  return [...findings, ...statements.flatMap((statement) => judgeStatement(statement, settings))];
}

function judgeStatement({ where, statement }: Statement, settings: PermissionSettings): Finding[] {
  const actions = texts(statement.Action);
  const resources = texts(statement.Resource);
  if (actions === undefined || resources === undefined) {
    return [{ where, what: "does not name its actions and resources", remedy: "list Action and Resource" }];
  }
  const wide = actions.filter((action) => isWide(action, settings.wholeServices));
  const findings = wide.map((action) => ({ where, what: `allows ${quote(action)}`, remedy: "name the actions" }));
  const bound = isTagBound(statement.Condition);
  const open = resources.filter((resource) => isAnything(resource, bound));
  const free = actions.filter((action) => !settings.anyResource.some((pattern) => matchesAction(pattern, action)));
  if (open.length > 0 && free.length > 0) {
    const what = `allows ${quote(free)} on ${quote(open.length === 1 ? open[0] : open)}`;
    findings.push({
      where,
      what,
      remedy: "name the ARNs, or list the actions under anyResource in policy/config.json",
    });
  }
  return findings;
}

/** Whether an action stands for a whole service or more: `*`, `ec2:*`, `*:Get`, `e?2:Run`. */
function isWide(action: string, wholeServices: readonly string[]): boolean {
  const [, service, name] = /^([a-z0-9-]+):(.+)$/i.exec(action) ?? [];
  if (service === undefined || name === undefined) return true;
  return /^[*?]/.test(name) && !(name === "*" && wholeServices.includes(service.toLowerCase()));
}

/** A listed pattern covers an action only where it covers all that the action's own wildcards stand for. */
function matchesAction(pattern: string, action: string): boolean {
  return matchesName(pattern.toLowerCase(), action.toLowerCase());
}

/**
 * Whether a resource is any of a service, or of all: nothing but wildcards where the ARN names the resource. IAM's
 * wildcards reach over colons, so one in the parts before makes the rest meaningless.
 *
 * @param bound the statement's condition ties it to a tag, so that any resource of a service in one account will do
 */
function isAnything(resource: string, bound: boolean): boolean {
  const [, partition = "", service = "", region = "", account = "", ...rest] = resource.split(":");
  if (rest.length === 0 || /[*?]/.test(partition + service)) return true;
  if (!/^[*?/:]*$/.test(rest.join(":"))) return false;
  return !(bound && !/[*?]/.test(region + account) && account !== "");
}

/** A condition that holds only for resources or requests with one tag value. */
function isTagBound(condition: unknown): boolean {
  const equals = isRecord(condition) && isRecord(condition.StringEquals) ? condition.StringEquals : {};
  return Object.entries(equals).some(
    ([key, value]) =>
      /^aws:(?:ResourceTag|RequestTag)\/./.test(key) && typeof value === "string" && !value.includes("${"),
  );
}
