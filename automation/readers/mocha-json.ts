/** What mocha's own JSON reporter writes. https://mochajs.org/#json */
import * as z from "zod/mini";
import { checkShape, parseJson } from "./json.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { type TestRun, tallyTests } from "./test-tally.ts";
import { timeOf } from "./time.ts";

const count = z.int().check(z.gte(0));
const test = z.object({
  fullTitle: z.string().check(z.minLength(1)),
  file: z.nullish(z.string()),
  currentRetry: z.optional(count),
  err: z.looseObject({}),
});
const schema = z.object({
  stats: z.object({
    tests: count,
    passes: count,
    pending: count,
    failures: count,
    start: z.string(),
    duration: z.optional(z.number()),
  }),
  tests: z.array(test),
  pending: z.array(test),
  failures: z.array(test),
  passes: z.array(test),
});
type Test = z.output<typeof test>;
type MochaReport = z.output<typeof schema>;

export const mochaJson: Reader<"tests"> = {
  format: "mocha-json",
  kinds: ["tests"],
  recognises: ({ text }) => /^\s*\{\s*"stats"\s*:\s*\{\s*"suites"/.test(text),
  read({ report }): Reading<"tests"> {
    const value = checkShape(report, schema, parseJson(report));
    const madeAt = timeOf(value.stats.start);
    if (Number.isNaN(madeAt)) throw new ReportError(report, "stats.start", "is no time");
    const { duration } = value.stats;
    return {
      tool: { name: "mocha" },
      ...(madeAt === undefined ? {} : { madeAt }),
      result: tallyTests(
        report,
        runsOf(report, value),
        duration === undefined ? undefined : Math.max(0, duration) / 1000,
      ),
    };
  },
};

function runsOf(report: Report, value: MochaReport): TestRun[] {
  const { stats, tests, pending, failures, passes } = value;
  for (const name of ["tests", "pending", "failures", "passes"] as const)
    if (stats[name] !== value[name].length)
      throw new ReportError(report, `stats.${name}`, `is ${stats[name]}, and ${value[name].length} are listed`);
  // A hook that fails is a failure without a test; nothing else may be missing on either side.
  const hooks = failures.length + passes.length + pending.length - tests.length;
  if (hooks < 0 || hooks > failures.length)
    throw new ReportError(report, "tests", `${tests.length} are listed, and ${tests.length + hooks} ended`);
  const strange = passes.find((one) => Object.keys(one.err).length > 0);
  if (strange !== undefined) throw new ReportError(report, "passes", `"${strange.fullTitle}" passed with an error`);
  return [
    ...failures.map((one) => ({ name: one.fullTitle, outcome: "failed" as const })),
    ...pending.map((one) => ({ name: one.fullTitle, outcome: "skipped" as const })),
    ...passes.map((one) => ({ name: one.fullTitle, outcome: retried(one) ? ("flaky" as const) : ("passed" as const) })),
    // Mocha lists a test once, however often it ran: two of the same title are two tests.
  ].map((run, index) => ({ key: String(index), ...run }));
}

function retried({ currentRetry }: Test): boolean {
  return currentRetry !== undefined && currentRetry > 0;
}
