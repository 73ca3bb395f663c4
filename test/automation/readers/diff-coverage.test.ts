import assert from "node:assert/strict";
import { cobertura } from "../../../automation/readers/cobertura.ts";
import { addedLines, newLines } from "../../../automation/readers/diff-coverage.ts";
import { goCover } from "../../../automation/readers/go-cover.ts";
import { istanbul } from "../../../automation/readers/istanbul.ts";
import { lcov } from "../../../automation/readers/lcov.ts";
import type { Reader } from "../../../automation/readers/reader.ts";
import { fixture, readWith } from "./reports.ts";

const lines = (...texts: [number, string][]) => new Map(texts);
const file = (path: string, hits: Record<number, number>) => ({ path, hits: (line: number) => hits[line] });

describe("lines that a diff adds", () => {
  const list = (diff: string) => [...addedLines(diff)].map(([path, added]) => [path, ...added.keys()]);

  it("have the new commit's numbers and texts", () => {
    const diff = [
      "diff --git a/src/a.ts b/src/a.ts",
      "index 111..222 100644",
      "--- a/src/a.ts",
      "+++ b/src/a.ts",
      "@@ -3 +3,2 @@ context",
      "-old",
      "+new",
      "+  more",
      "@@ -10,0 +12 @@",
      "+end",
      "\\ No newline at end of file",
    ].join("\n");
    assert.deepEqual([...addedLines(diff)], [["src/a.ts", lines([3, "new"], [4, "  more"], [12, "end"])]]);
  });

  it("are none of a file that was removed, renamed, or only lost lines", () => {
    const removed =
      "diff --git a/a.ts b/a.ts\ndeleted file mode 100644\n--- a/a.ts\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n";
    const renamed = "diff --git a/a.ts b/b.ts\nsimilarity index 100%\nrename from a.ts\nrename to b.ts\n";
    const lost = "diff --git a/c.ts b/c.ts\n--- a/c.ts\n+++ b/c.ts\n@@ -2 +1,0 @@\n-b\n";
    assert.deepEqual(list(removed + renamed + lost), []);
  });

  it("are taken for text, whatever they look like", () => {
    const diff =
      "diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -0,0 +1,4 @@\n+++ b/evil.ts\n+@@ -1 +1 @@\n+diff --git a/x b/x\n+--- a/x\n";
    assert.deepEqual(list(diff), [["a.ts", 1, 2, 3, 4]]);
  });

  it("stand in a folder named like git's prefix, too", () => {
    const diff = "diff --git a/b/a.ts b/b/a.ts\n--- a/b/a.ts\n+++ b/b/a.ts\n@@ -0,0 +1 @@\n+a\n";
    assert.deepEqual(list(diff), [["b/a.ts", 1]]);
  });
});

describe("coverage of new lines", () => {
  it("counts those that can run, and of them those that did", () => {
    const added = new Map([["a.ts", lines([1, "x"], [2, "y"], [3, "// no code"], [9, "z"])]]);
    const files = [file("a.ts", { 1: 5, 2: 0, 3: undefined as never, 9: 1, 10: 0 })];
    assert.deepEqual(newLines({ added, files }), { covered: 2, total: 3 });
  });

  it("is nothing of nothing where no added line can run", () => {
    const added = new Map([["a.ts", lines([3, "// no code"])]]);
    assert.deepEqual(newLines({ added, files: [file("a.ts", { 1: 1 })] }), { covered: 0, total: 0 });
  });

  it("is unknown where the report has sums only", () => {
    assert.equal(newLines({ added: new Map(), files: [{ path: "a.ts" }] }), undefined);
  });

  /** Two lines of code and a blank one are added; `a.ts` is all that the report knows. */
  const unknown: [string, number][] = [
    ["b.ts", 2],
    ["src/b.ts", 2],
    ["latest/b.ts", 2],
    ["contest.ts", 2],
    ["b.md", 0],
    ["b.go", 0],
    ["b.test.ts", 0],
    ["b.spec.ts", 0],
    ["test/b.ts", 0],
    ["src/__tests__/b.ts", 0],
    ["types/b.d.ts", 0],
  ];
  for (const [path, total] of unknown)
    it(`takes ${total === 0 ? "nothing" : "every line"} of ${path}, which the report does not know, for not covered`, () => {
      const added = new Map([[path, lines([1, "a()"], [2, ""], [3, "b()"])]]);
      assert.deepEqual(newLines({ added, files: [file("a.ts", { 1: 1 })] }), { covered: 0, total });
    });

  it("knows tests of Go and Python by their names", () => {
    const added = new Map(
      ["a_test.go", "test_a.py", "a_test.py", "pkg/conftest.py"].map((path) => [path, lines([1, "a"])]),
    );
    const files = [file("b.go", {}), file("b.py", {})];
    assert.deepEqual(newLines({ added, files }), { covered: 0, total: 0 });
    assert.deepEqual(newLines({ added: new Map([["latest.py", lines([1, "a"])]]), files }), { covered: 0, total: 1 });
  });

  const root = "/home/ci/project";
  const cart = (path: string) =>
    new Map([[path, lines([3, "  if (sum >= 100) {"], [4, "    return sum;"], [6, "  return sum;"], [40, "x"])]]);
  /** Lines 3 and 6 of cart.js ran, line 4 did not, and line 40 is none. */
  const readings: [Reader<"coverage">, string, string][] = [
    [lcov, "c8/lcov.info", "src/cart.js"],
    [cobertura, "c8/cobertura-coverage.xml", "src/cart.js"],
    [istanbul, "c8/coverage-final.json", "src/cart.js"],
  ];
  for (const [reader, name, path] of readings)
    it(`is read from ${name}`, () => {
      const { result } = readWith(reader, fixture(name), { root, added: cart(path) });
      assert.deepEqual(result.newLines, { covered: 2, total: 3 });
    });

  it("is not told by coverage-summary.json", () => {
    const { result } = readWith(istanbul, fixture("c8/coverage-summary.json"), { root, added: cart("src/cart.js") });
    assert.equal(result.newLines, undefined);
  });

  it("is read from Go's blocks, but for lines that are blank, comments or brackets", () => {
    // Lines 10 to 12 are a block that did not run, 13 one that did.
    const added = new Map([
      [
        "shop/cart/cart.go",
        lines(
          [7, "for _, price := range prices {"],
          [8, "sum += price"],
          [9, "\t}"],
          [11, "sum -= sum / 10"],
          [12, "\t}"],
          [13, "return sum"],
          [15, "// Empty tells"],
        ),
      ],
    ]);
    const { result } = readWith(goCover, fixture("go-test/set.out"), {
      root: `${import.meta.dirname}/fixtures`,
      added,
    });
    assert.deepEqual(result.newLines, { covered: 3, total: 4 });
    const idle = new Map([["shop/cart/cart.go", lines([10, ""], [11, "// comment"], [12, "})"])]]);
    const other = readWith(goCover, fixture("go-test/set.out"), {
      root: `${import.meta.dirname}/fixtures`,
      added: idle,
    });
    assert.deepEqual(other.result.newLines, { covered: 0, total: 0 });
  });
});
