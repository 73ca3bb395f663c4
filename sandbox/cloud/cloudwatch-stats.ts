/** Everything known of the values within one second, or merged over a period. */
export interface Stat {
  n: number;
  sum: number;
  min: number;
  max: number;
  /** Histogram: number of values per logarithmic bucket; values of 0 or below are in bucket "0". */
  buckets: Record<string, number>;
}

/** Ratio of a bucket's limits: percentiles are exact to about 2.5 %. */
const RATIO = Math.log(1.05);
/** Keeps bucket numbers above 0 for every value that can occur (1e-9 and up). */
const OFFSET = 500;

export function emptyStat(): Stat {
  return { n: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, buckets: {} };
}

/** Adds `count` observations of a value in place. */
export function addValue(stat: Stat, value: number, count = 1): void {
  stat.n += count;
  stat.sum += value * count;
  stat.min = Math.min(stat.min, value);
  stat.max = Math.max(stat.max, value);
  const bucket = value <= 0 ? "0" : String(Math.max(1, OFFSET + Math.floor(Math.log(value) / RATIO)));
  stat.buckets[bucket] = (stat.buckets[bucket] ?? 0) + count;
}

/** Adds another stat in place. */
export function mergeStat(into: Stat, from: Stat): void {
  into.n += from.n;
  into.sum += from.sum;
  into.min = Math.min(into.min, from.min);
  into.max = Math.max(into.max, from.max);
  for (const [bucket, count] of Object.entries(from.buckets)) {
    into.buckets[bucket] = (into.buckets[bucket] ?? 0) + count;
  }
}

/**
 * A statistic by CloudWatch's name.
 *
 * @returns undefined when the name is none of `Sum`, `SampleCount`, `Average`, `Minimum`, `Maximum`, `p0` to `p100`
 * @example
 * statisticOf(stat, "p95");
 */
export function statisticOf(stat: Stat, name: string): number | undefined {
  switch (name) {
    case "Sum":
      return stat.sum;
    case "SampleCount":
      return stat.n;
    case "Average":
      return stat.sum / stat.n;
    case "Minimum":
      return stat.min;
    case "Maximum":
      return stat.max;
  }
  const share = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(name);
  const percent = Number(share?.[1]);
  return share !== null && percent <= 100 ? percentile(stat, percent) : undefined;
}

function percentile(stat: Stat, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * stat.n));
  const buckets = Object.entries(stat.buckets).map(([bucket, count]) => ({ bucket: Number(bucket), count }));
  buckets.sort((a, b) => a.bucket - b.bucket);
  let seen = 0;
  for (const { bucket, count } of buckets) {
    seen += count;
    if (seen < rank) continue;
    const middle = bucket === 0 ? Math.min(0, stat.min) : Math.exp((bucket - OFFSET + 0.5) * RATIO);
    return Math.min(stat.max, Math.max(stat.min, middle));
  }
  return stat.max;
}
