/** Patterns of COPY and of `.dockerignore`, as docker matches them (Go's filepath.Match, and `**` for `.dockerignore`). */
import path from "node:path/posix";
import { ImageError } from "./image-error.ts";

/**
 * Turns a pattern into a regular expression for a whole path: `*` and `?` stop at `/`, `**` does not, `[a-z]` and `[^a-z]`
 * are sets, `\` escapes. Unlike a shell's, `*` also matches names that begin with a dot.
 *
 * @throws {ImageError} `usage` for a set that is never closed, or runs backwards
 * @example
 * patternOf("*.js").test("server.js"); // true
 */
export function patternOf(pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index += 1) {
    const rest = pattern.slice(index);
    const set = /^\[\^?(?:\\.|[^\]\\])+\]/.exec(rest)?.[0];
    if (rest.startsWith("**/")) {
      source += "(?:.*/)?";
      index += 2;
    } else if (rest.startsWith("**")) {
      source += ".*";
      index += 1;
    } else if (rest.startsWith("*")) source += "[^/]*";
    else if (rest.startsWith("?")) source += "[^/]";
    else if (rest.startsWith("\\") && rest.length > 1) {
      source += literal(rest[1] as string);
      index += 1;
    } else if (set !== undefined) {
      // A set is a regular expression's own; only a second [ would be read as something else.
      source += set.replace(/(?<!^)\[/g, "\\[");
      index += set.length - 1;
    } else if (rest.startsWith("[")) {
      throw new ImageError("usage", `the pattern ${JSON.stringify(pattern)} has a [ without its ]`);
    } else source += literal(rest[0] as string);
  }
  try {
    return new RegExp(`^${source}$`, "su");
  } catch (error) {
    throw new ImageError("usage", `the pattern ${JSON.stringify(pattern)} is not valid`, { cause: error });
  }
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

/** Whether a COPY source is a pattern rather than a path. */
export function isPattern(source: string): boolean {
  return /[*?[\\]/.test(source);
}

/** Says which paths of a context stay out of the image. */
export interface IgnoreRules {
  /** @param file path within the context, without a leading slash */
  ignores(file: string): boolean;
  /** Whether a rule takes something back in, so that an ignored folder must still be searched. */
  readonly hasExceptions: boolean;
}

/**
 * Reads a `.dockerignore`: the last rule that matches a path or a folder above it decides.
 *
 * @example
 * readIgnoreRules("*\n!*.js\n").ignores("server.js"); // false
 */
export function readIgnoreRules(text: string): IgnoreRules {
  const rules = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && line !== "!")
    .map((line) => {
      const exception = line.startsWith("!");
      const cleaned = path.normalize(line.slice(exception ? 1 : 0).trim()).replace(/^\/+|\/+$/g, "");
      return { exception, pattern: patternOf(cleaned) };
    });
  return {
    hasExceptions: rules.some((rule) => rule.exception),
    ignores(file) {
      const parts = file.split("/");
      const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
      const deciding = rules.findLast((rule) => prefixes.some((prefix) => rule.pattern.test(prefix)));
      return deciding !== undefined && !deciding.exception;
    },
  };
}
