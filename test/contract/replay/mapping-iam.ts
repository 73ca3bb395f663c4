import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import type * as aws from "@pulumi/aws";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required, tagList, tagMap } from "./tags.ts";

const role = mapping<aws.iam.RoleArgs>({
  async create(inputs, { iam }) {
    const { Role } = await call(iam, CreateRoleCommand, {
      RoleName: required(inputs.name),
      Path: inputs.path,
      Description: inputs.description,
      AssumeRolePolicyDocument: String(inputs.assumeRolePolicy),
      MaxSessionDuration: inputs.maxSessionDuration,
      PermissionsBoundary: inputs.permissionsBoundary,
      Tags: tagList(inputs.tags),
    });
    return { id: required(Role?.RoleName), arn: Role?.Arn, uniqueId: Role?.RoleId };
  },
  async update({ inputs }, { iam }) {
    const PolicyDocument = String(inputs.assumeRolePolicy);
    await call(iam, UpdateAssumeRolePolicyCommand, { RoleName: required(inputs.name), PolicyDocument });
  },
  async read({ made }, { iam }) {
    const { Role } = await call(iam, GetRoleCommand, { RoleName: made.id });
    return {
      name: Role?.RoleName,
      path: Role?.Path,
      description: Role?.Description,
      assumeRolePolicy: decodeURIComponent(required(Role?.AssumeRolePolicyDocument)),
      maxSessionDuration: Role?.MaxSessionDuration,
      permissionsBoundary: Role?.PermissionsBoundary?.PermissionsBoundaryArn,
      tags: tagMap(Role?.Tags),
    };
  },
  unsent: { forceDetachPolicies: "what the provider does before it deletes the role" },
});

const rolePolicy = mapping<aws.iam.RolePolicyArgs>({
  async create(inputs, { iam }) {
    const [RoleName, PolicyName] = [String(inputs.role), required(inputs.name)];
    await call(iam, PutRolePolicyCommand, { RoleName, PolicyName, PolicyDocument: String(inputs.policy) });
    return { id: `${RoleName}:${PolicyName}` };
  },
  async update({ inputs }, { iam }) {
    const [RoleName, PolicyName] = [String(inputs.role), required(inputs.name)];
    await call(iam, PutRolePolicyCommand, { RoleName, PolicyName, PolicyDocument: String(inputs.policy) });
  },
  async read({ inputs }, { iam }) {
    const [RoleName, PolicyName] = [String(inputs.role), required(inputs.name)];
    const found = await call(iam, GetRolePolicyCommand, { RoleName, PolicyName });
    return {
      role: found.RoleName,
      name: found.PolicyName,
      policy: decodeURIComponent(required(found.PolicyDocument)),
    };
  },
});

const policy = mapping<aws.iam.PolicyArgs>({
  async create(inputs, { iam }) {
    const { Policy } = await call(iam, CreatePolicyCommand, {
      PolicyName: required(inputs.name),
      Path: inputs.path,
      Description: inputs.description,
      PolicyDocument: String(inputs.policy),
      Tags: tagList(inputs.tags),
    });
    return { id: required(Policy?.Arn), arn: Policy?.Arn };
  },
  async read({ made }, { iam }) {
    const { Policy } = await call(iam, GetPolicyCommand, { PolicyArn: made.id });
    const { PolicyVersion } = await call(iam, GetPolicyVersionCommand, {
      PolicyArn: made.id,
      VersionId: required(Policy?.DefaultVersionId),
    });
    return {
      name: Policy?.PolicyName,
      path: Policy?.Path,
      description: Policy?.Description,
      policy: decodeURIComponent(required(PolicyVersion?.Document)),
      tags: tagMap(Policy?.Tags),
    };
  },
});

const attachment = mapping<aws.iam.RolePolicyAttachmentArgs>({
  async create(inputs, { iam }) {
    const [RoleName, PolicyArn] = [String(inputs.role), String(inputs.policyArn)];
    await call(iam, AttachRolePolicyCommand, { RoleName, PolicyArn });
    return { id: `${RoleName}/${PolicyArn}` };
  },
  async read({ inputs }, { iam }) {
    const { AttachedPolicies } = await call(iam, ListAttachedRolePoliciesCommand, { RoleName: String(inputs.role) });
    const found = AttachedPolicies?.find((one) => one.PolicyArn === inputs.policyArn);
    return { role: found && inputs.role, policyArn: found?.PolicyArn };
  },
});

const identityProvider = mapping<aws.iam.OpenIdConnectProviderArgs>({
  async create(inputs, { iam }) {
    const { OpenIDConnectProviderArn } = await call(iam, CreateOpenIDConnectProviderCommand, {
      Url: inputs.url,
      ClientIDList: inputs.clientIdLists,
      ThumbprintList: inputs.thumbprintLists,
      Tags: tagList(inputs.tags),
    });
    return { id: required(OpenIDConnectProviderArn), arn: OpenIDConnectProviderArn };
  },
  async read({ made }, { iam }) {
    const found = await call(iam, GetOpenIDConnectProviderCommand, { OpenIDConnectProviderArn: made.id });
    return {
      // The API keeps it without its scheme.
      url: `https://${found.Url}`,
      clientIdLists: found.ClientIDList,
      thumbprintLists: found.ThumbprintList,
      tags: tagMap(found.Tags),
    };
  },
});

export const iamMappings: Mappings = {
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": identityProvider,
  "aws:iam/policy:Policy": policy,
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": attachment,
};
