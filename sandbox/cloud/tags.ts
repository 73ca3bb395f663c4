import type { Inner } from "./index.ts";

/** Tags of all resources by ARN (`resourcegroupstaggingapi`). */
export class Tags {
  readonly #cloud: Inner;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
  }

  /** All tags of a resource. */
  read(arn: string): Record<string, string> {
    return this.#cloud.store.get<{ tags: Record<string, string> }>("tags", arn)?.tags ?? {};
  }

  /** Replaces all tags of a resource. */
  write(arn: string, tags: Record<string, string>): void {
    this.#cloud.store.put("tags", arn, { arn, tags });
  }

  /** Forgets a resource. */
  drop(arn: string): void {
    this.#cloud.store.delete("tags", arn);
  }

  /** Resources whose tags match every filter; a filter without values asks for the key only. */
  getResources(input: { TagFilters?: { Key?: string; Values?: string[] }[]; ResourceTypeFilters?: string[] }) {
    const all = this.#cloud.store.list<{ arn: string; tags: Record<string, string> }>("tags");
    const wanted = all.filter(({ arn, tags }) => {
      const [service, type] = [arn.split(":")[2], arn.split(":").slice(5).join(":").split(/[/:]/)[0]];
      const kinds = input.ResourceTypeFilters ?? [];
      if (kinds.length > 0 && !kinds.includes(`${service}`) && !kinds.includes(`${service}:${type}`)) return false;
      return (input.TagFilters ?? []).every(({ Key, Values }) => {
        const value = Key === undefined ? undefined : tags[Key];
        return value !== undefined && (!Values?.length || Values.includes(value));
      });
    });
    return {
      PaginationToken: "",
      ResourceTagMappingList: wanted.map(({ arn, tags }) => ({
        ResourceARN: arn,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      })),
    };
  }
}
