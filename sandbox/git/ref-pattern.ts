/**
 * Whether a ref is one that a ruleset is for. Patterns are fnmatch's, as GitHub uses it (File::FNM_PATHNAME): `*` and `?` do not match `/`,
 * a `**` that a `/` follows matches any folders, or none.
 *
 * @example
 * matchesRef("refs/heads/release/*", "refs/heads/release/1", "refs/heads/main") // true
 */
export function matchesRef(pattern: string, ref: string, defaultBranch: string): boolean {
  if (pattern === "~ALL") return true;
  if (pattern === "~DEFAULT_BRANCH") return ref === defaultBranch;
  return new RegExp(`^${expression(pattern)}$`).test(ref);
}

function expression(pattern: string): string {
  return pattern.replaceAll(/\*\*\/|\*+|\?|\[[!^]?[^\]]+\]|[^*?[]+|\[/g, (part) => {
    if (part === "**/") return "(?:[^/]+/)*";
    if (part.startsWith("*")) return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.startsWith("[") && part.length > 1) return part.replace(/^\[[!^]/, "[^").replaceAll("\\", "\\\\");
    return part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
}
