import assert from "node:assert/strict";
import type { GatesInput } from "../../../../model/gates/config.ts";
import { changed, gateIn, now, type Piece, parse, piece, proof, verdictOn } from "../fixture.ts";

const share = (covered: number, total: number) => ({ covered, total });
const report = (result: object, about: Partial<Piece> = {}) =>
  piece("coverage", { files: [], ...result } as never, about);
const whole = (bound: object): GatesInput => ({ coverage: { overall: { lines: bound } } }) as GatesInput;
const judged = (gates: GatesInput, pieces: readonly Piece[], gate: string) =>
  gateIn(verdictOn({ gates, pieces }), gate);

describe("coverage gates", () => {
  const overall: [bound: object, lines: object | undefined, reason: string, found: string][] = [
    [{ atLeast: 85 }, share(84_999, 100_000), "failed", "84.99 % (84,999 of 100,000)"],
    [{ atLeast: 85 }, share(84_999_999, 100_000_000), "failed", "84.99 % (84,999,999 of 100,000,000)"],
    [{ atLeast: 85 }, share(17, 20), "met", "85 % (17 of 20)"],
    [{ above: 85 }, share(17, 20), "failed", "85 % (17 of 20)"],
    [{ above: 85 }, share(85_001, 100_000), "met", "85.001 % (85,001 of 100,000)"],
    [{ above: 99.9 }, share(999, 1000), "failed", "99.9 % (999 of 1,000)"],
    [{ atLeast: 0 }, share(0, 0), "unknown", "0 of 0 lines"],
    [{ atLeast: 85 }, share(21, 20), "unknown", "21 of 20 lines"],
    [{ atLeast: 85 }, undefined, "unknown", "no figure for lines"],
  ];
  for (const [bound, lines, reason, found] of overall) {
    it(`${JSON.stringify(bound)}: ${found} is ${reason}`, () => {
      const verdict = judged(whole(bound), [report({ lines })], "coverage.overall.lines");
      assert.deepEqual([verdict.reason, verdict.found], [reason, found]);
    });
  }

  it("let no report make up for another, and the newest of a name count", () => {
    const gates = whole({ atLeast: 85 });
    const reports = [report({ lines: share(1, 1) }, { name: "web" }), report({ lines: share(1, 2) }, { name: "api" })];
    assert.deepEqual(judged(gates, reports, "coverage.overall.lines").found, "50 % (1 of 2)");
    const newer = report({ lines: share(9, 10) }, { name: "api", madeAt: now - 1 });
    assert.deepEqual(judged(gates, [...reports, newer], "coverage.overall.lines").reason, "met");
    const asNew = report({ lines: share(2, 10) }, { name: "api", madeAt: now - 1 });
    assert.deepEqual(judged(gates, [...reports, newer, asNew], "coverage.overall.lines").reason, "failed");
  });

  describe("of parts", () => {
    const gates: GatesInput = {
      coverage: {
        components: { auth: { paths: ["src/auth/**", "!src/auth/generated/**"], lines: { atLeast: 90 } } },
        critical: { paths: ["**/*.pay.ts"], lines: { atLeast: 90 }, branches: { atLeast: 50 } },
      },
    };
    const file = (path: string, lines: object | undefined, branches: object = share(1, 1)) => ({
      path,
      lines,
      branches,
    });
    const pay = file("src/a.pay.ts", share(10, 10));
    const rows: [what: string, files: object[], reason: string, found: RegExp][] = [
      [
        "sums their files",
        [file("src/auth/a.ts", share(8, 10)), file("src/auth/b/.c.ts", share(10, 10))],
        "met",
        /^90 % \(18 of 20\)$/,
      ],
      [
        "sees no other file",
        [file("src/auth/a.ts", share(8, 10)), file("src/other.ts", share(99, 99))],
        "failed",
        /^80 % \(8 of 10\)$/,
      ],
      ["has a file at all", [file("src/other.ts", share(99, 99))], "unknown", /^no file that matches src\/auth/],
      [
        "has a figure of every file",
        [file("src/auth/a.ts", share(99, 99)), file("src/auth/b.ts", undefined)],
        "unknown",
        /^no figure for lines$/,
      ],
      ["has something to cover", [file("src/auth/a.ts", share(0, 0))], "unknown", /^0 of 0 lines$/],
    ];
    for (const [what, files, reason, found] of rows) {
      it(what, () => {
        const verdict = judged(gates, [report({ files: [pay, ...files] })], "coverage.components.auth.lines");
        assert.deepEqual(verdict.reason, reason, verdict.found);
        assert.match(verdict.found, found);
      });
    }

    it("takes them from the report that has them, and refuses if any of these is short", () => {
      const parts = [
        report({ files: [pay] }, { name: "a" }),
        report({ files: [file("src/x.ts", share(0, 9))] }, { name: "b" }),
      ];
      assert.equal(judged(gates, parts, "coverage.critical.lines").reason, "met");
      assert.equal(judged(gates, parts, "coverage.critical.branches").reason, "met");
      const short = report({ files: [file("src/b.pay.ts", share(1, 10))] }, { name: "c" });
      assert.equal(judged(gates, [...parts, short], "coverage.critical.lines").reason, "failed");
    });
  });

  describe("of new code", () => {
    const gates: GatesInput = { coverage: { newCode: { lines: { above: 90 } } } };
    const rows: [newLines: object | undefined, reason: string][] = [
      [share(91, 100), "met"],
      [share(90, 100), "failed"],
      [share(0, 0), "met"],
      [share(1, 0), "unknown"],
      [undefined, "unknown"],
    ];
    for (const [newLines, reason] of rows) {
      it(`${JSON.stringify(newLines)} is ${reason}`, () => {
        assert.equal(judged(gates, [report({ newLines })], "coverage.newCode.lines").reason, reason);
      });
    }
  });

  describe("against the base commit", () => {
    const base = (figures: object) => ({ baseline: { commit: "b", ...figures } });
    const rows: [what: string, drop: number | undefined, result: object, reason: string][] = [
      ["as high", undefined, { lines: share(1, 3), ...base({ lines: share(2, 6) }) }, "met"],
      ["lower by a hair", undefined, { lines: share(333_333, 1_000_000), ...base({ lines: share(1, 3) }) }, "failed"],
      ["lower by as much as allowed", 0.5, { lines: share(995, 1000), ...base({ lines: share(1, 1) }) }, "met"],
      ["lower by a hair more", 0.5, { lines: share(99_499, 100_000), ...base({ lines: share(1, 1) }) }, "failed"],
      [
        "one of two lower",
        undefined,
        { lines: share(9, 10), branches: share(1, 10), ...base({ lines: share(9, 10), branches: share(2, 10) }) },
        "failed",
      ],
      [
        "a figure that is gone",
        undefined,
        { lines: share(9, 10), ...base({ lines: share(9, 10), branches: share(2, 10) }) },
        "unknown",
      ],
      ["a figure that is empty now", undefined, { lines: share(0, 0), ...base({ lines: share(9, 10) }) }, "unknown"],
      [
        "a figure that was empty before",
        undefined,
        { lines: share(9, 10), branches: share(0, 1), ...base({ lines: share(9, 10), branches: share(0, 0) }) },
        "met",
      ],
      ["nothing before", undefined, { lines: share(9, 10), ...base({}) }, "unknown"],
      ["no baseline", undefined, { lines: share(9, 10) }, "unknown"],
    ];
    for (const [what, allowedDrop, result, reason] of rows) {
      it(`${what} is ${reason}`, () => {
        const gates: GatesInput = { coverage: { baseline: { ...(allowedDrop === undefined ? {} : { allowedDrop }) } } };
        assert.equal(judged(gates, [report(result)], "coverage.baseline").reason, reason);
      });
    }
  });

  it("are the shape's to refuse where they bound nothing", () => {
    for (const coverage of [{ overall: {} }, { critical: { paths: ["a"] } }, { components: { a: { paths: ["a"] } } }]) {
      assert.throws(() => parse({ coverage } as GatesInput), /at least one of lines/);
    }
  });

  it("are met by what the tests call good", () => {
    const gates: GatesInput = { coverage: { overall: { lines: { atLeast: 100 } }, baseline: {} } };
    assert.ok(verdictOn({ gates, pieces: proof(parse(gates)) }).allowed);
    const worse = changed(proof(parse(gates)), "coverage", (result) =>
      Object.assign(result, { lines: share(99, 100) }),
    );
    assert.equal(verdictOn({ gates, pieces: worse }).allowed, false);
  });
});
