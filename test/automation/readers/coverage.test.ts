/** Reports of coverage: what each tool's own report says, and what is refused. */
import assert from "node:assert/strict";
import { cobertura } from "../../../automation/readers/cobertura.ts";
import { goCover } from "../../../automation/readers/go-cover.ts";
import { istanbul } from "../../../automation/readers/istanbul.ts";
import { lcov } from "../../../automation/readers/lcov.ts";
import type { Reader } from "../../../automation/readers/reader.ts";
import type { Share } from "../../../model/gates/results.ts";
import { fixture, readWith, refuses, refusesCuts } from "./reports.ts";

/** Where the fixtures' tools ran. */
const root = "/home/ci/project";
const fixtures = import.meta.dirname.concat("/fixtures");

/** Covered and total: lines, statements, branches, functions; `undefined` where the format does not say. */
type Figures = (string | undefined)[];

/** Counted by hand, in the report. The same code in c8's four formats comes to the same. */
const good: [Reader<"coverage">, string, Figures, Record<string, Figures>][] = [
  [
    lcov,
    "c8/lcov.info",
    ["8/12", undefined, "5/6", "2/3"],
    { "src/cart.js": ["7/11", undefined, "3/4", "1/2"], "src/price.js": ["1/1", undefined, "2/2", "1/1"] },
  ],
  [
    cobertura,
    "c8/cobertura-coverage.xml",
    ["8/12", undefined, "5/6", "2/3"],
    { "src/cart.js": ["7/11", undefined, "3/4", "1/2"], "src/price.js": ["1/1", undefined, "2/2", "1/1"] },
  ],
  [
    istanbul,
    "c8/coverage-summary.json",
    ["8/12", "8/12", "5/6", "2/3"],
    { "src/cart.js": ["7/11", "7/11", "3/4", "1/2"], "src/price.js": ["1/1", "1/1", "2/2", "1/1"] },
  ],
  [
    istanbul,
    "c8/coverage-final.json",
    ["8/12", "8/12", "5/6", "2/3"],
    { "src/cart.js": ["7/11", "7/11", "3/4", "1/2"], "src/price.js": ["1/1", "1/1", "2/2", "1/1"] },
  ],
  [lcov, "jest/lcov.info", ["1/1", undefined, "0/0", "2/2"], { "src/cart.js": ["1/1", undefined, "0/0", "2/2"] }],
  [
    istanbul,
    "jest/coverage-summary.json",
    ["1/1", "3/3", "0/0", "2/2"],
    { "src/cart.js": ["1/1", "3/3", "0/0", "2/2"] },
  ],
  [istanbul, "jest/coverage-final.json", ["1/1", "3/3", "0/0", "2/2"], { "src/cart.js": ["1/1", "3/3", "0/0", "2/2"] }],
  [
    istanbul,
    "istanbul/relative-summary.json",
    ["3/4", "3/5", "1/2", "1/2"],
    { "src/cart.js": ["3/4", "3/5", "1/2", "1/2"] },
  ],
  [
    istanbul,
    "istanbul/relative-final.json",
    ["3/4", "3/5", "1/2", "1/2"],
    { "src/cart.js": ["3/4", "3/5", "1/2", "1/2"] },
  ],
  [
    lcov,
    "pytest/coverage.lcov",
    ["6/7", undefined, "2/2", "1/2"],
    { "shop/__init__.py": ["0/0", undefined, "0/0", "0/0"], "shop/cart.py": ["6/7", undefined, "2/2", "1/2"] },
  ],
  [
    cobertura,
    "pytest/coverage.xml",
    ["6/7", undefined, "2/2"],
    { "shop/__init__.py": ["0/0", undefined, "0/0"], "shop/cart.py": ["6/7", undefined, "2/2"] },
  ],
  [lcov, "geninfo/coverage.info", ["4/4", undefined, "3/4", "2/2"], { "src/cart.c": ["4/4", undefined, "3/4", "2/2"] }],
  [
    cobertura,
    "cobertura/java.xml",
    ["3/5", undefined, "1/2", "1/2"],
    { "src/main/java/shop/Cart.java": ["3/5", undefined, "1/2", "1/2"] },
  ],
  [
    cobertura,
    "gocover-cobertura/coverage.xml",
    ["8/17", undefined, undefined, "2/3"],
    { "cart/cart.go": ["6/12", undefined, undefined, "1/2"], "price/price.go": ["2/5", undefined, undefined, "1/1"] },
  ],
  [
    cobertura,
    "gocover-cobertura/count.xml",
    ["8/17", undefined, undefined, "2/3"],
    { "cart/cart.go": ["6/12", undefined, undefined, "1/2"], "price/price.go": ["2/5", undefined, undefined, "1/1"] },
  ],
  [
    goCover,
    "go-test/set.out",
    [undefined, "7/10"],
    { "shop/cart/cart.go": [undefined, "5/7"], "shop/price/price.go": [undefined, "2/3"] },
  ],
  [
    goCover,
    "go-test/count.out",
    [undefined, "7/10"],
    { "shop/cart/cart.go": [undefined, "5/7"], "shop/price/price.go": [undefined, "2/3"] },
  ],
  [
    goCover,
    "go-test/atomic.out",
    [undefined, "7/10"],
    { "shop/cart/cart.go": [undefined, "5/7"], "shop/price/price.go": [undefined, "2/3"] },
  ],
];

