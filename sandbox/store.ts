import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** Kinds that a reset leaves alone: the ports, so that URLs and registry names stay what they were. */
const KEPT_BY_RESET = ["daemon"];

/**
 * JSON documents in one SQLite table, keyed by kind and id.
 *
 * Every write is in the operating system's hands when the call returns, so that `kill -9` loses nothing (WAL, and
 * `synchronous = NORMAL`: a power cut may lose the last writes, but never tears the file).
 *
 * @example
 * const store = new Store("/tmp/state.db");
 * store.put("role", "deployer", { arn: "arn:aws:iam::000000000000:role/deployer" });
 * store.get<{ arn: string }>("role", "deployer")?.arn;
 */
export class Store {
  readonly #db: DatabaseSync;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  #depth = 0;

  /** @param file path of the database; its folder is made. `:memory:` keeps nothing. */
  constructor(file: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
    this.#db = new DatabaseSync(file);
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
    this.#db.exec(
      "CREATE TABLE IF NOT EXISTS document (kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (kind, id))",
    );
    this.#get = this.#db.prepare("SELECT json FROM document WHERE kind = ? AND id = ?");
    this.#list = this.#db.prepare("SELECT json FROM document WHERE kind = ? ORDER BY rowid");
    this.#put = this.#db.prepare(
      "INSERT INTO document (kind, id, json) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json",
    );
    this.#delete = this.#db.prepare("DELETE FROM document WHERE kind = ? AND id = ?");
  }

  /** A fresh copy of the document, or undefined. */
  get<T>(kind: string, id: string): T | undefined {
    const row = this.#get.get(kind, id) as { json: string } | undefined;
    return row === undefined ? undefined : (JSON.parse(row.json) as T);
  }

  /** Fresh copies of all documents of a kind, oldest first. */
  list<T>(kind: string): T[] {
    return (this.#list.all(kind) as { json: string }[]).map((row) => JSON.parse(row.json) as T);
  }

  /** Writes the whole document. Dates become ISO strings, as JSON has it. */
  put(kind: string, id: string, value: unknown): void {
    const json = JSON.stringify(value);
    if (json === undefined) throw new TypeError(`store: ${kind} ${id}: undefined is not a document`);
    this.#put.run(kind, id, json);
  }

  /** Deletes the document; one that is not there is no error. */
  delete(kind: string, id: string): void {
    this.#delete.run(kind, id);
  }

  /**
   * Runs `fn` so that all of its writes land, or none. It may nest; `fn` must be synchronous, since another caller's
   * writes would otherwise slip into the same transaction.
   */
  transaction<R>(fn: () => R): R {
    const name = `s${this.#depth}`;
    this.#db.exec(this.#depth === 0 ? "BEGIN IMMEDIATE" : `SAVEPOINT ${name}`);
    this.#depth += 1;
    try {
      const result = fn();
      if (result instanceof Promise) throw new TypeError("store: a transaction must be synchronous");
      this.#depth -= 1;
      this.#db.exec(this.#depth === 0 ? "COMMIT" : `RELEASE ${name}`);
      return result;
    } catch (error) {
      this.#depth = name === "s0" ? 0 : Number(name.slice(1));
      this.#db.exec(this.#depth === 0 ? "ROLLBACK" : `ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    }
  }

  /** Deletes every document but the daemon's own (its ports). */
  wipe(): void {
    const marks = KEPT_BY_RESET.map(() => "?").join(", ");
    this.#db.prepare(`DELETE FROM document WHERE kind NOT IN (${marks})`).run(...KEPT_BY_RESET);
  }

  /** Closes the file; the store cannot be used afterwards. */
  close(): void {
    this.#db.close();
  }
}
