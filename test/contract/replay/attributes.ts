/** Attributes of load balancers, target groups and listeners: strings in the API, typed properties in the state. */

/** Attribute key by property. */
export type AttributeNames = Readonly<Record<string, string>>;

/** Attributes as ELBv2 takes them; properties that are not set are left out. */
export function toAttributes(names: AttributeNames, inputs: Readonly<Record<string, unknown>>) {
  return Object.entries(names).flatMap(([property, Key]) => {
    const value = inputs[property];
    return value === undefined ? [] : [{ Key, Value: String(value) }];
  });
}

/** The properties again. A string that says a number or a truth value becomes one. */
export function fromAttributes(
  names: AttributeNames,
  attributes: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): Record<string, unknown> {
  const values = new Map((attributes ?? []).map(({ Key, Value }) => [Key, Value]));
  return Object.fromEntries(Object.entries(names).map(([property, key]) => [property, parse(values.get(key))]));
}

function parse(value: string | undefined): unknown {
  if (value === "true" || value === "false") return value === "true";
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : value;
}
