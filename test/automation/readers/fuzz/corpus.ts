/** Every committed fixture, copied to where it may be changed, beside a file that no report may lead to. */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const fixtures = path.join(import.meta.dirname, "..", "fixtures");

export interface Fixture {
  /** Relative to the folder of fixtures. */
  name: string;
  content: Buffer;
}

export class Corpus {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "sluice-fuzz-"));
  /** What readers are told is the repository. */
  readonly root = path.join(this.#folder, "root");
  /** Content of the file outside. */
  readonly canary = `canary ${Math.random().toString(36).slice(2)}`;
  /** Ways to it: from the root, from a fixture's folder, absolute, and by a symlink beside every fixture. */
  readonly waysOut: readonly string[];
  readonly canaryHash = createHash("sha256").update(this.canary).digest("hex");
  readonly fixtures: readonly Fixture[];
  #changed: Fixture | undefined;

  constructor() {
    const outside = path.join(this.#folder, "outside", "canary.txt");
    mkdirSync(path.dirname(outside));
    writeFileSync(outside, this.canary);
    cpSync(fixtures, this.root, { recursive: true });
    cpSync(fixtures, path.join(this.#folder, "baseline"), { recursive: true });
    const files = readdirSync(this.root, { recursive: true, withFileTypes: true });
    const folders = new Set(files.filter((one) => one.isFile()).map(({ parentPath }) => parentPath));
    for (const folder of folders) symlinkSync(outside, path.join(folder, "link"));
    this.fixtures = files
      .filter((one) => one.isFile())
      .map((one) => path.join(one.parentPath, one.name))
      .sort()
      .map((file) => ({ name: path.relative(this.root, file), content: readFileSync(file) }));
    this.waysOut = [
      outside,
      "../outside/canary.txt",
      "../../outside/canary.txt",
      "../../../outside/canary.txt",
      "link",
    ];
  }

  /** Puts a report where a fixture is; the one before it gets its own content back. @returns its path */
  put(fixture: Fixture, content: Buffer): string {
    const write = (what: Fixture, bytes: Buffer) => writeFileSync(path.join(this.root, what.name), bytes);
    if (this.#changed !== undefined && this.#changed !== fixture) write(this.#changed, this.#changed.content);
    if (this.#changed === fixture || content !== fixture.content) write(fixture, content);
    this.#changed = fixture;
    return path.join(this.root, fixture.name);
  }

  /** The fixture as it is: the report of the commit before. */
  baseline({ name }: Fixture): string {
    return path.join(this.#folder, "baseline", name);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
