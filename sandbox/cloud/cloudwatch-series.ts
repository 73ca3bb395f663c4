import type { Store } from "../store.ts";
import { addValue, emptyStat, mergeStat, type Stat } from "./cloudwatch-stats.ts";

/** What a time series is a series of. */
export interface MetricName {
  namespace: string;
  metric: string;
  dimensions: Record<string, string>;
}

interface Chunk extends MetricName {
  minute: number;
  seconds: Record<string, Stat>;
}

const KIND = "cloudwatch.chunk";
/** CloudWatch keeps data of high resolution for three hours; in milliseconds. */
const RETENTION_MS = 3 * 3600 * 1000;

/**
 * Time series at a resolution of one second. Values are in memory at once, and in the store by minute with each `flush`,
 * so that a killed daemon loses at most what came after the last one.
 */
export class MetricSeries {
  readonly #store: Store;
  readonly #chunks = new Map<string, Chunk>();
  readonly #dirty = new Set<string>();

  constructor(store: Store) {
    this.#store = store;
    for (const chunk of store.list<Chunk>(KIND)) this.#chunks.set(idOf(chunk, chunk.minute), chunk);
  }

  /** @param at milliseconds since the epoch */
  note(name: MetricName, value: number, at: number, count = 1): void {
    addValue(this.#second(name, at), value, count);
  }

  noteStat(name: MetricName, stat: Stat, at: number): void {
    mergeStat(this.#second(name, at), stat);
  }

  /** Stats per period that has values; keys are the periods' beginnings in seconds since the epoch. */
  read(name: MetricName, from: number, to: number, period: number): Map<number, Stat> {
    const merged = new Map<number, Stat>();
    for (let minute = Math.floor(from / 60) * 60; minute < to; minute += 60) {
      const chunk = this.#chunks.get(idOf(name, minute));
      for (const [second, stat] of Object.entries(chunk?.seconds ?? {})) {
        if (Number(second) < from || Number(second) >= to) continue;
        const begin = Math.floor(Number(second) / period) * period;
        const into = merged.get(begin) ?? emptyStat();
        mergeStat(into, stat);
        merged.set(begin, into);
      }
    }
    return merged;
  }

  /** The series that have values. */
  names(): MetricName[] {
    const names = new Map<string, MetricName>();
    for (const { namespace, metric, dimensions } of this.#chunks.values()) {
      const name = { namespace, metric, dimensions };
      names.set(idOf(name, 0), name);
    }
    return [...names.values()];
  }

  /** Writes what has changed and forgets what is too old. */
  flush(now: number): void {
    const oldest = (now - RETENTION_MS) / 1000;
    this.#store.transaction(() => {
      for (const id of this.#dirty) this.#store.put(KIND, id, this.#chunks.get(id));
      for (const [id, chunk] of this.#chunks) {
        if (chunk.minute >= oldest) continue;
        this.#chunks.delete(id);
        this.#store.delete(KIND, id);
      }
    });
    this.#dirty.clear();
  }

  #second(name: MetricName, at: number): Stat {
    const second = Math.floor(at / 1000);
    const minute = Math.floor(second / 60) * 60;
    const id = idOf(name, minute);
    const chunk = this.#chunks.get(id) ?? { ...name, minute, seconds: {} };
    this.#chunks.set(id, chunk);
    this.#dirty.add(id);
    const stat = chunk.seconds[second] ?? emptyStat();
    chunk.seconds[second] = stat;
    return stat;
  }
}

function idOf(name: MetricName, minute: number): string {
  const dimensions = Object.entries(name.dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name.namespace}|${name.metric}|${JSON.stringify(dimensions)}|${minute}`;
}
