/** Coverage of the lines that a change adds. */
import { posix } from "node:path";
import parseDiff from "parse-diff";
import type { Share } from "../../model/gates/results.ts";
import type { CoveredFile } from "./coverage.ts";

/** Lines that a change adds: by path, their text by number. */
export type AddedLines = ReadonlyMap<string, ReadonlyMap<number, string>>;

/**
 * Tests are not what coverage is of, and most tools leave them out of the report: by the names that test runners look for.
 */
const testPath =
  /(?:^|\/)(?:tests?|__tests__|spec|testdata)\/|(?:_test\.go|[._-](?:test|spec)\.[a-z]+|_test\.py|Tests?\.(?:java|kt|cs))$|(?:^|\/)(?:test_[^/]*|conftest)\.py$/;
/** Nothing in it can run. */
const declarations = /\.d\.[cm]?ts$/;

/**
 * Lists the lines that a unified diff adds, by their path in the new commit.
 *
 * @example
 * addedLines("--- a/x.ts\n+++ b/x.ts\n@@ -1,0 +2 @@\n+new\n") // Map { "x.ts" => Map { 2 => "new" } }
 */
export function addedLines(diff: string): AddedLines {
  const files = new Map<string, Map<number, string>>();
  for (const { to, chunks } of parseDiff(diff)) {
    if (to === undefined || to === "/dev/null") continue;
    const lines = files.get(to) ?? new Map<number, string>();
    for (const change of chunks.flatMap((chunk) => chunk.changes))
      if (change.type === "add" && change.content.startsWith("+")) lines.set(change.ln, change.content.slice(1));
    if (lines.size > 0) files.set(to, lines);
  }
  return files;
}

export interface NewLinesArgs {
  added: AddedLines;
  files: readonly CoveredFile[];
  /** Whether a line may be one that runs, by its text. @default every line */
  runs?: ((text: string) => boolean) | undefined;
}

/**
 * Counts the added lines that the report says can run, and those of them that did.
 *
 * A file that the report does not know counts as not covered, with every line that is not blank, where it has an
 * extension of the report's files: else, whoever leaves a file out of the report would have it covered. Tests (by their
 * names) and TypeScript's declarations are left out.
 *
 * @returns `undefined` where the format has sums only
 * @example
 * newLines({ added: new Map([["a.ts", new Map([[1, "run();"]])]]), files: [{ path: "a.ts", hits: () => 3 }] })
 * // { covered: 1, total: 1 }
 */
export function newLines({ added, files, runs = () => true }: NewLinesArgs): Share | undefined {
  const known = new Map(files.map((file) => [file.path, file.hits]));
  if (files.some((file) => file.hits === undefined)) return undefined;
  const extensions = new Set(files.map((file) => posix.extname(file.path)));
  const share = { covered: 0, total: 0 };
  for (const [path, lines] of added) {
    const hits = known.get(path);
    const unknown = extensions.has(posix.extname(path)) && !testPath.test(path) && !declarations.test(path);
    for (const [line, text] of lines) {
      const count = hits !== undefined ? hits(line) : unknown && text.trim() !== "" ? 0 : undefined;
      if (count === undefined || !runs(text)) continue;
      share.total += 1;
      if (count > 0) share.covered += 1;
    }
  }
  return share;
}
