/** ESLint, golangci-lint and actionlint in formats of their own. */
import assert from "node:assert/strict";
import { actionlint } from "../../../automation/readers/actionlint.ts";
import { eslint } from "../../../automation/readers/eslint.ts";
import { golangciLint } from "../../../automation/readers/golangci-lint.ts";
import { changed, figures, fixture, read, refused } from "./scanner-fixtures.ts";

const freshOf = ({ result }: ReturnType<typeof read>) => figures(result.fresh ?? assert.fail("no fresh"));

describe("ESLint's JSON", () => {
  it("counts errors as high, warnings as medium, and what comments silence as suppressed", () => {
    const { tool, result } = read(eslint, "lint", fixture("eslint/dirty.json"));
    assert.equal(tool.name, "eslint");
    assert.deepEqual(figures(result.counts), [0, 2, 1, 0, 0]);
    assert.equal(result.suppressed, 1);
    assert.deepEqual(result.first[0], {
      id: "no-undef",
      severity: "high",
      title: "'undefinedName' is not defined.",
      place: "dirty.js:2",
    });
  });

  it("is good where every file is", () => {
    const { result } = read(eslint, "lint", fixture("eslint/clean.json"));
    assert.deepEqual([...figures(result.counts), result.suppressed, result.first.length], [0, 0, 0, 0, 0, 0, 0]);
  });

  it("counts what is no rule's", () => {
    const text = changed("eslint/clean.json", ([file]) => {
      file.messages = [{ ruleId: null, severity: 1, message: "Unused eslint-disable directive", line: 1 }];
      file.warningCount = 1;
    });
    assert.equal(read(eslint, "lint", text).result.first[0]?.id, "eslint");
  });

  it("knows a finding again whose line moved, and no other one", () => {
    const text = changed("eslint/dirty.json", ([, file]) => {
      for (const message of file.messages) message.line += 5;
      file.messages.push({ ...file.messages[1], message: "'another' is not defined." });
      file.errorCount += 1;
    });
    assert.deepEqual(freshOf(read(eslint, "lint", text, fixture("eslint/dirty.json"))), [0, 1, 0, 0, 0]);
  });

  const cases: [string, string, RegExp][] = [
    [
      "a file that it could not parse",
      fixture("eslint/broken.json"),
      /^report: \[0\]: ESLint could not parse the file/,
    ],
    ["no file", "[]", /no file was linted/],
    [
      "fewer messages than it says",
      changed("eslint/dirty.json", ([, file]) => file.messages.pop()),
      /\[1\]: says 2 and 1, but lists 2/,
    ],
    [
      "warnings that are another number",
      changed("eslint/dirty.json", ([, file]) => (file.warningCount = 0)),
      /\[1\]: says 2 and 0, but lists 3/,
    ],
    [
      "a count that is another",
      changed("eslint/dirty.json", ([, file]) => (file.errorCount = 1)),
      /\[1\]: says 1 and 1, but lists 3/,
    ],
    [
      "a fatal message that it did not count",
      changed("eslint/dirty.json", ([, file]) => (file.messages[0].fatal = true)),
      /could not parse/,
    ],
    [
      "a fatal count without a message",
      changed("eslint/clean.json", ([file]) => (file.fatalErrorCount = 1)),
      /could not parse/,
    ],
    [
      "a severity that is none",
      changed("eslint/dirty.json", ([, file]) => (file.messages[0].severity = 0)),
      /severity/,
    ],
    ["a count that is none", changed("eslint/clean.json", ([file]) => (file.errorCount = -1)), /errorCount/],
    ["no messages", changed("eslint/clean.json", ([file]) => delete file.messages), /messages/],
    ["an object", "{}", /./],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(eslint, "lint", text), words));
});

describe("golangci-lint's JSON", () => {
  it("takes a linter's severity, and knows none without", () => {
    const { tool, result } = read(golangciLint, "lint", fixture("golangci-lint/dirty.json"));
    assert.equal(tool.name, "golangci-lint");
    assert.deepEqual(figures(result.counts), [0, 1, 1, 0, 2]);
    assert.deepEqual(result.first[0], {
      id: "gosec",
      severity: "high",
      title: "G404: Use of weak random number generator (math/rand or math/rand/v2 instead of crypto/rand)",
      place: "main.go:14",
    });
  });

  it("is good with an empty list, and with version 1's null", () => {
    assert.deepEqual(
      figures(read(golangciLint, "lint", fixture("golangci-lint/clean.json")).result.counts),
      [0, 0, 0, 0, 0],
    );
    const old = changed("golangci-lint/clean.json", (document) => (document.Issues = null));
    assert.deepEqual(figures(read(golangciLint, "lint", old).result.counts), [0, 0, 0, 0, 0]);
  });

  it("compares with a baseline", () => {
    const text = fixture("golangci-lint/dirty.json");
    assert.deepEqual(freshOf(read(golangciLint, "lint", text, fixture("golangci-lint/clean.json"))), [0, 1, 1, 0, 2]);
    assert.deepEqual(freshOf(read(golangciLint, "lint", text, text)), [0, 0, 0, 0, 0]);
  });

  // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
  const broken = (change: (document: any) => unknown) => changed("golangci-lint/clean.json", change);
  const cases: [string, string, RegExp][] = [
    ["code that does not compile", fixture("golangci-lint/broken.json"), /Issues\[0\]: the code does not compile/],
    [
      "an error",
      broken(({ Report }) => (Report.Error = "timeout")),
      /Report\.Error: golangci-lint did not run to its end/,
    ],
    ["no linter", broken(({ Report }) => (Report.Linters = [])), /no linter was enabled/],
    ["no linter that is on", broken(({ Report }) => (Report.Linters = [{ Name: "x" }])), /no linter was enabled/],
    ["no list", broken((document) => delete document.Issues), /Issues/],
    ["nothing about linters", broken((document) => delete document.Report), /Report/],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(golangciLint, "lint", text), words));
});

describe("actionlint's JSON", () => {
  it("counts every error as high", () => {
    const { tool, result } = read(actionlint, "lint", fixture("actionlint/dirty.json"));
    assert.equal(tool.name, "actionlint");
    assert.deepEqual(figures(result.counts), [0, 2, 0, 0, 0]);
    assert.equal(result.first[1]?.place, ".github/workflows/ci.yml:9");
    assert.match(result.first[1]?.title ?? "", /^undefined variable "matrx"/);
  });

  it("is good where it is empty", () => {
    assert.deepEqual(
      figures(read(actionlint, "lint", fixture("actionlint/clean.json")).result.counts),
      [0, 0, 0, 0, 0],
    );
  });

  it("compares with a baseline", () => {
    const text = fixture("actionlint/dirty.json");
    const moved = changed("actionlint/dirty.json", (errors) => {
      errors.shift();
      errors[0].line = 90;
    });
    assert.deepEqual(freshOf(read(actionlint, "lint", moved, text)), [0, 0, 0, 0, 0]);
    assert.deepEqual(freshOf(read(actionlint, "lint", text, moved)), [0, 1, 0, 0, 0]);
  });

  for (const text of ["{}", "[{}]", "null", '[{"message":"m","filepath":"f","line":"1","kind":"k"}]'])
    it(`refuses ${text}`, () => refused(() => read(actionlint, "lint", text), /^report: /));
});
