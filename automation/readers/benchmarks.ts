/** Benchmarks as JSON: github-action-benchmark's own two formats, hyperfine, and Sluice's `npm run bench -- --json`. */
import * as z from "zod/mini";
import { joinBaseline, median } from "./benchmark-entries.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Reader, type Report, ReportError } from "./reader.ts";

const name = z.string().check(z.minLength(1));

/** https://github.com/benchmark-action/github-action-benchmark#examples */
const custom = z.array(z.looseObject({ name, unit: z.string(), value: z.number() }));

/** https://github.com/sharkdp/hyperfine: `--export-json`. */
const hyperfineDocument = z.looseObject({
  results: z.array(
    z.looseObject({
      command: name,
      median: z.number(),
      times: z.optional(z.array(z.number())),
      exit_codes: z.optional(z.array(z.nullable(z.int()))),
    }),
  ),
});

/** bench/run.ts. */
const own = z.array(
  z.looseObject({ name, failure: z.optional(z.string()), ratio: z.optional(z.number()), rounds: z.optional(z.int()) }),
);

const startsAsList = (text: string) => /^\s*\[\s*(?:\{|\])/.test(text);
const isCustom = ({ text }: Report) => startsAsList(text) && /"unit"\s*:/.test(text) && /"value"\s*:/.test(text);

/** The file does not say which way is better: nobody but the user can, by naming the format. */
function customReader(format: string, better: "lower" | "higher"): Reader<"benchmarks"> {
  return {
    format,
    kinds: ["benchmarks"],
    recognises: isCustom,
    read: (args) => ({
      tool: { name: "github-action-benchmark" },
      result: joinBaseline(args, (report) =>
        checkShape(report, custom, parseJson(report)).map((one) => ({
          name: one.name,
          value: one.value,
          unit: one.unit,
          better,
        })),
      ),
    }),
  };
}

export const customSmallerIsBetter = customReader("customSmallerIsBetter", "lower");
export const customBiggerIsBetter = customReader("customBiggerIsBetter", "higher");

/**
 * Reads medians, in seconds. A command that failed is no measurement.
 *
 * @example
 * hyperfine.read({ report, root }, "benchmarks").result.entries[0] // { name: "sluice --help", value: 0.12, unit: "s", better: "lower" }
 */
export const hyperfine: Reader<"benchmarks"> = {
  format: "hyperfine",
  kinds: ["benchmarks"],
  recognises: ({ text }) => /^\s*\{\s*"results"\s*:\s*\[/.test(text),
  read: (args) => ({
    tool: { name: "hyperfine" },
    result: joinBaseline(args, (report) =>
      checkShape(report, hyperfineDocument, parseJson(report)).results.map((one, index) => {
        const place = `results[${index}]`;
        if (one.exit_codes?.some((code) => code !== 0)) throw new ReportError(report, place, "the command failed");
        if (one.times !== undefined && (one.times.length === 0 || Math.abs(median(one.times) - one.median) > 1e-9))
          throw new ReportError(report, `${place}.median`, "is not the median of its times");
        return { name: one.command, value: one.median, unit: "s", better: "lower" as const };
      }),
    ),
  }),
};

/**
 * Reads ratios, which mean the same on every machine. Targets are not looked at: gates have their own.
 *
 * @example
 * sluiceBench.read({ report, root }, "benchmarks").result.entries[0] // { name: "help", value: 1.21, unit: "ratio", better: "lower" }
 */
export const sluiceBench: Reader<"benchmarks"> = {
  format: "sluice-bench",
  kinds: ["benchmarks"],
  recognises: ({ text }) => startsAsList(text) && /"yardstick"\s*:|"failure"\s*:/.test(text),
  read: (args) => ({
    tool: { name: "sluice bench" },
    result: joinBaseline(args, (report) =>
      checkShape(report, own, parseJson(report)).map(({ name: label, ratio, rounds, failure }) => {
        if (failure !== undefined) throw new ReportError(report, label, "was not measured", "run the benchmark again");
        if (ratio === undefined || rounds === undefined || rounds < 1)
          throw new ReportError(report, label, "has no ratio of any round");
        return { name: label, value: ratio, unit: "ratio", better: "lower" as const };
      }),
    ),
  }),
};
