import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";

/** A record set, names in lower case and without the dot at their end. */
export interface RecordSet {
  HostedZoneId: string;
  Name: string;
  Type: string;
  TTL?: number;
  Records?: string[];
  AliasTarget?: { DNSName: string; HostedZoneId: string; EvaluateTargetHealth: boolean };
}

const KIND = "route53-record";
const TYPES = ["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SVCB", "TXT"];

/** Records in hosted zones. Every zone is somebody else's, and taken for there; nothing answers for the names. */
export class Route53 {
  readonly #cloud: Inner;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
  }

  changeResourceRecordSets(input: { Action: "CREATE" | "UPSERT" | "DELETE"; ResourceRecordSet: RecordSet }) {
    const record = { ...input.ResourceRecordSet, Name: bare(input.ResourceRecordSet.Name) };
    const key = keyOf(record);
    const old = this.#cloud.store.get<RecordSet>(KIND, key);
    if (input.Action === "DELETE") {
      if (old === undefined)
        throw invalid(
          `Tried to delete resource record set [name='${record.Name}.', type='${record.Type}'] but it was not found`,
        );
      this.#cloud.store.delete(KIND, key);
      return {};
    }
    this.#check(record);
    if (old !== undefined && input.Action === "CREATE") {
      throw invalid(
        `Tried to create resource record set [name='${record.Name}.', type='${record.Type}'] but it already exists`,
      );
    }
    this.#cloud.store.put(KIND, key, record);
    return {};
  }

  listResourceRecordSets(input: { HostedZoneId: string }) {
    const all = this.#cloud.store.list<RecordSet>(KIND);
    return { ResourceRecordSets: all.filter((one) => one.HostedZoneId === input.HostedZoneId) };
  }

  /** Whether some zone has the record. */
  resolves(name: string, type: string, value: string): boolean {
    return this.#cloud.store
      .list<RecordSet>(KIND)
      .some(
        (one) =>
          one.Name === bare(name) && one.Type === type && one.Records?.some((each) => bare(each) === bare(value)),
      );
  }

  #check(record: RecordSet): void {
    if (!/^Z[A-Z0-9]{1,31}$/.test(record.HostedZoneId)) {
      throw new CloudError("NoSuchHostedZone", `No hosted zone found with ID: ${record.HostedZoneId}`);
    }
    if (!TYPES.includes(record.Type)) throw invalid(`Value '${record.Type}' at 'type' is no record type`);
    const labels = record.Name.split(".");
    if (record.Name.length > 255 || labels.some((label) => label.length === 0 || label.length > 63)) {
      throw invalid(`DomainLabelTooLong or empty: '${record.Name}'`);
    }
    const plain = record.Records !== undefined && record.TTL !== undefined;
    if (plain === (record.AliasTarget !== undefined)) {
      throw invalid("Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]]");
    }
    const kin = this.listResourceRecordSets(record).ResourceRecordSets.filter(
      (one) => one.Name === record.Name && one.Type !== record.Type,
    );
    if (kin.some((one) => one.Type === "CNAME" || record.Type === "CNAME")) {
      throw invalid(
        `RRSet of type ${record.Type} with DNS name ${record.Name}. is not permitted as it conflicts with other records with the same DNS name`,
      );
    }
  }
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function keyOf({ HostedZoneId, Name, Type }: RecordSet): string {
  return `${HostedZoneId}_${Name}_${Type}`;
}

function invalid(message: string): CloudError {
  return new CloudError("InvalidChangeBatch", `[${message}]`);
}
