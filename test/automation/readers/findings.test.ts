import assert from "node:assert/strict";
import { findingsReader, pathIn, scannedDigest, timeIn, toolName } from "../../../automation/readers/findings.ts";
import type { Severity } from "../../../model/gates/results.ts";
import { figures, read, refused } from "./scanner-fixtures.ts";

/** `rule severity text` per line. */
const lines = findingsReader({
  format: "lines",
  kinds: ["lint"],
  recognises: () => true,
  scan: ({ report }) => ({
    tool: { name: report.text.split("\n")[0] as string },
    found: report.text
      .split("\n")
      .slice(1)
      .map((line) => {
        const [id = "", severity, ...words] = line.split(" ");
        return {
          id,
          severity: severity as Severity,
          title: words.join(" "),
          place: "",
          fingerprint: [words.join(" ")],
        };
      }),
    suppressed: 0,
  }),
});
const fresh = (text: string, baseline: string) => {
  const { result } = read(lines, "lint", text, baseline);
  assert.ok(result.fresh);
  return figures(result.fresh);
};

const report = { file: "report", text: "" };
const digest = (digits: string) => `sha256:${digits.repeat(32)}`;

describe("findings", () => {
  it("has no fresh ones where there is no baseline", () => {
    assert.ok(!("fresh" in read(lines, "lint", "tool\na high x").result));
  });

  it("calls fresh what the baseline has not", () => {
    assert.deepEqual(fresh("tool\na high x\nb low x\na high y", "tool\na high x"), [0, 1, 0, 1, 0]);
    assert.deepEqual(fresh("tool\na high x", "tool\na high x\nb low x"), [0, 0, 0, 0, 0]);
  });

  it("counts what is there more often than in the baseline", () => {
    assert.deepEqual(fresh("tool\na high x\na high x\na high x", "tool\na high x"), [0, 2, 0, 0, 0]);
  });

  it("holds the worst of those that are alike for the fresh ones, in whatever order they come", () => {
    assert.deepEqual(fresh("tool\na low x\na critical x", "tool\na low x"), [1, 0, 0, 0, 0]);
    assert.deepEqual(fresh("tool\na critical x\na low x", "tool\na low x"), [1, 0, 0, 0, 0]);
  });

  it("sees no difference in white space, and one in where words end", () => {
    assert.deepEqual(fresh("tool\na high x  y ", "tool\na high x y"), [0, 0, 0, 0, 0]);
    assert.deepEqual(fresh("tool\na high xy", "tool\na high x y"), [0, 1, 0, 0, 0]);
  });

  it("refuses the baseline of another tool", () => {
    refused(() => fresh("tool\na high x", "other\na high x"), /^base: is by other, but the report by tool/);
  });

  it("names the first hundred, worst first, and counts all", () => {
    const many = Array.from({ length: 150 }, (_, number) => `r${number} low x`);
    const { result } = read(lines, "lint", ["tool", ...many, "worst critical x"].join("\n"));
    assert.equal(result.first.length, 100);
    assert.equal(result.first[0]?.id, "worst");
    assert.equal(result.first[1]?.id, "r0");
    assert.deepEqual(figures(result.counts), [1, 0, 0, 150, 0]);
  });

  it("cuts long texts and takes terminal escapes out of them", () => {
    const { result } = read(lines, "lint", `tool\na high \u001b]0;x\u0007\u001b[31m${"é".repeat(5000)}\u202e`);
    const [entry] = result.first;
    assert.equal(entry?.title.length, 300);
    assert.match(entry?.title ?? "", /^é+…$/);
  });
});

describe("tools' short names", () => {
  const names: [string, string][] = [
    ["CodeQL", "codeql"],
    ["CodeQL command-line toolchain", "codeql"],
    ["Semgrep OSS", "semgrep"],
    ["ESLint", "eslint"],
    ["Some  Tool (beta)", "some-tool-beta"],
    ["\u001b[2J", ""],
    ["../../etc", "etc"],
    ["…", ""],
    [`${"a".repeat(63)}- -b`, "a".repeat(63)],
  ];
  for (const [name, short] of names) {
    it(`${JSON.stringify(name)} is "${short}"`, () => assert.equal(toolName(name), short));
  }
});

describe("paths in reports", () => {
  const paths: [string, string][] = [
    ["/home/dev/app/src/a.go", "src/a.go"],
    ["file:///home/dev/app/src/a%20b.go", "src/a b.go"],
    ["file:///home/dev/app/%ff", "%ff"],
    ["./src/a.go", "src/a.go"],
    ["src\\a.go", "src/a.go"],
    ["/home/dev/application/a.go", "/home/dev/application/a.go"],
    ["../a.go", "../a.go"],
  ];
  for (const [given, path] of paths) {
    it(`${given} is ${path}`, () => assert.equal(pathIn("/home/dev/app/", given), path));
  }
});

describe("times in reports", () => {
  it("reads nanoseconds and zones, and takes none for UTC", () => {
    const time = Date.UTC(2026, 10, 20, 9, 15, 30, 123);
    assert.equal(timeIn(report, "at", "2026-11-20T09:15:30.123456789Z"), time);
    assert.equal(timeIn(report, "at", "2026-11-20T10:15:30.123+01:00"), time);
    assert.equal(timeIn(report, "at", "2026-11-20T09:15:30.123"), time);
    assert.equal(timeIn(report, "at", "0001-01-01T00:00:00Z"), undefined);
  });

  it("refuses what is none", () => {
    for (const text of ["", "yesterday", "2026-13-01T00:00:00Z", "2026"])
      refused(() => timeIn(report, "at", text), /^report: at: is no ISO 8601 time$/);
  });
});

describe("the image that was scanned", () => {
  it("is the one that was asked for, else the registry's", () => {
    assert.equal(scannedDigest(report, `r/a@${digest("1a")}`, [`r/a@${digest("2b")}`]), digest("1a"));
    assert.equal(scannedDigest(report, "r/a:1", [`r/a@${digest("2b")}`, `q/a@${digest("2b")}`]), digest("2b"));
    assert.equal(scannedDigest(report, "r/a:1", []), undefined);
    assert.equal(scannedDigest(report, digest("1a"), ["r/a@sha256:12"]), undefined);
  });

  it("is refused where it is known under several digests", () => {
    const several = [`r/a@${digest("1a")}`, `q/a@${digest("2b")}`];
    refused(() => scannedDigest(report, "r/a:1", several), /known under 2 digests/);
  });
});
