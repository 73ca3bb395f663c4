import type { RecordSet } from "../../cloud/route53.ts";
import { unlessGone } from "../gone.ts";
import type { CheckProblem, InputSpec, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const text: InputSpec = { type: "string" };

interface RecordInputs extends Properties {
  zoneId: string;
  name: string;
  type: string;
  ttl?: number;
  records?: string[];
  aliases?: { name: string; zoneId: string; evaluateTargetHealth: boolean }[];
  allowOverwrite?: boolean;
}

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html; routing policies are not supported. */
export const record: ResourceType = {
  inputs: {
    aliases: {
      type: {
        list: {
          type: {
            object: {
              evaluateTargetHealth: { type: "boolean", required: true },
              name: { type: "string", required: true },
              zoneId: { type: "string", required: true },
            },
          },
        },
      },
      maxLength: 1,
      conflictsWith: ["records", "ttl"],
    },
    allowOverwrite: { type: "boolean", default: false, local: true },
    name: { type: "string", required: true, replace: true, same: (a, b) => fqdn(a) === fqdn(b) },
    records: { type: { set: text } },
    ttl: { type: "integer", min: 0, max: 2_147_483_647 },
    type: { type: "string", required: true, replace: true },
    zoneId: { type: "string", required: true, replace: true },
  },
  outputs: ["fqdn"],
  check({ aliases, records, ttl }): CheckProblem[] {
    if ((aliases === undefined) === (records === undefined)) {
      return [{ property: "records", reason: "exactly one of aliases and records must be given" }];
    }
    return records !== undefined && ttl === undefined
      ? [{ property: "ttl", reason: "must be given with records" }]
      : [];
  },
  async create(inputs, ctx) {
    const wanted = inputs as RecordInputs;
    const Action = wanted.allowOverwrite ? "UPSERT" : "CREATE";
    await ctx.cloud.route53.changeResourceRecordSets({ Action, ResourceRecordSet: recordSet(wanted) });
    const id = `${wanted.zoneId}_${fqdn(wanted.name)}_${wanted.type}`;
    return { id, state: { fqdn: fqdn(wanted.name) } };
  },
  async read(id, old, ctx) {
    return readRecord(id, old, ctx);
  },
  async update(_id, _olds, news, ctx) {
    const ResourceRecordSet = recordSet(news as RecordInputs);
    await ctx.cloud.route53.changeResourceRecordSets({ Action: "UPSERT", ResourceRecordSet });
    return {};
  },
  async delete(_id, state, ctx) {
    const ResourceRecordSet = recordSet(state as RecordInputs);
    await unlessGone(
      ctx.cloud.route53.changeResourceRecordSets({ Action: "DELETE", ResourceRecordSet }),
      "InvalidChangeBatch",
      "NoSuchHostedZone",
    );
  },
};

function fqdn(name: unknown): string {
  return String(name).toLowerCase().replace(/\.$/, "");
}

function recordSet({ zoneId, name, type, ttl, records, aliases }: RecordInputs): RecordSet {
  const [alias] = aliases ?? [];
  return {
    HostedZoneId: zoneId,
    Name: name,
    Type: type,
    ...(ttl !== undefined && { TTL: ttl }),
    ...(records !== undefined && { Records: records }),
    ...(alias !== undefined && {
      AliasTarget: {
        DNSName: alias.name,
        HostedZoneId: alias.zoneId,
        EvaluateTargetHealth: alias.evaluateTargetHealth,
      },
    }),
  };
}

async function readRecord(id: string, old: Properties, ctx: ProviderContext): Promise<Properties | undefined> {
  const [zoneId = "", ...rest] = id.split("_");
  const type = rest.at(-1) ?? "";
  const name = rest.slice(0, -1).join("_");
  const { ResourceRecordSets } = await ctx.cloud.route53.listResourceRecordSets({ HostedZoneId: zoneId });
  const one = ResourceRecordSets.find((each) => each.Name === name && each.Type === type);
  if (one === undefined) return undefined;
  const { AliasTarget: alias } = one;
  return {
    zoneId,
    name: fqdn(old.name) === name ? old.name : name,
    type,
    fqdn: name,
    ttl: one.TTL,
    records: one.Records,
    aliases: alias && [
      { name: alias.DNSName, zoneId: alias.HostedZoneId, evaluateTargetHealth: alias.EvaluateTargetHealth },
    ],
  };
}
