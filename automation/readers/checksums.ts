/** What `sha256sum` writes: https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html (untagged). */
import { type Report, ReportError } from "./reader.ts";
import { cleanText, shorten } from "./text.ts";

/** More files than a result takes. */
const maximumFiles = 10_000;

/**
 * Reads lines of `HASH  NAME` or `HASH *NAME`.
 *
 * @returns path below the folder, with `/`, to 64 hex digits
 * @throws ReportError for another line, a path that leads out of the folder, a file named twice, or none
 * @example
 * parseChecksums({ file: "checksums.txt", text: `${"0".repeat(64)}  app-linux-amd64\n` }).get("app-linux-amd64")
 */
export function parseChecksums(report: Report): Map<string, string> {
  const found = new Map<string, string>();
  const lines = report.text.split("\n");
  // A line that was cut off may name another file than it would have.
  if (lines.pop() !== "") throw new ReportError(report, `line ${lines.length + 1}`, "has no end: the file was cut off");
  for (const [index, line] of lines.entries()) {
    const place = `line ${index + 1}`;
    const [, hash, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (hash === undefined || name === undefined)
      throw new ReportError(report, place, 'is not "SHA-256  NAME"', "write it with sha256sum, in text or binary mode");
    const path = pathOf(name);
    if (path === undefined)
      throw new ReportError(report, place, `"${shorten(cleanText(name), 100)}" is no path below the folder`);
    if (found.has(path)) throw new ReportError(report, place, `names ${path} again`);
    found.set(path, hash);
  }
  if (found.size === 0) throw new ReportError(report, "", "names no file");
  if (found.size > maximumFiles) throw new ReportError(report, "", `names more than ${maximumFiles} files`);
  return found;
}

/** Without a `./` in front; names that mean something else on another system are none. */
function pathOf(name: string): string | undefined {
  const parts = name.replace(/^\.\//, "").split("/");
  const wrong = parts.some((part) => part === "" || part === "." || part === ".." || part.length > 255);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
  return wrong || name.length > 1024 || /[\u0000-\u001f\u007f\\]|^[A-Za-z]:/.test(name) ? undefined : parts.join("/");
}
