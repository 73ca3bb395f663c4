import { unlessGone } from "../gone.ts";
import type { InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";
import { iamPath } from "./iam-policy.ts";

const GONE = "NoSuchEntity";
const NAME = /^[\w+=,.@-]*$/;
const NAME_HINT = "may hold letters, digits and +=,.@-_ only";

interface RoleInputs extends Properties {
  name: string;
  assumeRolePolicy: string;
  description?: string;
  maxSessionDuration: number;
  path: string;
  permissionsBoundary?: string;
  forceDetachPolicies: boolean;
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export const role: ResourceType = {
  inputs: {
    assumeRolePolicy: { type: "json", required: true },
    description: { type: "string", maxLength: 1000 },
    forceDetachPolicies: { type: "boolean", default: false, local: true },
    maxSessionDuration: { type: "integer", default: 3600, min: 3600, max: 43_200 },
    name: {
      type: "string",
      replace: true,
      computed: true,
      minLength: 1,
      maxLength: 64,
      pattern: NAME,
      patternHint: NAME_HINT,
      conflictsWith: ["namePrefix"],
    },
    namePrefix: { type: "string", replace: true, computed: true, maxLength: 38, pattern: NAME, patternHint: NAME_HINT },
    path: iamPath,
    permissionsBoundary: { type: "string", pattern: /^arn:/, patternHint: "must be an ARN" },
  },
  outputs: ["arn", "createDate", "uniqueId"],
  autoname: { property: "name", maxLength: 64 },
  tagged: true,
  async create(inputs, ctx) {
    const { name, namePrefix, assumeRolePolicy, description, maxSessionDuration, path, permissionsBoundary } =
      inputs as RoleInputs;
    const RoleName = name ?? `${namePrefix}${Date.now()}`;
    await ctx.cloud.iam.createRole({
      RoleName,
      AssumeRolePolicyDocument: assumeRolePolicy,
      MaxSessionDuration: maxSessionDuration,
      Path: path,
      ...(description && { Description: description }),
      ...(permissionsBoundary && { PermissionsBoundary: permissionsBoundary }),
    });
    return { id: RoleName, state: (await readRole(RoleName, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readRole(id, ctx),
  async update(id, olds, news, ctx) {
    const { assumeRolePolicy, description, maxSessionDuration, permissionsBoundary } = news as RoleInputs;
    const { iam } = ctx.cloud;
    if (assumeRolePolicy !== olds.assumeRolePolicy) {
      await iam.updateAssumeRolePolicy({ RoleName: id, PolicyDocument: assumeRolePolicy });
    }
    await iam.updateRole({ RoleName: id, Description: description ?? "", MaxSessionDuration: maxSessionDuration });
    if (permissionsBoundary)
      await iam.putRolePermissionsBoundary({ RoleName: id, PermissionsBoundary: permissionsBoundary });
    else if (olds.permissionsBoundary) await iam.deleteRolePermissionsBoundary({ RoleName: id });
    return (await readRole(id, ctx)) ?? {};
  },
  async delete(id, state, ctx) {
    const { iam } = ctx.cloud;
    if (state.forceDetachPolicies) await emptyRole(id, ctx);
    await unlessGone(iam.deleteRole({ RoleName: id }), GONE);
  },
};

async function readRole(id: string, { cloud }: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(cloud.iam.getRole({ RoleName: id }), GONE);
  if (found === undefined) return undefined;
  const { Role } = found;
  return {
    name: Role.RoleName,
    arn: Role.Arn,
    uniqueId: Role.RoleId,
    createDate: Role.CreateDate.toISOString().replace(/\.\d+Z$/, "Z"),
    path: Role.Path,
    assumeRolePolicy: Role.AssumeRolePolicyDocument,
    maxSessionDuration: Role.MaxSessionDuration,
    description: Role.Description,
    permissionsBoundary: Role.PermissionsBoundary?.PermissionsBoundaryArn,
  };
}

async function emptyRole(id: string, { cloud }: ProviderContext): Promise<void> {
  const attached = await unlessGone(cloud.iam.listAttachedRolePolicies({ RoleName: id }), GONE);
  for (const { PolicyArn } of attached?.AttachedPolicies ?? [])
    await cloud.iam.detachRolePolicy({ RoleName: id, PolicyArn });
  const inline = await unlessGone(cloud.iam.listRolePolicies({ RoleName: id }), GONE);
  for (const PolicyName of inline?.PolicyNames ?? []) await cloud.iam.deleteRolePolicy({ RoleName: id, PolicyName });
}

const rolePolicyName: InputSpec = {
  type: "string",
  replace: true,
  computed: true,
  minLength: 1,
  maxLength: 128,
  pattern: NAME,
  patternHint: NAME_HINT,
};

interface RolePolicyInputs extends Properties {
  name: string;
  role: string;
  policy: string;
}

/** An inline policy. Its id is `role:name`; writing one that exists overwrites it, as PutRolePolicy does. */
export const rolePolicy: ResourceType = {
  inputs: {
    name: { ...rolePolicyName, conflictsWith: ["namePrefix"] },
    namePrefix: { ...rolePolicyName, maxLength: 102 },
    policy: { type: "json", required: true, maxLength: 10_240 },
    role: { type: "string", required: true, replace: true },
  },
  outputs: [],
  autoname: { property: "name", maxLength: 128 },
  async create(inputs, ctx) {
    const { name, namePrefix, role: RoleName, policy } = inputs as RolePolicyInputs;
    const PolicyName = name ?? `${namePrefix}${Date.now()}`;
    await ctx.cloud.iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument: policy });
    return { id: `${RoleName}:${PolicyName}`, state: { name: PolicyName } };
  },
  async read(id, _old, ctx) {
    const [RoleName, PolicyName] = halves(id, ":");
    const found = await unlessGone(ctx.cloud.iam.getRolePolicy({ RoleName, PolicyName }), GONE);
    return found && { role: RoleName, name: PolicyName, policy: found.PolicyDocument };
  },
  async update(_id, _olds, news, ctx) {
    const { name, role: RoleName, policy } = news as RolePolicyInputs;
    await ctx.cloud.iam.putRolePolicy({ RoleName, PolicyName: name, PolicyDocument: policy });
    return {};
  },
  async delete(id, _state, ctx) {
    const [RoleName, PolicyName] = halves(id, ":");
    await unlessGone(ctx.cloud.iam.deleteRolePolicy({ RoleName, PolicyName }), GONE);
  },
};

/** Its id is `role/arn`. */
export const rolePolicyAttachment: ResourceType = {
  inputs: {
    policyArn: { type: "string", required: true, replace: true, pattern: /^arn:/, patternHint: "must be an ARN" },
    role: { type: "string", required: true, replace: true },
  },
  outputs: [],
  async create(inputs, ctx) {
    const { role: RoleName, policyArn: PolicyArn } = inputs as { role: string; policyArn: string };
    await ctx.cloud.iam.attachRolePolicy({ RoleName, PolicyArn });
    return { id: `${RoleName}/${PolicyArn}`, state: {} };
  },
  async read(id, _old, ctx) {
    const [RoleName, PolicyArn] = halves(id, "/");
    const found = await unlessGone(ctx.cloud.iam.listAttachedRolePolicies({ RoleName }), GONE);
    const attached = found?.AttachedPolicies.some((one) => one.PolicyArn === PolicyArn);
    return attached ? { role: RoleName, policyArn: PolicyArn } : undefined;
  },
  async delete(id, _state, ctx) {
    const [RoleName, PolicyArn] = halves(id, "/");
    await unlessGone(ctx.cloud.iam.detachRolePolicy({ RoleName, PolicyArn }), GONE);
  },
};

interface OidcInputs extends Properties {
  url: string;
  clientIdLists: string[];
  thumbprintLists?: string[];
}

/** Its id is its ARN; one per URL and account. */
export const openIdConnectProvider: ResourceType = {
  inputs: {
    clientIdLists: {
      type: { set: { type: "string", minLength: 1, maxLength: 255 } },
      required: true,
      minLength: 1,
      maxLength: 100,
    },
    thumbprintLists: { type: { list: { type: "string", minLength: 40, maxLength: 40 } }, computed: true, maxLength: 5 },
    url: {
      type: "string",
      required: true,
      replace: true,
      minLength: 1,
      maxLength: 255,
      same: (a, b) => bare(a) === bare(b),
    },
  },
  outputs: ["arn"],
  tagged: true,
  async create(inputs, ctx) {
    const { url, clientIdLists, thumbprintLists } = inputs as OidcInputs;
    const { OpenIDConnectProviderArn: arn } = await ctx.cloud.iam.createOpenIDConnectProvider({
      Url: url.startsWith("https://") ? url : `https://${url}`,
      ClientIDList: clientIdLists,
      ThumbprintList: thumbprintLists ?? [],
    });
    return { id: arn, state: { arn, url: bare(url), thumbprintLists: thumbprintLists ?? [] } };
  },
  async read(id, _old, ctx) {
    const found = await unlessGone(ctx.cloud.iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn: id }), GONE);
    return (
      found && { arn: id, url: found.Url, clientIdLists: found.ClientIDList, thumbprintLists: found.ThumbprintList }
    );
  },
  async update(id, olds, news, ctx) {
    const [before, after] = [olds as OidcInputs, news as OidcInputs];
    const { iam } = ctx.cloud;
    for (const ClientID of after.clientIdLists.filter((one) => !before.clientIdLists.includes(one))) {
      await iam.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn: id, ClientID });
    }
    for (const ClientID of before.clientIdLists.filter((one) => !after.clientIdLists.includes(one))) {
      await iam.removeClientIDFromOpenIDConnectProvider({ OpenIDConnectProviderArn: id, ClientID });
    }
    const ThumbprintList = after.thumbprintLists ?? [];
    await iam.updateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn: id, ThumbprintList });
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn: id }), GONE);
  },
};

function bare(url: unknown): string {
  return String(url)
    .replace(/^https:\/\//, "")
    .replace(/\/$/, "");
}

function halves(id: string, separator: string): [string, string] {
  const index = id.indexOf(separator);
  return [id.slice(0, index), id.slice(index + 1)];
}
