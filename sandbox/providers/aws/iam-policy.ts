import { unlessGone } from "../gone.ts";
import type { InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const GONE = "NoSuchEntity";
const NAME: InputSpec = {
  type: "string",
  replace: true,
  computed: true,
  minLength: 1,
  maxLength: 128,
  pattern: /^[\w+=,.@-]*$/,
  patternHint: "may hold letters, digits and +=,.@-_ only",
};
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export const iamPath: InputSpec = {
  type: "string",
  default: "/",
  replace: true,
  maxLength: 512,
  pattern: /^\/([\x21-\x7e]+\/)?$/,
  patternHint: "must begin and end with /",
};
/** IAM keeps five; the provider makes room by deleting the oldest that is not in force. */
const MAX_VERSIONS = 5;

interface PolicyInputs extends Properties {
  name?: string;
  namePrefix?: string;
  policy: string;
  path: string;
  description?: string;
}

/** A policy of the account's own. Its id is its ARN. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
export const policy: ResourceType = {
  inputs: {
    description: { type: "string", replace: true, maxLength: 1000 },
    name: { ...NAME, conflictsWith: ["namePrefix"] },
    namePrefix: { ...NAME, maxLength: 102 },
    path: iamPath,
    policy: { type: "json", required: true },
  },
  outputs: ["arn", "attachmentCount", "policyId"],
  volatile: ["attachmentCount"],
  autoname: { property: "name", maxLength: 128 },
  tagged: true,
  async create(inputs, ctx) {
    const { name, namePrefix, policy: PolicyDocument, path: Path, description } = inputs as PolicyInputs;
    const { Policy } = await ctx.cloud.iam.createPolicy({
      PolicyName: name ?? `${namePrefix}${Date.now()}`,
      PolicyDocument,
      Path,
      ...(description && { Description: description }),
    });
    return { id: Policy.Arn, state: (await read(Policy.Arn, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => read(id, ctx),
  async update(id, olds, news, ctx) {
    const { iam } = ctx.cloud;
    if (news.policy !== olds.policy) {
      const { Versions } = await iam.listPolicyVersions({ PolicyArn: id });
      const spare = Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion).at(-1);
      if (Versions.length >= MAX_VERSIONS && spare !== undefined) {
        await iam.deletePolicyVersion({ PolicyArn: id, VersionId: spare.VersionId });
      }
      await iam.createPolicyVersion({
        PolicyArn: id,
        PolicyDocument: (news as PolicyInputs).policy,
        SetAsDefault: true,
      });
    }
    return (await read(id, ctx)) ?? {};
  },
  async delete(id, _state, ctx) {
    const { iam } = ctx.cloud;
    const found = await unlessGone(iam.listPolicyVersions({ PolicyArn: id }), GONE);
    for (const { VersionId, IsDefaultVersion } of found?.Versions ?? []) {
      if (!IsDefaultVersion) await iam.deletePolicyVersion({ PolicyArn: id, VersionId });
    }
    await unlessGone(iam.deletePolicy({ PolicyArn: id }), GONE);
  },
};

async function read(id: string, { cloud }: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(cloud.iam.getPolicy({ PolicyArn: id }), GONE);
  if (found === undefined) return undefined;
  const { Policy } = found;
  const { PolicyVersion } = await cloud.iam.getPolicyVersion({ PolicyArn: id, VersionId: Policy.DefaultVersionId });
  return {
    arn: id,
    attachmentCount: Policy.AttachmentCount,
    description: Policy.Description,
    name: Policy.PolicyName,
    path: Policy.Path,
    policy: PolicyVersion.Document,
    policyId: Policy.PolicyId,
  };
}
