/** Small files that belong to one checkout: written whole or not at all, and readable by their owner only. */
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const ownerOnly = 0o600;
let counter = 0;

/**
 * The content of a file that is made once: two runs that find it missing agree on one content.
 *
 * @example
 * const passphrase = madeOnce(places.passphrase, () => randomBytes(24).toString("base64url"));
 */
export function madeOnce(file: string, make: () => string): string {
  const found = contentOf(file);
  if (found !== undefined) return found;
  const own = writeBeside(file, make());
  try {
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(own, { force: true });
  }
  return readFileSync(file, "utf8");
}

/** Makes a file hold `content`; one that does already is left alone. */
export function keepAt(file: string, content: string): void {
  if (contentOf(file) !== content) renameSync(writeBeside(file, content), file);
  else if ((statSync(file).mode & 0o777) !== ownerOnly) chmodSync(file, ownerOnly);
}

function writeBeside(file: string, content: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  const own = `${file}.${process.pid}-${counter++}`;
  writeFileSync(own, content, { mode: ownerOnly, flag: "wx" });
  return own;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
