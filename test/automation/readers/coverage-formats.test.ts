/** What is wrong with a report of coverage, by format. */
import assert from "node:assert/strict";
import { cobertura } from "../../../automation/readers/cobertura.ts";
import { goCover } from "../../../automation/readers/go-cover.ts";
import { istanbul } from "../../../automation/readers/istanbul.ts";
import { lcov } from "../../../automation/readers/lcov.ts";
import { changed, fixture, type Parsed, readWith, refuses } from "./reports.ts";

const root = "/home/ci/project";

/** A fixture with one piece of text in another's place. */
function edited(name: string, from: string | RegExp, to: string) {
  const { file, text } = fixture(name);
  const edit = text.replace(from, to);
  assert.notEqual(edit, text, "something is changed");
  return { file, text: edit };
}

describe("lcov", () => {
  const broken: [string, string | RegExp, string, RegExp][] = [
    ["a hit more than its lines", "LH:7", "LH:8", /src\/cart.js: LF and LH say 8 of 11, and its records 7 of 11/],
    ["lines more than it lists", "LF:11", "LF:12", /LF and LH say 7 of 12, and its records 7 of 11/],
    ["a line that was taken out", "DA:11,0\n", "", /LF and LH say 7 of 11, and its records 7 of 10/],
    ["branches more than it lists", "BRH:3", "BRH:4", /BRF and BRH say 4 of 4, and its records 3 of 4/],
    ["more functions hit than found", "FNH:1", "FNH:9", /FNH says 9, and FNF 2/],
    ["an unknown record", "DA:1,1", "XX:1,1", /line 9: is no record of lcov's/],
    ["negative hits", "DA:4,0", "DA:4,-1", /line 12: is no record/],
    ["hits in words", "DA:4,0", "DA:4,many", /is no record/],
    ["no end of a file", "end_of_record\nTN:", "TN:", /starts before the last file ended/],
    ["a line of no file", /TN:\nSF:src\/price/, "DA:1,1\nSF:src/price", /belongs to no file/],
    ["no end of all", /end_of_record\n$/, "", /ends before its last end_of_record/],
  ];
  for (const [what, from, to, words] of broken)
    it(`refuses ${what}`, () => refuses(lcov, edited("c8/lcov.info", from, to), words, { root }));

  it("refuses files without a line", () => {
    refuses(lcov, { file: "lcov.info", text: "SF:a.js\nend_of_record\n" }, /has no line that could be covered/);
  });

  it("does not take a path for records", () => {
    const text = "SF:src/a\rLF:9.js\nDA:1,0\nLF:1\nLH:0\nend_of_record\n";
    refuses(lcov, { file: "lcov.info", text }, /is no record of lcov's/);
  });
});

describe("Cobertura", () => {
  const name = "c8/cobertura-coverage.xml";
  const broken: [string, string | RegExp, string, RegExp][] = [
    [
      "a hit more than its lines",
      'lines-covered="8"',
      'lines-covered="9"',
      /line 3, coverage: says 9 of 12 lines, and has 8 of 12/,
    ],
    ["a line that was taken out", /<line number="11" hits="0".*\n/, "", /says 8 of 12 lines, and has 8 of 11/],
    [
      "branches that are not there",
      'branches-covered="5"',
      'branches-covered="6"',
      /says 6 of 6 branches, and has 5 of 6/,
    ],
    ["more branches covered than there are", "(0/1)", "(2/1)", /covers more branches than it has/],
    ["conditions without figures", "0% (0/1)", "0%", /its condition-coverage has no \(covered\/total\)/],
    ["hits that are no number", 'number="4" hits="0"', 'number="4" hits="-1"', /line 27, line: its hits is no number/],
    ["a line without a number", 'number="4" hits', "hits", /has no number/],
    ["a class without a file", 'filename="src/price.js" ', "", /class: has no filename/],
    ["no sums at all", / lines-valid="12" lines-covered="8" line-rate="0.6666"/, "", /coverage: has no line-rate/],
    [
      "a rate that is not that of its lines",
      / lines-valid="12" lines-covered="8" line-rate="0.6666"/,
      ' line-rate="0.9"',
      /its line-rate "0.9" is not that of its lines/,
    ],
    ["a time that is none", 'timestamp="1795281972424"', 'timestamp="noon"', /its timestamp is no time/],
    [
      "a DOCTYPE with entities",
      'SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd"',
      '[<!ENTITY x "y">]',
      /has a declaration/,
    ],
  ];
  for (const [what, from, to, words] of broken)
    it(`refuses ${what}`, () => refuses(cobertura, edited(name, from, to), words, { root }));

  const classes = (sums: string) => ({
    file: "report",
    text: `<coverage ${sums}><packages><package><classes>${[0, 3]
      .map((hits) => `<class filename="a.java"><lines><line number="1" hits="${hits}"/></lines></class>`)
      .join("")}</classes></package></packages></coverage>`,
  });
  for (const sums of ['lines-valid="1" lines-covered="1"', 'lines-valid="2" lines-covered="1"', 'line-rate="0.5"'])
    it(`counts a line of two classes once, where the report says ${sums}`, () => {
      assert.deepEqual(readWith(cobertura, classes(sums)).result.lines, { covered: 1, total: 1 });
    });
  it("refuses sums that are neither those of classes nor those of files", () => {
    refuses(cobertura, classes('lines-valid="2" lines-covered="2"'), /says 2 of 2 lines, and has 1 of 2/);
    refuses(cobertura, classes('line-rate="0.75"'), /its line-rate "0.75" is not that of its lines/);
  });

  it("refuses a report without files", () => {
    const text = '<coverage lines-valid="0" lines-covered="0"><packages/></coverage>';
    refuses(cobertura, { file: "report", text }, /covers no files/);
  });
});

describe("Istanbul", () => {
  const cart = `${root}/src/cart.js`;
  const summaries: [string, (d: Parsed) => void, RegExp][] = [
    [
      "a total that is not that of its files",
      (d) => {
        d.total.lines.covered = 12;
      },
      /total.lines.covered: is 12, and its files come to 8/,
    ],
    [
      "a file that was taken out",
      (d) => {
        delete d[cart];
      },
      /total.lines.total: is 12, and its files come to 1/,
    ],
    [
      "no total",
      (d) => {
        delete d.total.branches;
      },
      /total.branches: /,
    ],
    [
      "no files",
      (d) => {
        for (const key of Object.keys(d)) if (key !== "total") delete d[key];
        for (const key of ["lines", "statements", "branches", "functions"])
          d.total[key] = { total: 0, covered: 0, skipped: 0, pct: 100 };
      },
      /covers no files/,
    ],
    [
      "more covered than there is",
      (d) => {
        d[cart].lines.covered = 12;
        d.total.lines.covered = 13;
      },
      /src\/cart.js".lines: covers 12 of 11/,
    ],
    [
      "fractions",
      (d) => {
        d[cart].lines.covered = 7.5;
      },
      /lines.covered: /,
    ],
  ];
  for (const [what, change, words] of summaries)
    it(`refuses a summary with ${what}`, () =>
      refuses(istanbul, changed("c8/coverage-summary.json", change), words, { root }));

  const finals: [string, (d: Parsed) => void, RegExp][] = [
    [
      "a count that was taken out",
      (d) => {
        delete d[cart].s[3];
      },
      /src\/cart.js".s: counts other things than its map lists/,
    ],
    [
      "a statement that was taken out",
      (d) => {
        delete d[cart].statementMap[3];
      },
      /".s: counts other things/,
    ],
    [
      "a function under another number",
      (d) => {
        d[cart].f = { 0: 1, 7: 1 };
      },
      /".f: counts other things/,
    ],
    [
      "a branch's count that was taken out",
      (d) => {
        d[cart].b[2] = [];
      },
      /".b.2: has not as many counts as locations/,
    ],
    [
      "negative counts",
      (d) => {
        d[cart].s[0] = -1;
      },
      /s\.0: /,
    ],
    [
      "two files of one path",
      (d) => {
        d.copy = d[cart];
      },
      /src\/cart.js: is listed twice/,
    ],
  ];
  for (const [what, change, words] of finals)
    it(`refuses coverage-final.json with ${what}`, () =>
      refuses(istanbul, changed("c8/coverage-final.json", change), words, { root }));
});

describe("Go's cover profiles", () => {
  const broken: [string, string | RegExp, string, RegExp][] = [
    ["an unknown mode", "mode: set", "mode: guess", /line 1: is not mode: set, count or atomic/],
    ["a count in words", "7.31 2 1", "7.31 2 x", /line 2: is no block of a cover profile/],
    ["a negative count", "7.31 2 1", "7.31 2 -1", /line 2: is no block/],
    ["a count above one in mode set", "7.31 2 1", "7.31 2 5", /line 2: has a count of 5 in mode set/],
    ["a block that ends before it starts", "5.30,7.31", "9.30,7.31", /line 2: ends before it starts/],
    ["half a line", /1\n$/, "1", /line 10: ends in the midst of a line/],
    [
      "a block of two sizes",
      "mode: set\n",
      "mode: set\nexample.com/shop/cart/cart.go:5.30,7.31 3 1\n",
      /line 3: has another number of statements/,
    ],
    ["nothing but its mode", /\n[\s\S]*$/, "\n", /covers no files/],
    [
      "nothing that could run",
      /\n[\s\S]*$/,
      "\nexample.com/shop/a.go:1.1,2.2 0 0\n",
      /has no line that could be covered/,
    ],
  ];
  for (const [what, from, to, words] of broken)
    it(`refuses ${what}`, () => refuses(goCover, edited("go-test/set.out", from, to), words));

  it("counts a block of several runs once, and as run where any of them ran it", () => {
    const { text } = fixture("go-test/set.out");
    const twice = text + text.replaceAll(/ 0$/gm, " 1");
    const { result } = readWith(goCover, { file: "set.out", text: twice });
    assert.deepEqual(result.statements, { covered: 10, total: 10 });
  });
});
