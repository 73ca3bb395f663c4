/** Every option of a stack's configuration, and those that a stack file sets. */

/** As much of JSON schema as `z.toJSONSchema` writes. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
}

/** Dotted paths of all options, `*` for names of one's own and for positions in lists. */
export function optionsOf(schema: Schema, path: readonly string[] = []): string[] {
  const { properties = {}, additionalProperties: values, items, anyOf = [] } = schema;
  const below = (part: Schema | boolean | undefined) =>
    typeof part === "object" ? optionsOf(part, [...path, "*"]) : [];
  const plain = [...path, "*"].join(".");
  const found = [
    ...anyOf.flatMap((one) => optionsOf(one, path)),
    ...Object.entries(properties).flatMap(([name, one]) => optionsOf(one, [...path, name])),
    ...below(values),
    // A list of plain values is one option.
    ...below(items).filter((one) => one !== plain),
  ];
  return [...new Set(found.length > 0 ? found : [path.join(".")])];
}

/** Whether a stack file sets an option, given its dotted path. */
export function sets(config: unknown, option: string): boolean {
  const [first, ...rest] = option.split(".");
  if (first === undefined || first === "") return config !== undefined;
  if (typeof config !== "object" || config === null) return false;
  const members = first === "*" ? Object.values(config) : [(config as Record<string, unknown>)[first]];
  return members.some((member) => (rest.length === 0 ? member !== undefined : sets(member, rest.join("."))));
}
