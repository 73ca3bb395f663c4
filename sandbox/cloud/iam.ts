import { randomBytes } from "node:crypto";
import { checkPolicyDocument, checkTrustPolicy } from "./iam-documents.ts";
import { conflict, exists, invalid, limit, malformed, missing } from "./iam-errors.ts";
import { ManagedPolicies } from "./iam-policies.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

export interface StoredRole {
  RoleName: string;
  RoleId: string;
  Arn: string;
  Path: string;
  CreateDate: string;
  /** JSON text (AWS sends it URL-encoded; wire handlers do that). */
  AssumeRolePolicyDocument: string;
  Description?: string;
  MaxSessionDuration: number;
  PermissionsBoundary?: string;
  /** Inline policies by name. */
  inline: Record<string, string>;
  /** ARNs of attached policies. */
  attached: string[];
}

export interface StoredOidcProvider {
  Arn: string;
  /** Without `https://`, as IAM shows it. */
  Url: string;
  ClientIDList: string[];
  ThumbprintList: string[];
  CreateDate: string;
}

type Named = { RoleName?: string };
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
/** Characters without white space (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const MAX_TRUST = 2048;
const MAX_INLINE = 10_240;
const MAX_ATTACHED = 10;

/** Roles, their policies, and OpenID Connect providers. Nothing in the sandbox asks them for permission. */
export class Iam {
  readonly #cloud: Inner;
  readonly #roles: Table<StoredRole>;
  readonly #oidc: Table<StoredOidcProvider>;
  readonly #managed: ManagedPolicies;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#roles = new Table(cloud.store, "iam-role", (name) => missing(`The role with name ${name} cannot be found.`));
    this.#oidc = new Table(cloud.store, "iam-oidc", (arn) =>
      missing(`OpenIDConnect Provider not found for arn ${arn}`),
    );
    this.#managed = new ManagedPolicies(cloud, (arn) => ({
      attached: this.#roles.list().filter(({ attached }) => attached.includes(arn)).length,
      bounded: this.#roles.list().filter(({ PermissionsBoundary }) => PermissionsBoundary === arn).length,
    }));
  }

  createRole(
    input: Named & {
      AssumeRolePolicyDocument?: string;
      Path?: string;
      Description?: string;
      MaxSessionDuration?: number;
      PermissionsBoundary?: string;
    },
  ) {
    const name = input.RoleName ?? "";
    if (!ROLE_NAME.test(name))
      throw invalid(
        `The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_- and at most 64 of them`,
      );
    if (this.#roles.find(name)) throw exists(`Role with name ${name} already exists.`);
    if (input.PermissionsBoundary) this.#managed.needAttachable(input.PermissionsBoundary);
    const path = input.Path ?? "/";
    const role: StoredRole = {
      RoleName: name,
      RoleId: `AROA${randomBytes(10).toString("hex").toUpperCase().slice(0, 17)}`,
      Arn: `arn:aws:iam::${this.#cloud.account}:role${path}${name}`,
      Path: path,
      CreateDate: new Date().toISOString(),
      AssumeRolePolicyDocument: trust(input.AssumeRolePolicyDocument),
      ...(input.Description && { Description: input.Description }),
      MaxSessionDuration: input.MaxSessionDuration ?? 3600,
      ...(input.PermissionsBoundary && { PermissionsBoundary: input.PermissionsBoundary }),
      inline: {},
      attached: [],
    };
    this.#roles.put(name, role);
    return { Role: shape(role) };
  }

  getRole(input: Named) {
    return { Role: shape(this.#roles.need(input.RoleName)) };
  }

  listRoles(_input: object = {}) {
    return { Roles: this.#roles.list().map(shape), IsTruncated: false };
  }

  updateRole(input: Named & { Description?: string; MaxSessionDuration?: number }) {
    return this.#change(input, (role) => ({
      ...role,
      Description: input.Description ?? "",
      MaxSessionDuration: input.MaxSessionDuration ?? role.MaxSessionDuration,
    }));
  }

  updateAssumeRolePolicy(input: Named & { PolicyDocument?: string }) {
    return this.#change(input, (role) => ({ ...role, AssumeRolePolicyDocument: trust(input.PolicyDocument) }));
  }

  putRolePermissionsBoundary(input: Named & { PermissionsBoundary?: string }) {
    this.#managed.needAttachable(input.PermissionsBoundary ?? "");
    return this.#change(input, (role) => ({ ...role, PermissionsBoundary: input.PermissionsBoundary ?? "" }));
  }

  deleteRolePermissionsBoundary(input: Named) {
    return this.#change(input, ({ PermissionsBoundary: _, ...role }) => role);
  }

  deleteRole(input: Named) {
    const role = this.#roles.need(input.RoleName);
    if (role.attached.length > 0) throw conflict("Cannot delete entity, must detach all policies first.");
    if (Object.keys(role.inline).length > 0) throw conflict("Cannot delete entity, must delete policies first.");
    this.#roles.remove(role.RoleName);
    return {};
  }

  putRolePolicy(input: Named & { PolicyName?: string; PolicyDocument?: string }) {
    const [name, text] = [input.PolicyName ?? "", input.PolicyDocument ?? ""];
    if (!/^[\w+=,.@-]{1,128}$/.test(name)) throw invalid(`The specified value for policyName is invalid: ${name}`);
    const problem = checkPolicyDocument(text);
    if (problem) throw malformed(problem);
    return this.#change(input, (role) => {
      const inline = { ...role.inline, [name]: text };
      const size = Object.values(inline).join("").replaceAll(/\s/g, "").length;
      if (size > MAX_INLINE)
        throw limit(`Maximum policy size of ${MAX_INLINE} bytes exceeded for role ${role.RoleName}`);
      return { ...role, inline };
    });
  }

  getRolePolicy(input: Named & { PolicyName?: string }) {
    const { inline, RoleName } = this.#roles.need(input.RoleName);
    const PolicyDocument = inline[input.PolicyName ?? ""];
    if (PolicyDocument === undefined) throw missing(`The role policy with name ${input.PolicyName} cannot be found.`);
    return { RoleName, PolicyName: input.PolicyName, PolicyDocument };
  }

  listRolePolicies(input: Named) {
    return { PolicyNames: Object.keys(this.#roles.need(input.RoleName).inline), IsTruncated: false };
  }

  deleteRolePolicy(input: Named & { PolicyName?: string }) {
    this.getRolePolicy(input);
    return this.#change(input, (role) => {
      const { [input.PolicyName ?? ""]: _, ...inline } = role.inline;
      return { ...role, inline };
    });
  }

  attachRolePolicy(input: Named & { PolicyArn?: string }) {
    const arn = input.PolicyArn ?? "";
    this.#managed.needAttachable(arn);
    return this.#change(input, (role) => {
      const attached = [...new Set([...role.attached, arn])];
      if (attached.length > MAX_ATTACHED) throw limit(`Cannot exceed quota for PoliciesPerRole: ${MAX_ATTACHED}`);
      return { ...role, attached };
    });
  }

  detachRolePolicy(input: Named & { PolicyArn?: string }) {
    const role = this.#roles.need(input.RoleName);
    if (!role.attached.includes(input.PolicyArn ?? "")) throw missing(`Policy ${input.PolicyArn} was not found.`);
    return this.#change(input, (old) => ({ ...old, attached: old.attached.filter((arn) => arn !== input.PolicyArn) }));
  }

  listAttachedRolePolicies(input: Named) {
    const { attached } = this.#roles.need(input.RoleName);
    const AttachedPolicies = attached.map((arn) => ({ PolicyArn: arn, PolicyName: arn.split("/").at(-1) }));
    return { AttachedPolicies, IsTruncated: false };
  }

  createPolicy(input: { PolicyName?: string; PolicyDocument?: string; Path?: string; Description?: string }) {
    return this.#managed.create(input);
  }

  getPolicy(input: { PolicyArn?: string }) {
    return this.#managed.get(input.PolicyArn);
  }

  deletePolicy(input: { PolicyArn?: string }) {
    return this.#managed.delete(input.PolicyArn);
  }

  createPolicyVersion(input: { PolicyArn?: string; PolicyDocument?: string; SetAsDefault?: boolean }) {
    return this.#managed.createVersion(input);
  }

  getPolicyVersion(input: { PolicyArn?: string; VersionId?: string }) {
    return this.#managed.getVersion(input);
  }

  listPolicyVersions(input: { PolicyArn?: string }) {
    return this.#managed.listVersions(input.PolicyArn);
  }

  deletePolicyVersion(input: { PolicyArn?: string; VersionId?: string }) {
    return this.#managed.deleteVersion(input);
  }

  createOpenIDConnectProvider(input: { Url?: string; ClientIDList?: string[]; ThumbprintList?: string[] }) {
    const url = input.Url ?? "";
    if (!/^https:\/\/[^\s]{1,247}$/.test(url)) throw invalid(`Invalid Open ID Connect Provider URL ${url}`);
    const Url = url.slice("https://".length).replace(/\/$/, "");
    const Arn = `arn:aws:iam::${this.#cloud.account}:oidc-provider/${Url}`;
    if (this.#oidc.find(Arn)) throw exists(`Provider with url ${url} already exists.`);
    const [ClientIDList, ThumbprintList] = [input.ClientIDList ?? [], input.ThumbprintList ?? []];
    this.#oidc.put(Arn, { Arn, Url, ClientIDList, ThumbprintList, CreateDate: new Date().toISOString() });
    return { OpenIDConnectProviderArn: Arn };
  }

  getOpenIDConnectProvider(input: { OpenIDConnectProviderArn?: string }) {
    const { Arn: _, CreateDate, ...provider } = this.#oidc.need(input.OpenIDConnectProviderArn);
    return { ...provider, CreateDate: new Date(CreateDate) };
  }

  listOpenIDConnectProviders(_input: object = {}) {
    return { OpenIDConnectProviderList: this.#oidc.list().map(({ Arn }) => ({ Arn })) };
  }

  addClientIDToOpenIDConnectProvider(input: { OpenIDConnectProviderArn?: string; ClientID?: string }) {
    const old = this.#oidc.need(input.OpenIDConnectProviderArn);
    this.#oidc.put(old.Arn, { ...old, ClientIDList: [...new Set([...old.ClientIDList, input.ClientID ?? ""])] });
    return {};
  }

  removeClientIDFromOpenIDConnectProvider(input: { OpenIDConnectProviderArn?: string; ClientID?: string }) {
    const old = this.#oidc.need(input.OpenIDConnectProviderArn);
    this.#oidc.put(old.Arn, { ...old, ClientIDList: old.ClientIDList.filter((id) => id !== input.ClientID) });
    return {};
  }

  updateOpenIDConnectProviderThumbprint(input: { OpenIDConnectProviderArn?: string; ThumbprintList?: string[] }) {
    const old = this.#oidc.need(input.OpenIDConnectProviderArn);
    this.#oidc.put(old.Arn, { ...old, ThumbprintList: input.ThumbprintList ?? [] });
    return {};
  }

  deleteOpenIDConnectProvider(input: { OpenIDConnectProviderArn?: string }) {
    this.#oidc.remove(input.OpenIDConnectProviderArn);
    return {};
  }

  #change(input: Named, change: (role: StoredRole) => StoredRole): object {
    const role = this.#roles.need(input.RoleName);
    this.#roles.put(role.RoleName, change(role));
    return {};
  }
}

function shape({ inline: _, attached: __, CreateDate, PermissionsBoundary: boundary, ...role }: StoredRole) {
  return {
    ...role,
    CreateDate: new Date(CreateDate),
    ...(boundary && { PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: boundary } }),
  };
}

function trust(text = ""): string {
  const problem = checkTrustPolicy(text);
  if (problem) throw malformed(problem);
  if (text.replaceAll(/\s/g, "").length > MAX_TRUST)
    throw limit(`Cannot exceed quota for ACLSizePerRole: ${MAX_TRUST}`);
  return text;
}
