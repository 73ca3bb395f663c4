/** Paths of a repository that globs name. */
import picomatch from "picomatch";

const excludes = (glob: string) => glob.startsWith("!") && !glob.startsWith("!(");

/**
 * Whether globs name anything: those that begin with `!` only take away.
 *
 * @example
 * nameSomething(["!src/generated/**"]) // false
 */
export function nameSomething(globs: readonly string[]): boolean {
  return globs.some((glob) => !excludes(glob));
}

/**
 * Tells the paths that one of the globs names, and none that begins with `!`. Given such a list as it is, picomatch takes
 * everything that the `!` does not exclude, which is nearly all there is.
 *
 * @example
 * pathMatcher(["src/**", "!src/generated/**"])("src/a.ts") // true
 */
export function pathMatcher(globs: readonly string[]): (path: string) => boolean {
  const options = { dot: true };
  const named = globs.filter((glob) => !excludes(glob));
  const excluded = globs.filter(excludes).map((glob) => glob.slice(1));
  if (named.length === 0) return () => false;
  const isNamed = picomatch(named, options);
  const isExcluded = excluded.length === 0 ? () => false : picomatch(excluded, options);
  return (path) => isNamed(path) && !isExcluded(path);
}
