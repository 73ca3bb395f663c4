/**
 * `sluice.dev/load/v1`: a load test's summary for every tool that has none that is read here. JSON:
 *
 * ```json
 * {
 *   "format": "sluice.dev/load/v1",
 *   "tool": { "name": "wrk", "version": "4.1.0" },
 *   "endedAt": "2026-11-21T02:17:00Z",
 *   "commit": "40 hex digits", "digest": "sha256:64 hex digits",
 *   "requests": 450000,
 *   "failures": 120,
 *   "seconds": 900,
 *   "latencyMs": { "p95": 180.5, "p99": 420 },
 *   "samples": [{ "second": 0, "memoryBytes": 104857600, "memoryPercent": 40.5, "cpuPercent": 55.2 }],
 *   "crashes": 0
 * }
 * ```
 *
 * `tool.version`, `endedAt`, `commit`, `digest`, `p99`, `samples` and `crashes` may be left out; a gate that asks for them
 * does not pass then. `failures` are requests that had no answer or a wrong one. `crashes` are starts anew of what was
 * tested. Samples are of all its tasks together (bytes) or of their mean (per cent), in order of time.
 */
import * as z from "zod/mini";
import { checkShape, parseJson } from "./json.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { madeAtOf } from "./sbom-subject.ts";

const amount = z.number().check(z.gte(0));
const count = z.int().check(z.gte(0));
const percentage = z.number().check(z.gte(0), z.lte(100));

const sample = z.strictObject({
  second: amount,
  memoryBytes: z.optional(z.int().check(z.gt(0))),
  memoryPercent: z.optional(percentage),
  cpuPercent: z.optional(percentage),
});
type Sample = z.output<typeof sample>;

const document = z.strictObject({
  format: z.literal("sluice.dev/load/v1"),
  tool: z.strictObject({ name: z.string().check(z.minLength(1)), version: z.optional(z.string()) }),
  endedAt: z.optional(z.string()),
  commit: z.optional(z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/))),
  digest: z.optional(z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/))),
  requests: count,
  failures: count,
  seconds: z.number().check(z.gt(0)),
  latencyMs: z.strictObject({ p95: amount, p99: z.optional(amount) }),
  samples: z.optional(z.array(sample).check(z.maxLength(100_000))),
  crashes: z.optional(count),
});

/** Fewer say nothing of growth. */
const fewestSamples = 10;
/** Samples that leave out more of the test than this share at its begin or its end may leave out what matters. */
const uncovered = 0.1;

/**
 * Reads a summary. Memory growth is the mean of the last tenth of the samples over that of the first tenth, CPU is the mean
 * of all samples, memory in per cent the highest of them.
 *
 * @example
 * loadSummary.read({ report, root }, "load").result.memoryGrowthPercent // 3.2
 */
export const loadSummary: Reader<"load"> = {
  format: "load-summary",
  kinds: ["load"],
  recognises: ({ text }) => /"format"\s*:\s*"sluice\.dev\/load\//.test(text),
  read({ report }): Reading<"load"> {
    const { tool, endedAt, commit, digest, requests, failures, seconds, latencyMs, samples, crashes } = checkShape(
      report,
      document,
      parseJson(report),
    );
    if (requests === 0) throw new ReportError(report, "requests", "no request was sent");
    if (failures > requests) throw new ReportError(report, "failures", "are more than there were requests");
    if (latencyMs.p99 !== undefined && latencyMs.p99 < latencyMs.p95)
      throw new ReportError(report, "latencyMs", "p99 is below p95");
    return {
      tool,
      madeAt: madeAtOf(report, "endedAt", endedAt),
      commit,
      digest,
      result: {
        requests,
        requestsPerSecond: requests / seconds,
        errorPercent: (failures / requests) * 100,
        p95Ms: latencyMs.p95,
        ...(latencyMs.p99 === undefined ? {} : { p99Ms: latencyMs.p99 }),
        seconds,
        ...(samples === undefined ? {} : utilisation(report, samples, seconds)),
        ...(crashes === undefined ? {} : { crashes }),
      },
    };
  },
};

type Utilisation = Pick<Reading<"load">["result"], "memoryGrowthPercent" | "cpuPercent" | "memoryPercent">;

function utilisation(report: Report, samples: readonly Sample[], seconds: number): Utilisation {
  const disorder = samples.findIndex(({ second }, index) => second < (samples[index - 1]?.second ?? 0));
  if (disorder !== -1)
    throw new ReportError(report, `samples[${disorder}].second`, "is before the one that precedes it");
  const [first, last] = [samples[0]?.second ?? 0, samples.at(-1)?.second ?? 0];
  if (samples.length < fewestSamples || first > seconds * uncovered || last < seconds * (1 - uncovered))
    throw new ReportError(
      report,
      "samples",
      `must be ${fewestSamples} or more, over the whole of the ${seconds} seconds`,
    );
  const bytes = valuesOf(report, samples, "memoryBytes");
  const cpu = valuesOf(report, samples, "cpuPercent");
  const memory = valuesOf(report, samples, "memoryPercent");
  const tenth = Math.floor(samples.length / 10);
  return {
    ...(bytes && { memoryGrowthPercent: (mean(bytes.slice(-tenth)) / mean(bytes.slice(0, tenth)) - 1) * 100 }),
    ...(cpu && { cpuPercent: mean(cpu) }),
    ...(memory && { memoryPercent: memory.reduce((most, one) => Math.max(most, one), 0) }),
  };
}

/** In every sample or in none: a sample that leaves a figure out may be the one that matters. */
function valuesOf(report: Report, samples: readonly Sample[], field: keyof Sample): number[] | undefined {
  const values = samples.flatMap((one) => one[field] ?? []);
  if (values.length === 0) return undefined;
  if (values.length === samples.length) return values;
  throw new ReportError(report, "samples", `${field} stands in ${values.length} of ${samples.length} only`);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
