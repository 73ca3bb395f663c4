/**
 * k6's two summaries: the file of `--summary-export`, and the data that a script's `handleSummary` gets and writes as JSON.
 * https://grafana.com/docs/k6/latest/results-output/end-of-test/
 */
import * as z from "zod/mini";
import { checkShape, parseJson } from "./json.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";

const amount = z.number().check(z.gte(0));
const count = z.int().check(z.gte(0));
const rate = z.number().check(z.gte(0), z.lte(1));

const requests = z.looseObject({ count, rate: amount });
const latency = z.looseObject({ "p(95)": amount, "p(99)": z.optional(amount) });
/** `passes` are the requests of which "it failed" is true. */
const exportedFailures = z.looseObject({ passes: count, fails: count, value: rate });
const handledFailures = z.looseObject({ passes: count, fails: count, rate });

const exported = z.looseObject({
  metrics: z.looseObject({ http_reqs: requests, http_req_failed: exportedFailures, http_req_duration: latency }),
});
const handled = z.looseObject({
  metrics: z.looseObject({
    http_reqs: z.looseObject({ values: requests }),
    http_req_failed: z.looseObject({ values: handledFailures }),
    http_req_duration: z.looseObject({ values: latency }),
  }),
  state: z.looseObject({ testRunDurationMs: amount }),
});
const metricNames = z.looseObject({
  metrics: z.record(z.string(), z.looseObject({ values: z.optional(z.unknown()) })),
});

interface Figures {
  requests: z.output<typeof requests>;
  failures: { passes: number; fails: number; rate: number };
  latency: z.output<typeof latency>;
  /** Where the summary says how long the test ran. */
  seconds?: number;
}

/**
 * Reads a load test over HTTP. A failed request is what k6 counts in `http_req_failed` (by default: no answer, or a status
 * from 400 on). Failed checks are no failed requests, as a script checks what it likes; iterations that k6 dropped are
 * none either, but requests that were not sent: they lower the throughput. Thresholds of the script's own count for
 * nothing here. k6 writes no p99 unless it is told to: `--summary-trend-stats="p(95),p(99)"`.
 *
 * @example
 * k6.read({ report, root }, "load").result.p95Ms // 124.5
 */
export const k6: Reader<"load"> = {
  format: "k6",
  kinds: ["load"],
  recognises: ({ text }) =>
    text.trimStart().startsWith("{") && /"metrics"\s*:/.test(text) && /"root_group"\s*:|"http_reqs"\s*:/.test(text),
  read({ report }): Reading<"load"> {
    const { requests, failures, latency, seconds } = figuresOf(report);
    const refuse = (place: string, reason: string, remedy?: string) =>
      new ReportError(report, `metrics.${place}`, reason, remedy);
    if (requests.count === 0) throw refuse("http_reqs", "no request was sent");
    if (failures.passes + failures.fails !== requests.count)
      throw refuse(
        "http_req_failed",
        `tells of ${failures.passes + failures.fails} requests, not of ${requests.count}`,
        "do not set responseCallback to null",
      );
    if (Math.abs(failures.rate - failures.passes / requests.count) > 1e-6)
      throw refuse("http_req_failed", "its rate is not that of its counts");
    if (latency["p(99)"] !== undefined && latency["p(99)"] < latency["p(95)"])
      throw refuse("http_req_duration", "p99 is below p95");
    if (requests.rate === 0) throw refuse("http_reqs.rate", "is 0, of a test with requests");
    return {
      tool: { name: "k6" },
      result: {
        requests: requests.count,
        requestsPerSecond: requests.rate,
        errorPercent: (failures.passes / requests.count) * 100,
        p95Ms: latency["p(95)"],
        ...(latency["p(99)"] === undefined ? {} : { p99Ms: latency["p(99)"] }),
        // The exported summary names no duration: it is what k6 divided by.
        seconds: seconds ?? requests.count / requests.rate,
      },
    };
  },
};

function figuresOf(report: Report): Figures {
  const value = parseJson(report);
  const { metrics } = checkShape(report, metricNames, value);
  if (!Object.hasOwn(metrics, "http_reqs"))
    throw new ReportError(report, "metrics", "no request was sent: there is no http_reqs");
  if (metrics.http_reqs?.values === undefined) {
    const { http_reqs, http_req_failed, http_req_duration } = checkShape(report, exported, value).metrics;
    const { passes, fails, value: failed } = http_req_failed;
    return { requests: http_reqs, failures: { passes, fails, rate: failed }, latency: http_req_duration };
  }
  const { metrics: found, state } = checkShape(report, handled, value);
  return {
    requests: found.http_reqs.values,
    failures: found.http_req_failed.values,
    latency: found.http_req_duration.values,
    seconds: state.testRunDurationMs / 1000,
  };
}
