/** Suites in many files: Surefire and Gradle write one for each class of tests. */
import { createHash } from "node:crypto";
import { glob } from "node:fs/promises";
import { maximumBytes, type ReportFile, readReportFile } from "./file.ts";
import { ReportError } from "./reader.ts";
import { parseXml, placeOf } from "./xml.ts";

const maximumFiles = 10_000;

/**
 * Reads all files that a pattern matches as one report of one suite, so that a test in two of them counts once, and a class
 * that is skipped as a whole is no reason to refuse the others.
 *
 * @param pattern as the user gave it, with `*`; a shell does not expand it behind `tests:unit=`
 * @throws ReportError for a pattern without a file, for more than 10,000 files or 64 MiB, and for any file that is no
 *   `testsuite` by itself
 * @example
 * await readJunitFiles("target/surefire-reports/TEST-*.xml", { root: "." })
 */
export async function readJunitFiles(pattern: string, about: { root: string }): Promise<ReportFile> {
  const names: string[] = [];
  for await (const name of glob(pattern)) {
    names.push(name);
    if (names.length > maximumFiles) throw new ReportError({ file: pattern }, "", `more than ${maximumFiles} files`);
  }
  if (names.length === 0) throw new ReportError({ file: pattern }, "", "matches no file");
  const parts: string[] = [];
  const hash = createHash("sha256");
  let size = 0;
  for (const name of names.sort()) {
    const report = await readReportFile(name, about);
    size += report.text.length;
    if (size > maximumBytes) throw new ReportError({ file: pattern }, "", `more than ${maximumBytes} bytes together`);
    const root = parseXml(report);
    if (root.name !== "testsuite") {
      const reason = "is no testsuite: files are read together where each is one";
      throw new ReportError(report, placeOf(report, root), reason, `name it alone: tests:NAME=${name}`);
    }
    hash.update(`${report.sha256}\n`);
    parts.push(report.text.slice(root.offset));
  }
  const text = ["<testsuites>", ...parts, "</testsuites>"].join("\n");
  return { file: pattern, text, sha256: hash.digest("hex") };
}
