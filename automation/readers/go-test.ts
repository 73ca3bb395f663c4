/** What `go test -json` prints: one event per line. https://pkg.go.dev/cmd/test2json */
import * as z from "zod/mini";
import { checkShape, parseJsonLines } from "./json.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { type TestRun, tallyTests } from "./test-tally.ts";
import { cleanText, shorten } from "./text.ts";
import { timeOf } from "./time.ts";

const event = z.object({
  Action: z.string(),
  Time: z.optional(z.string()),
  Package: z.optional(z.string()),
  ImportPath: z.optional(z.string()),
  Test: z.optional(z.string()),
  FailedBuild: z.optional(z.string()),
  Elapsed: z.optional(z.number()),
});
type Event = z.output<typeof event>;

const ends = { pass: "passed", bench: "passed", fail: "failed", skip: "skipped" } as const;

export const goTest: Reader<"tests"> = {
  format: "go-test",
  kinds: ["tests"],
  recognises: ({ text }) => /^\s*\{[^\n]{0,400}"Action":"(?:start|run|output|build-output|build-fail)"/.test(text),
  read({ report }): Reading<"tests"> {
    if (!report.text.endsWith("\n")) throw new ReportError(report, "", "ends in the midst of a line");
    const lines = parseJsonLines(report).map(({ line, value }) => ({
      line,
      event: checkShape(report, event, value, `line ${line}`),
    }));
    const log = new PackageLog(report);
    for (const one of lines) log.add(one.event, one.line);
    const times = lines.flatMap((one) => timesOf(report, one.event, one.line));
    return {
      tool: { name: "go-test" },
      ...(times.length === 0 ? {} : { madeAt: times.reduce((a, b) => Math.min(a, b)) }),
      result: tallyTests(report, log.finish(), log.seconds),
    };
  },
};

/** Go's own grammar of a run: each package starts, its tests run and end, and then it ends itself. */
class PackageLog {
  seconds = 0;
  readonly #report: Report;
  readonly #runs: TestRun[] = [];
  /** Packages that started and did not end, each with its tests that did neither, and whether one of them failed. */
  readonly #open = new Map<string, { line: number; running: Set<string>; failed: boolean }>();

  constructor(report: Report) {
    this.#report = report;
  }

  add(
    { Action: action, Package: name, ImportPath: path, Test: test, Elapsed: elapsed, FailedBuild: build }: Event,
    line: number,
  ): void {
    if (action === "build-fail") this.#record(`build of ${path ?? "a package"}`, undefined, "failed");
    if (name === undefined) return;
    const open = this.#open.get(name) ?? { line, running: new Set<string>(), failed: false };
    this.#open.set(name, open);
    const outcome = Object.hasOwn(ends, action) ? ends[action as keyof typeof ends] : undefined;
    if (action === "run" && test !== undefined) open.running.add(test);
    if (outcome === undefined) return;
    if (test === undefined) {
      this.seconds += Math.max(0, elapsed ?? 0);
      this.#end(name, outcome, line, build);
    } else {
      open.running.delete(test);
      open.failed ||= outcome === "failed";
      this.#record(name, test, outcome);
    }
  }

  finish(): readonly TestRun[] {
    for (const [name, { line }] of this.#open)
      throw new ReportError(
        this.#report,
        `line ${line}`,
        `package ${clean(name)} did not end`,
        "let go test run to its end",
      );
    return this.#runs;
  }

  #end(name: string, outcome: "passed" | "failed" | "skipped", line: number, build: string | undefined): void {
    const { running, failed } = this.#open.get(name) ?? { running: new Set<string>(), failed: false };
    this.#open.delete(name);
    if (outcome !== "failed" && (running.size > 0 || failed))
      throw new ReportError(
        this.#report,
        `line ${line}`,
        `package ${clean(name)} ends well, and not all of its tests do`,
      );
    // Whoever calls os.Exit ends the package with its test.
    for (const test of running) this.#record(name, test, "failed");
    if (outcome === "failed" && running.size === 0 && !failed)
      this.#record(build === undefined ? `package ${name}` : `build of ${build}`, undefined, "failed");
  }

  #record(name: string, test: string | undefined, outcome: TestRun["outcome"]): void {
    this.#runs.push({
      key: JSON.stringify([name, test]),
      name: test === undefined ? name : `${name} ${test}`,
      outcome,
    });
  }
}

function timesOf(report: Report, { Time: text }: Event, line: number): number[] {
  const time = text === undefined ? undefined : timeOf(text);
  if (Number.isNaN(time)) throw new ReportError(report, `line ${line}`, "its Time is no time");
  return time === undefined ? [] : [time];
}

function clean(name: string): string {
  return shorten(cleanText(name), 200);
}
