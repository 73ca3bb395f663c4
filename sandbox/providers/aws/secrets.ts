import type { Invoke } from "../resource-type.ts";

/** Ids and labels of a secret's versions; no values. @throws when there is no such secret */
export const getSecretVersions: Invoke = {
  args: {
    includeDeprecated: { type: "boolean" },
    region: { type: "string" },
    secretId: { type: "string", required: true },
  },
  async run(args, ctx) {
    const { secretId, includeDeprecated = false } = args as { secretId: string; includeDeprecated?: boolean };
    const found = await ctx.cloud.secretsmanager.listSecretVersionIds({
      SecretId: secretId,
      IncludeDeprecated: includeDeprecated,
    });
    return {
      ...args,
      id: found.ARN,
      region: ctx.region,
      arn: found.ARN,
      name: found.Name,
      secretArn: found.ARN,
      secretName: found.Name,
      versions: (found.Versions ?? []).map(({ VersionId, VersionStages = [], CreatedDate = new Date(0) }) => ({
        versionId: VersionId,
        versionStages: VersionStages,
        createdTime: CreatedDate.toISOString(),
        lastAccessedDate: "",
      })),
    };
  },
};
