import assert from "node:assert/strict";
import fc from "fast-check";
import { handedIn, nameOf, readReportArguments } from "../../../automation/gates/report-arguments.ts";
import { hostile } from "./hostile.ts";

describe("reports on the command line", () => {
  it("have a kind, perhaps a name, and a file", () => {
    const { reports, mistakes } = readReportArguments([
      "tests:unit=reports/junit.xml",
      "coverage=lcov.info",
      "sast=gosec.sarif",
      "sast=codeql.sarif",
      "load:soak=a=b:c.json",
    ]);
    assert.deepEqual(mistakes, []);
    assert.deepEqual(
      reports.map(({ kind, name, file }) => [kind, name, file]),
      [
        ["tests", "unit", "reports/junit.xml"],
        ["coverage", undefined, "lcov.info"],
        ["sast", undefined, "gosec.sarif"],
        ["sast", undefined, "codeql.sarif"],
        ["load", "soak", "a=b:c.json"],
      ],
    );
  });

  it("have the baseline of the same kind and name, whichever comes first", () => {
    const { reports, mistakes } = readReportArguments([
      "baseline:coverage=old.info",
      "coverage=new.info",
      "dast:zap=new.json",
      "baseline:dast:zap=old.json",
      "dast:nuclei=n.json",
    ]);
    assert.deepEqual(mistakes, []);
    assert.deepEqual(
      reports.map(({ file, baseline }) => [file, baseline]),
      [
        ["new.info", "old.info"],
        ["new.json", "old.json"],
        ["n.json", undefined],
      ],
    );
  });

  it("may name the image, which is read anyway", () => {
    assert.deepEqual(readReportArguments(["image"]), { reports: [], mistakes: [] });
  });

  const wrong: [args: string[], mistake: RegExp][] = [
    [["junit.xml"], /^KIND\[:NAME\]=FILE, KIND one of tests, coverage, .*; got "junit.xml"$/],
    [["testz=junit.xml"], /KIND one of/],
    [["constructor=x"], /KIND one of/],
    [["approval=x.json"], /KIND one of/],
    [["collection=x.json"], /KIND one of/],
    [["tests="], /^tests: a file must follow the =/],
    [["tests:=a.xml"], /^tests: a name is 1 to 64/],
    [["tests:Unit=a.xml"], /^tests: a name is 1 to 64/],
    [["tests:../x=a.xml"], /^tests: a name is 1 to 64/],
    [[`tests:${"a".repeat(65)}=a.xml`], /^tests: a name is 1 to 64/],
    [["image=x.json"], /^image: no report is read as that: the registry says it, and is always asked$/],
    [["change=x.json"], /^change: .*--change BASE\.\.HEAD$/],
    [["change"], /^change: .*--change BASE\.\.HEAD$/],
    [["tests:unit=a.xml", "tests:unit=b.xml"], /^tests:unit: given twice$/],
    [["sast=a", "baseline:sast=b", "baseline:sast=c"], /^baseline:sast: given twice$/],
    [["baseline:coverage=old.info"], /^baseline:coverage: there is no coverage=FILE that it belongs to$/],
    [["coverage:web=a", "baseline:coverage=b"], /^baseline:coverage: there is no coverage=FILE/],
    [["sast=a", "sast=b", "baseline:sast=c"], /^baseline:sast: 2 reports could be meant/],
    [["baseline:baseline:tests=a"], /KIND one of/],
  ];
  for (const [args, mistake] of wrong) {
    it(`refuse ${args.join(" ").slice(0, 60)}`, () => {
      const { mistakes } = readReportArguments(args);
      assert.equal(mistakes.length, 1, mistakes.join("\n"));
      assert.match(mistakes[0] as string, mistake);
    });
  }

  it("tell every mistake at once", () => {
    assert.equal(readReportArguments(["a", "tests=", "image=x", "baseline:lint=y", "lint:x=z"]).mistakes.length, 4);
  });

  it("whatever they are, are reports of kinds that may be handed in, or mistakes", () => {
    const part = fc.oneof(fc.constantFrom(...handedIn, "baseline", ":", "=", ...hostile), fc.string());
    fc.assert(
      fc.property(
        fc.array(
          fc.array(part, { maxLength: 5 }).map((parts) => parts.join("")),
          { maxLength: 5 },
        ),
        (args) => {
          const { reports, mistakes } = readReportArguments(args);
          return mistakes.length > 0 || reports.every(({ kind, file }) => handedIn.includes(kind) && file !== "");
        },
      ),
    );
  });
});

describe("the name of a report that was given none", () => {
  const cases: [kind: Parameters<typeof nameOf>[0], tool: string, name: string][] = [
    ["tests", "mocha", "tests"],
    ["coverage", "c8", "coverage"],
    ["load", "k6", "load"],
    ["sast", "CodeQL", "codeql"],
    ["lint", "golangci-lint", "golangci-lint"],
    ["secrets", "Git leaks 8 (beta)", "git-leaks-8-beta"],
    ["container", "日本", "container"],
    ["dast", "../../etc/passwd", "etc-passwd"],
    ["sast", `${"a".repeat(63)}-bcd`, "a".repeat(63)],
  ];
  for (const [kind, tool, name] of cases) {
    it(`is ${name} for ${kind} of ${tool.slice(0, 20)}`, () => assert.equal(nameOf(kind, tool), name));
  }

  it("is one that statements take, whatever the tool is called", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (tool) =>
        /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/.test(nameOf("sast", tool)),
      ),
    );
  });
});
