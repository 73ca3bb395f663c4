import assert from "node:assert/strict";
import { goBench } from "../../../automation/readers/benchmarks-go.ts";
import { fixture, readWith, refuses, refusesCuts } from "./reports.ts";

const head = fixture("go-bench/head.txt");
const baseline = fixture("go-bench/baseline.txt");

const report = (...lines: string[]) => ({
  file: "bench.txt",
  text: ["goos: linux", "pkg: example.com/a", ...lines, "PASS", "ok  \texample.com/a\t0.1s", ""].join("\n"),
});
const names = (...lines: string[]) => readWith(goBench, report(...lines)).result.entries.map(({ name }) => name);

describe("go test -bench", () => {
  it("reads the median of several runs, and the same of the baseline", () => {
    const { entries } = readWith(goBench, head, { baseline }).result;
    const scan = "example.com/punchtrunk/scan.Benchmark";
    assert.deepEqual(entries, [
      {
        name: "example.com/punchtrunk/render.BenchmarkRender",
        value: 37,
        unit: "ns/op",
        better: "lower",
        baseline: 66.155,
      },
      { name: `${scan}Hotspots`, value: 4455, unit: "ns/op", better: "lower", baseline: 3012 },
      { name: `${scan}Hotspots MB/s`, value: 583.62, unit: "MB/s", better: "higher", baseline: 863.715 },
      { name: `${scan}Hotspots B/op`, value: 3456, unit: "B/op", better: "lower", baseline: 3456 },
      { name: `${scan}Hotspots allocs/op`, value: 1, unit: "allocs/op", better: "lower", baseline: 1 },
      { name: `${scan}Score/files-10`, value: 99.11, unit: "ns/op", better: "lower", baseline: 104.35 },
      { name: `${scan}Score/files-10 files/op`, value: 2, unit: "files/op", better: "lower", baseline: 2 },
      { name: `${scan}Score/files-100`, value: 153.1, unit: "ns/op", better: "lower", baseline: 165.9 },
      { name: `${scan}Score/files-100 files/op`, value: 3, unit: "files/op", better: "lower", baseline: 3 },
    ]);
  });

  it("refuses a report cut off anywhere, where there is a baseline", () => refusesCuts(goBench, head, { baseline }));

  it("takes the number of processors off, and nothing that belongs to a name", () => {
    assert.deepEqual(names("BenchmarkX-8 10 5 ns/op", "BenchmarkY/n-2-8 10 5 ns/op"), [
      "example.com/a.BenchmarkX",
      "example.com/a.BenchmarkY/n-2",
    ]);
    assert.deepEqual(names("BenchmarkY/n-10 10 5 ns/op", "BenchmarkY/n-20 10 5 ns/op"), [
      "example.com/a.BenchmarkY/n-10",
      "example.com/a.BenchmarkY/n-20",
    ]);
  });

  it("knows which way is better from the unit, or from what the report says of it", () => {
    const { entries } = readWith(
      goBench,
      report("Unit hits/op better=higher", "BenchmarkX 10 5 ns/op 3 hits/op 2 rows/s"),
    ).result;
    assert.deepEqual(
      entries.map(({ unit, better }) => [unit, better]),
      [
        ["ns/op", "lower"],
        ["hits/op", "higher"],
        ["rows/s", "higher"],
      ],
    );
  });

  it("leaves lines aside that tell of a run", () => {
    assert.deepEqual(names("BenchmarkX", "    x_test.go:9: warmed up", "BenchmarkX-2 10 5 ns/op"), [
      "example.com/a.BenchmarkX",
    ]);
  });

  it("refuses what is larger than any", () => {
    refuses(goBench, { file: "b", text: "goos: linux\n".repeat(1_500_000) }, /more than the 16 Mi/);
  });

  const refused: [string, { file: string; text: string }, RegExp][] = [
    ["no benchmark", report(), /holds no benchmark/],
    ["a failed run", report("BenchmarkX 10 5 ns/op", "--- FAIL: BenchmarkY"), /line 4: the run failed/],
    [
      "a failed package",
      { file: "b", text: "pkg: a\nBenchmarkX 10 5 ns/op\nFAIL\ta\t0.1s\n" },
      /line 3: the run failed/,
    ],
    ["a panic", report("panic: out of range"), /line 3: the run failed/],
    ["a line with other text in it", report("BenchmarkX-2 warmed up 10 5 ns/op"), /line 3: is no result/],
    ["a value without a unit", report("BenchmarkX 10 5 ns/op 3"), /line 3: is no result/],
    ["a value that is none", report("BenchmarkX 10 NaN ns/op"), /line 3: is no result/],
    ["no iteration", report("BenchmarkX 0 5 ns/op"), /line 3: is no result/],
    [
      "a package without an end",
      { file: "b", text: "pkg: a\nBenchmarkX 10 5 ns/op\npkg: b\n" },
      /line 3: a has no end/,
    ],
    [
      "another package's end",
      { file: "b", text: "pkg: a\nBenchmarkX 10 5 ns/op\nok  \tb\t0.1s\n" },
      /line 3: a has no end/,
    ],
    [
      "a benchmark outside of a package",
      { file: "b", text: "goos: linux\nBenchmarkX 10 5 ns/op\n" },
      /line 2: .*outside/,
    ],
  ];
  for (const [what, text, reason] of refused) it(`refuses ${what}`, () => refuses(goBench, text, reason));
});
