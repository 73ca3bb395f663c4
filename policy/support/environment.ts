/** Which environment a resource belongs to. The stack's name in the URN decides, never what the program says. */

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
