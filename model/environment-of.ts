/**
 * Which environment a stack belongs to. Its name decides, never what its program says: what judges a stack and what
 * gathers proof for it must mean the same.
 */

/**
 * Stacks whose name says which environment they belong to; the pack's config may name more. Development is no staging:
 * what ran green there has not been proven where production asks for it.
 */
export const defaultStacks: Readonly<Record<string, string>> = {
  "preview-*": "preview",
  "*-preview": "preview",
  "*-preview-pr-*": "preview",
  "*-staging": "staging",
  "*-test": "staging",
  test: "staging",
  "*-development": "development",
  "*-prod": "prod",
  "*-foundation": "foundation",
};

/**
 * The stack in a URN: `urn:pulumi:STACK::PROJECT::TYPE::NAME`.
 *
 * @throws Error where the text is no URN
 * @example
 * stackOf("urn:pulumi:prod::sluice::aws:lb/loadBalancer:LoadBalancer::main") // "prod"
 */
export function stackOf(urn: string): string {
  const stack = /^urn:pulumi:([^:]+)::/.exec(urn)?.[1];
  if (stack === undefined) throw new Error(`not a URN: ${urn.slice(0, 200)}`);
  return stack;
}

/**
 * The environment of a stack: the first pattern in `stacks` that matches names it, else it is the stack's own name.
 *
 * @param stacks stack name, or its beginning and `*`, to environment
 * @example
 * environmentOf("preview-pr-12", { "preview-*": "preview" }) // "preview"
 */
export function environmentOf(stack: string, stacks: Readonly<Record<string, string>>): string {
  const found = Object.entries(stacks).find(([pattern]) => matchesName(pattern, stack));
  return found?.[1] ?? stack;
}

/**
 * Whether a name matches a pattern in which `*` stands for any characters.
 *
 * @example
 * matchesName("preview-*", "preview-pr-12") // true
 */
export function matchesName(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(name);
}