interface Shares {
  lines?: Share | undefined;
  statements?: Share | undefined;
  branches?: Share | undefined;
  functions?: Share | undefined;
}
const figuresOf = ({ lines, statements, branches, functions }: Shares): Figures => {
  const all = [lines, statements, branches, functions].map((share) => share && `${share.covered}/${share.total}`);
  return all.slice(0, all.findLastIndex((one) => one !== undefined) + 1);
};
const rootOf = (reader: Reader<"coverage">) => (reader === goCover ? fixtures : root);

describe("reports of coverage", () => {
  for (const [reader, name, sums, files] of good) {
    it(`reads ${name}`, () => {
      const { result } = readWith(reader, fixture(name), { root: rootOf(reader) });
      assert.deepEqual(figuresOf(result), sums);
      assert.deepEqual(Object.fromEntries(result.files.map((file) => [file.path, figuresOf(file)])), files);
      assert.deepEqual([result.newLines, result.baseline], [undefined, undefined]);
    });
    it(`refuses ${name} where it is cut off`, () => refusesCuts(reader, fixture(name), { root: rootOf(reader) }));
  }

  it("says which tool it was, and when, where the report does", () => {
    const { tool, madeAt } = readWith(cobertura, fixture("pytest/coverage.xml"), { root });
    assert.deepEqual(tool, { name: "coverage.py", version: "7.17.3" });
    assert.equal(madeAt, 1795281959819);
    assert.equal(readWith(cobertura, fixture("cobertura/java.xml")).madeAt, 1795281959000);
  });

  it("takes sums of the baseline, wherever that was checked out, and its commit", () => {
    const { text } = fixture("c8/coverage-summary.json");
    const baseline = {
      file: "base.json",
      text: text
        .replaceAll(root, "/home/ci/base")
        .replaceAll('"covered":7', '"covered":9')
        .replaceAll('"covered":8', '"covered":10'),
    };
    const read = (options: object) =>
      readWith(istanbul, fixture("c8/coverage-summary.json"), { root, baseline, ...options });
    const share = (covered: number, total: number) => ({ covered, total });
    assert.deepEqual(read({ baselineCommit: "c0ffee" }).result.baseline, {
      commit: "c0ffee",
      lines: share(10, 12),
      statements: share(10, 12),
      branches: share(5, 6),
      functions: share(2, 3),
    });
    assert.throws(() => read({}), /base.json: it is not said which commit this baseline is of/);
  });

  it("refuses a broken baseline by its own name", () => {
    const baseline = { file: "base.info", text: "SF:a.js\nDA:1,1\n" };
    refuses(lcov, fixture("c8/lcov.info"), /^base.info: ends before its last end_of_record/, {
      baseline,
      baselineCommit: "c",
    });
  });
});

describe("paths in reports of coverage", () => {
  const report = (path: string) => ({ file: "lcov.info", text: `SF:${path}\nDA:1,1\nend_of_record\n` });
  const paths: [string, string][] = [
    ["src/a.js", "src/a.js"],
    ["./src//a.js", "src/a.js"],
    ["src/../lib/a.js", "lib/a.js"],
    ["src\\a.js", "src/a.js"],
    ["/home/ci/project/src/a.js", "src/a.js"],
    ["/home/ci/project/src/../b.js", "b.js"],
    ["a,b:c.js", "a,b:c.js"],
    ["__proto__", "__proto__"],
  ];
  for (const [path, expected] of paths)
    it(`reads ${path} as ${expected}`, () =>
      assert.equal(readWith(lcov, report(path), { root }).result.files[0]?.path, expected));

  for (const path of [
    "../a.js",
    "src/../../a.js",
    "..",
    "..\\a.js",
    "/etc/passwd",
    "/home/ci/project2/a.js",
    "/home/ci/project/../a.js",
    "C:\\src\\a.js",
    "/home/ci/project",
  ])
    it(`refuses ${path}`, () => refuses(lcov, report(path), /lies outside of the repository/, { root }));
  it("refuses the repository itself", () => refuses(lcov, report("."), /names no file/, { root }));

  it("refuses a source outside, and a path that may be below each of several", () => {
    const { text } = fixture("cobertura/java.xml");
    const sources = (...names: string[]) => ({
      file: "java.xml",
      text: text.replace(/<source>.*<\/source>/, names.map((name) => `<source>${name}</source>`).join("")),
    });
    refuses(cobertura, sources("/usr/src"), /\/usr\/src\/shop\/Cart.java lies outside/, { root });
    refuses(cobertura, sources("a", "b"), /line \d+, class: shop\/Cart.java may be below each of 2 sources/, { root });
  });

  it("refuses a Go package of no module that is here", () => {
    const { text } = fixture("go-test/set.out");
    const other = { file: "set.out", text: text.replaceAll("example.com/shop", "example.com/other") };
    refuses(goCover, other, /example.com\/other\/cart\/cart.go is of no Go module whose go.mod is here/);
    const out = { file: "set.out", text: text.replaceAll("example.com/shop/cart", "example.com/shop/../..") };
    refuses(goCover, out, /lies outside of the repository/);
    const deep = { file: "set.out", text: text.replaceAll("example.com/shop", "a/".repeat(50)) };
    refuses(goCover, deep, /is deeper than 40 folders/);
  });
});
