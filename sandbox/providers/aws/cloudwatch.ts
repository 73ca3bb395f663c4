import { RETENTION_DAYS } from "../../cloud/logs.ts";
import { unlessGone } from "../gone.ts";
import type { InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const GONE = "ResourceNotFoundException";
const name: InputSpec = {
  type: "string",
  computed: true,
  replace: true,
  minLength: 1,
  maxLength: 512,
  pattern: /^[.\-_/#A-Za-z0-9]+$/,
  patternHint: "may hold letters, digits and .-_/# only",
};

interface LogGroupInputs extends Properties {
  name: string;
  namePrefix?: string;
  retentionInDays: number;
  kmsKeyId?: string;
  logGroupClass?: string;
  deletionProtectionEnabled?: boolean;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
export const logGroup: ResourceType = {
  inputs: {
    deletionProtectionEnabled: { type: "boolean", computed: true },
    kmsKeyId: { type: "string" },
    logGroupClass: {
      type: "string",
      computed: true,
      replace: true,
      oneOf: ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"],
    },
    name: { ...name, conflictsWith: ["namePrefix"] },
    namePrefix: { ...name, maxLength: 483 },
    /** 0: never. */
    retentionInDays: { type: "integer", default: 0, oneOf: [0, ...RETENTION_DAYS] },
    skipDestroy: { type: "boolean", default: false, local: true },
  },
  outputs: ["arn"],
  autoname: { property: "name", maxLength: 512 },
  tagged: true,
  async create(inputs, ctx) {
    const { logs } = ctx.cloud;
    const wanted = inputs as LogGroupInputs;
    const logGroupName = wanted.name ?? `${wanted.namePrefix}${Date.now()}`;
    await logs.createLogGroup({
      logGroupName,
      ...(wanted.kmsKeyId && { kmsKeyId: wanted.kmsKeyId }),
      ...(wanted.logGroupClass && { logGroupClass: wanted.logGroupClass }),
      ...(wanted.deletionProtectionEnabled && { deletionProtectionEnabled: true }),
    });
    if (wanted.retentionInDays > 0)
      await logs.putRetentionPolicy({ logGroupName, retentionInDays: wanted.retentionInDays });
    return { id: logGroupName, state: (await readGroup(logGroupName, ctx)) ?? {} };
  },
  read: (id, _old, ctx) => readGroup(id, ctx),
  async update(id, olds, news, ctx) {
    const { logs } = ctx.cloud;
    const { retentionInDays, deletionProtectionEnabled } = news as LogGroupInputs;
    if (olds.deletionProtectionEnabled !== deletionProtectionEnabled) {
      const wanted = { logGroupIdentifier: id, deletionProtectionEnabled: deletionProtectionEnabled ?? false };
      await logs.putLogGroupDeletionProtection(wanted);
    }
    const { kmsKeyId } = news as LogGroupInputs;
    if (kmsKeyId !== undefined && kmsKeyId !== olds.kmsKeyId)
      await logs.associateKmsKey({ logGroupName: id, kmsKeyId });
    if (kmsKeyId === undefined && olds.kmsKeyId) await logs.disassociateKmsKey({ logGroupName: id });
    if (retentionInDays > 0) await logs.putRetentionPolicy({ logGroupName: id, retentionInDays });
    else await logs.deleteRetentionPolicy({ logGroupName: id });
    return {};
  },
  async delete(id, state, ctx) {
    if (state.skipDestroy) return;
    await unlessGone(ctx.cloud.logs.deleteLogGroup({ logGroupName: id }), GONE);
  },
};

async function readGroup(id: string, ctx: ProviderContext): Promise<Properties | undefined> {
  const { logGroups } = await ctx.cloud.logs.describeLogGroups({ logGroupNamePrefix: id });
  const one = logGroups.find((group) => group.logGroupName === id);
  return (
    one && {
      name: one.logGroupName,
      arn: one.logGroupArn,
      kmsKeyId: one.kmsKeyId,
      logGroupClass: one.logGroupClass,
      retentionInDays: one.retentionInDays ?? 0,
      deletionProtectionEnabled: one.deletionProtectionEnabled ?? false,
    }
  );
}
