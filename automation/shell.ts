/**
 * Quotes a value for a POSIX shell: whatever is in it, it is one word and nothing in it is run.
 *
 * @example
 * shellQuote("it's") // `'it'\''s'`
 */
export function shellQuote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** Names that a shell can have; anything else (a function that bash exported) is no variable of ours. */
const variable = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Lines for `eval`: `export` for what has a value, `unset` for what has none.
 *
 * @example
 * shellExports({ AWS_REGION: "eu-west-1", AWS_PROFILE: undefined }) // ["export AWS_REGION='eu-west-1'", "unset AWS_PROFILE"]
 */
export function shellExports(variables: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(variables)
    .filter(([name]) => variable.test(name))
    .map(([name, value]) => (value === undefined ? `unset ${name}` : `export ${name}=${shellQuote(value)}`));
}
