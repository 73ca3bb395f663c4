import { randomBytes } from "node:crypto";
import type { Store } from "../store.ts";
import type { CloudError } from "./error.ts";

/** Documents of one kind, with AWS's error for one that is not there. */
export class Table<T> {
  readonly #store: Store;
  readonly #kind: string;
  readonly #missing: (id: string) => CloudError;

  /**
   * @param kind kind of document in the store
   * @param missing the error that AWS gives for an id that is not there
   */
  constructor(store: Store, kind: string, missing: (id: string) => CloudError) {
    this.#store = store;
    this.#kind = kind;
    this.#missing = missing;
  }

  find(id: string): T | undefined {
    return this.#store.get<T>(this.#kind, id);
  }

  /** @throws CloudError when it is not there */
  need(id: string | undefined): T {
    const found = id === undefined ? undefined : this.find(id);
    if (found === undefined) throw this.#missing(String(id));
    return found;
  }

  list(): T[] {
    return this.#store.list<T>(this.#kind);
  }

  /** Those asked for, in that order, or all. @throws CloudError when one of them is not there */
  pick(ids: readonly string[] | undefined): T[] {
    return ids === undefined || ids.length === 0 ? this.list() : ids.map((id) => this.need(id));
  }

  put(id: string, value: T): T {
    this.#store.put(this.#kind, id, value);
    return value;
  }

  /** Deletes it. @throws CloudError when it is not there */
  remove(id: string | undefined): void {
    this.need(id);
    this.#store.delete(this.#kind, String(id));
  }
}

/** An id as EC2 makes them: `vpc-0a1b2c3d4e5f60718`. */
export function newId(prefix: string): string {
  return `${prefix}-${randomBytes(9).toString("hex").slice(0, 17)}`;
}
