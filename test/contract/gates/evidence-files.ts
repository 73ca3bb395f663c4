/** Looks at, and spoils, the evidence that a checkout's sandbox keeps about an image. */
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createKeyPair } from "../../../evidence/key.ts";
import { openEvidenceStore } from "../../../evidence/open-store.ts";
import { keySigner } from "../../../evidence/signer.ts";
import { writeEvidence } from "../../../evidence/write.ts";

export class EvidenceFiles {
  readonly #store: string;
  readonly #folder: string;

  /** @param digest - `sha256:` and 64 hex digits */
  constructor(home: string, digest: string) {
    this.#store = path.join(home, "evidence");
    this.#folder = this.#of(digest);
  }

  #of(digest: string): string {
    return path.join(this.#store, "images", digest.replace("sha256:", ""));
  }

  /** Relative paths, sorted. */
  list(): string[] {
    return readdirSync(this.#folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => path.relative(this.#folder, path.join(one.parentPath, one.name)))
      .sort();
  }

  /** What the file says, in the in-toto statement that is signed. */
  statement(file: string): { predicateType: string; predicate: { result: Record<string, unknown> } } {
    return statementIn(path.join(this.#folder, file));
  }

  /** Does something while the file is not there, and puts it back. */
  async without<T>(file: string, work: () => Promise<T>): Promise<T> {
    const aside = path.join(this.#store, "..", "aside");
    renameSync(path.join(this.#folder, file), aside);
    try {
      return await work();
    } finally {
      renameSync(aside, path.join(this.#folder, file));
    }
  }

  /** Does something while one bit of the file is another, and puts it back. */
  async changed<T>(file: string, place: number, work: () => Promise<T>): Promise<T> {
    const full = path.join(this.#folder, file);
    const content = readFileSync(full);
    const other = Buffer.from(content);
    const index = Math.floor(place * content.length);
    other[index] = (content[index] as number) ^ 1;
    writeFileSync(full, other);
    try {
      return await work();
    } finally {
      writeFileSync(full, content);
    }
  }

  /** Does something while the same statement stands there, signed with a key that nobody knows, and puts it back. */
  async signedByStranger<T>(file: string, work: () => Promise<T>): Promise<T> {
    return this.without(file, async () => {
      const statement = statementIn(path.join(this.#store, "..", "aside"));
      const before = this.list();
      await writeEvidence({
        store: openEvidenceStore(pathToFileURL(this.#store).href),
        signer: keySigner(createKeyPair().privateKey),
        statements: [statement],
      });
      const written = this.list().filter((one) => !before.includes(one));
      if (written.length !== 1) throw new Error(`one file was to be written: ${written}`);
      try {
        return await work();
      } finally {
        for (const one of written) rmSync(path.join(this.#folder, one));
      }
    });
  }

  /** Copies all of it to where another image's evidence stands. */
  copyTo(digest: string): void {
    cpSync(this.#folder, this.#of(digest), { recursive: true });
  }
}

function statementIn(file: string) {
  const { dsseEnvelope } = JSON.parse(readFileSync(file, "utf8"));
  return JSON.parse(Buffer.from(dsseEnvelope.payload, "base64").toString("utf8"));
}
