import type { InputSpec, ProviderContext } from "../resource-type.ts";

export const GONE = "404";
export const off: InputSpec = { type: "boolean", default: false };
export const texts: InputSpec = { type: { list: { type: "string" } } };
export const textSet: InputSpec = { type: { set: { type: "string" } } };

/** `owner/name` of a repository that the program names without its owner. */
export function repositoryOf(name: unknown, ctx: ProviderContext): string {
  return `${ctx.settings.owner}/${name}`;
}
