/** Puts another cloud's identifiers where the sandbox's stand. */
import type { Made } from "./mapping.ts";
import type { StateResource } from "./state.ts";

export class Translation {
  readonly #pairs = new Map<string, string>();
  #pattern: RegExp | undefined;

  add(from: string, to: string): void {
    if (from === to || from === "") return;
    this.#pairs.set(from, to);
    this.#pattern = undefined;
  }

  /** Learns what a resource is called on both sides: its id, and every output that the other cloud has as well. */
  learn({ id, outputs }: StateResource, made: Made): void {
    this.add(id, made.id);
    for (const [property, to] of Object.entries(made)) {
      const from = outputs[property];
      if (typeof from === "string" && to !== undefined) this.add(from, to);
    }
  }

  /** A copy in which every string names what is on the other side; the longest names go first. */
  apply<T>(value: T): T {
    this.#pattern ??= new RegExp(
      [...this.#pairs.keys()]
        .sort((a, b) => b.length - a.length)
        .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("|") || "(?!)",
      "g",
    );
    return this.#walk(value, this.#pattern) as T;
  }

  #walk(value: unknown, pattern: RegExp): unknown {
    if (typeof value === "string") return value.replace(pattern, (found) => this.#pairs.get(found) ?? found);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item, pattern));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.#walk(member, pattern)]));
  }
}
