/** Tags as states have them, and as the services do. */
type Tags = Readonly<Record<string, string>> | undefined;

/** @example tagList({ Name: "api" }) // [{ Key: "Name", Value: "api" }] */
export function tagList(tags: Tags): { Key: string; Value: string }[] | undefined {
  return tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** ECS's spelling. */
export function lowerTagList(tags: Tags): { key: string; value: string }[] | undefined {
  return tags && Object.entries(tags).map(([key, value]) => ({ key, value }));
}

type Text = string | undefined;

/** Back again, from any of the spellings. */
export function tagMap(
  list: readonly { Key?: Text; Value?: Text; key?: Text; value?: Text }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((list ?? []).map((tag) => [tag.Key ?? tag.key ?? "", tag.Value ?? tag.value ?? ""]));
}

/** A member of an answer that must be there. */
export function required<T>(value: T | undefined | null, what = "an identifier"): T {
  if (value === undefined || value === null) throw new Error(`the answer lacks ${what}`);
  return value;
}
