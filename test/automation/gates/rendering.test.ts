import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { type GateReport, isAllowed, reportDocument } from "../../../automation/gates/gate-report.ts";
import { escapeHtml, htmlReport } from "../../../automation/gates/html.ts";
import { markdownReport, markdownText } from "../../../automation/gates/markdown.ts";
import { plain } from "../../../automation/gates/plain.ts";
import { gateLines, reportLines } from "../../../automation/gates/table.ts";
import type { GateVerdict } from "../../../model/gates/verdict.ts";
import { hostile } from "./hostile.ts";

const digest = `sha256:${"3b".repeat(32)}`;
const met: GateVerdict = {
  gate: "tests.unit",
  passed: true,
  reason: "met",
  needed: "all of at least 1",
  found: "812 of 812",
  evidence: [],
};
const short: GateVerdict = {
  gate: "coverage.overall.branches",
  passed: false,
  reason: "failed",
  needed: "at least 85 %",
  found: "84.98 % (1,699 of 2,000)",
  remedy: "add tests, then sluice gate collect coverage=lcov.info",
  evidence: [],
};
const waived: GateVerdict = { ...short, gate: "lint", passed: true, reason: "waived" };

function reportOf(gates: readonly GateVerdict[], changes: Partial<GateReport> = {}): GateReport {
  const allowed = gates.every(({ passed }) => passed);
  const verdict = { digest, environment: "prod", allowed, gates, notices: [] };
  return {
    stack: "prod",
    flags: "--stack prod --sandbox",
    environment: "prod",
    strictness: "mandatory",
    judgedAt: "2026-11-21T12:00:00.000Z",
    images: [{ services: ["api"], repository: "api", tag: "v1.1.0", as: "asked", verdict }],
    ...changes,
  };
}

/** What GitHub's runner obeys: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
const runnerCommand = /##\[|^\s*::/;

describe("a line for a terminal", () => {
  for (const text of hostile) {
    it(`holds nothing to obey: ${JSON.stringify(text.slice(0, 30))}`, () => {
      const line = plain(text);
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      assert.doesNotMatch(line, runnerCommand);
      assert.ok([...line].length <= 400);
    });
  }

  it("keeps what is harmless, in any script", () => {
    assert.equal(plain("größer als 85 % | 日本 <b>"), "größer als 85 % | 日本 <b>");
    assert.equal(plain("abcdef", 4), "abc…");
    assert.equal(plain("abcd", 4), "abcd");
  });
});

describe("the table of gates", () => {
  it("shows what refuses first, with its remedy below", () => {
    assert.deepEqual(gateLines([met, waived, short]), [
      "  gate                       status  needed             found",
      "  coverage.overall.branches  failed  at least 85 %      84.98 % (1,699 of 2,000)",
      "      -> add tests, then sluice gate collect coverage=lcov.info",
      "  lint                       waived  at least 85 %      84.98 % (1,699 of 2,000)",
      "  tests.unit                 pass    all of at least 1  812 of 812",
    ]);
  });

  it("says once what age nearly every gate asks for, and stays within 100 columns", () => {
    const aged = (gate: GateVerdict, hours: number) => ({
      ...gate,
      needed: `${gate.needed}, reported in the last ${hours} h`,
    });
    const long = {
      ...met,
      gate: "image.revision",
      needed: "built from the commit that the evidence is about, where its label says",
    };
    const lines = gateLines([
      aged(met, 720),
      aged({ ...met, gate: "lint.issues" }, 720),
      aged(long, 720),
      { ...short, gate: "coverage.overall.lines" },
    ]);
    assert.equal(lines[0], "  evidence counts if it was reported in the last 720 h");
    assert.doesNotMatch(lines.slice(1).join("\n"), /720/);
    for (const line of lines.filter((one) => !one.includes(long.needed))) assert.ok(line.length <= 100, line);
    assert.match(gateLines([aged(met, 720), aged(short, 24)]).join("\n"), /24 h.*720 h/s);
  });

  const endings: [what: string, report: GateReport, allowed: boolean, last: string][] = [
    ["every gate holds", reportOf([met]), true, "prod: allowed"],
    ["a gate does not hold", reportOf([met, short]), false, "prod: refused"],
    [
      "gates only advise",
      reportOf([short], { strictness: "advisory" }),
      true,
      "prod: allowed (gates are advisory in prod)",
    ],
    ["nothing would run", reportOf([], { images: [] }), true, "stack prod would run no image"],
  ];
  for (const [what, report, allowed, last] of endings) {
    it(`ends with a word where ${what}`, () => {
      assert.equal(isAllowed(report), allowed);
      assert.equal(reportLines(report).at(-1), last);
    });
  }

  it("counts what does not hold, and shows what is loud and when it ran before", () => {
    const report = reportOf([met, short]);
    const [image] = report.images;
    assert.ok(image);
    const verdict = { ...image.verdict, notices: ["break-glass by mary"], admittedAt: "2026-11-01T00:00:00Z" };
    const lines = reportLines({ ...report, images: [{ ...image, verdict }] });
    assert.deepEqual(lines.slice(0, 3), [
      "api:v1.1.0 (sha256:3b3b3b3b3b3b) of api for prod: refused: 1 of 2 gates do not hold",
      "  ran green in prod since 2026-11-01T00:00:00Z",
      "  ! break-glass by mary",
    ]);
  });

  it("names the command that hands in evidence, with the kinds that are wanted, for each image that wants some", () => {
    const wants = (gate: string, what: string): GateVerdict => ({
      ...short,
      gate,
      remedy: `run sluice gate collect ${what}`,
    });
    const report = reportOf([
      wants("coverage", "coverage=FILE baseline:coverage=FILE"),
      wants("coverage.baseline", "coverage=FILE baseline:coverage=FILE"),
      { ...wants("tests.unit", "tests:unit=FILE"), passed: true },
      wants("load.soak", "load:soak=FILE --environment staging"),
      ...["container:grype", "container:trivy", "dependencies:govulncheck", "sast:semgrep"].map((one) =>
        wants(one, `${one}=FILE`),
      ),
    ]);
    const [image] = report.images;
    assert.ok(image);
    const bare = { ...image.verdict, gates: [{ ...short, remedy: "run sluice gate collect" }] };
    const others = [{ ...image, repository: "web", tag: undefined, verdict: bare }];
    const lines = reportLines({ ...report, images: [image, ...others] });
    const command = "  sluice gate collect --stack prod --sandbox --repository";
    assert.deepEqual(lines.slice(-9), [
      "hand in what is missing, with its files for FILE:",
      `${command} api --image-tag v1.1.0 --change BASE..HEAD \\`,
      "    coverage=FILE baseline:coverage=FILE container:grype=FILE container:trivy=FILE \\",
      "    dependencies:govulncheck=FILE sast:semgrep=FILE",
      `${command} api --image-tag v1.1.0 --change BASE..HEAD --environment staging \\`,
      "    load:soak=FILE",
      `${command} web --digest ${digest} --change BASE..HEAD`,
      "",
      "prod: refused",
    ]);
    assert.ok(
      !reportLines(reportOf([met]))
        .join("\n")
        .includes("gate collect"),
    );
  });

  it("asks for no report twice there", () => {
    const remedies = ["sast=FILE", "sast:gosec=FILE sast:bandit=FILE", "dast:zap=FILE", "lint=FILE"];
    remedies.push("dast=FILE baseline:dast=FILE --environment staging");
    const lines = reportLines(
      reportOf(remedies.map((what) => ({ ...short, remedy: `run sluice gate collect ${what}` }))),
    );
    assert.deepEqual(
      lines.filter((line) => line.startsWith("    ")).filter((line) => !line.includes("->")),
      ["    sast:gosec=FILE sast:bandit=FILE lint=FILE", "    dast=FILE baseline:dast=FILE"],
    );
  });

  it("puts nothing of a remedy into that command but kinds and names", () => {
    const remedy = "run sluice gate collect tests:$(id)=FILE `id`=FILE x;id=FILE sast:a|b=FILE --environment $(id)";
    const lines = reportLines(reportOf([{ ...short, remedy }]));
    assert.match(lines.at(-3) ?? "", /^ {2}sluice gate collect .* --change BASE\.\.HEAD$/);
  });

  it("has one line per row whatever stands in it", () => {
    for (const text of hostile) {
      const lines = gateLines([{ ...short, gate: text, needed: text, found: text, remedy: text }]);
      assert.equal(lines.length, 3);
      for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      for (const line of lines) assert.doesNotMatch(line, runnerCommand);
    }
  });
});

/** What Markdown may not be given by a stranger: only letters, digits, spaces, entities and what means nothing to it. */
const inert = /^(?:<code>(?:[\p{L}\p{N} ,%().=+;-]|&#\d+;)*<\/code>)?$/u;

describe("Markdown", () => {
  for (const text of hostile) {
    it(`of a stranger's text has no markup: ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.match(markdownText(text), inert);
      assert.doesNotMatch(markdownText(text), /www\./i);
    });
  }

  it("of any text has none", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => inert.test(markdownText(text))));
  });

  it("has a row for each gate that refuses, and folds those that hold", () => {
    const text = markdownReport(reportOf([met, short, waived]));
    assert.match(text, /^### Quality gates: refused\n/);
    const rows = text.split("\n").filter((line) => line.startsWith("| <code>"));
    assert.deepEqual(
      rows.map((line) =>
        line
          .replaceAll(/<\/?code>/g, "")
          .split(" | ")
          .slice(0, 2),
      ),
      [
        ["| coverage.overall.branches", "failed"],
        ["| lint", "waived"],
        ["| tests&#46;unit".replace("&#46;", "."), "pass"],
      ],
    );
    assert.match(text, /<details><summary>1 gate holds<\/summary>/);
  });

  it("has as many cells in a row as its head, whatever stands in them", () => {
    for (const text of hostile) {
      const gate = { ...short, gate: text, needed: text, found: text, remedy: text };
      const rows = markdownReport(reportOf([gate, { ...gate, passed: true }]))
        .split("\n")
        .filter((line) => line.startsWith("|"));
      assert.deepEqual(
        rows.map((line) => line.split("|").length - 2),
        [5, 5, 5, 4, 4, 4],
      );
    }
  });

  it("stays below 64 KB, keeps what refuses, and says what it left out", () => {
    const long = "é|".repeat(2000);
    const failing = Array.from({ length: 400 }, (_, index) => ({
      ...short,
      gate: `tests.suite-${index}`,
      found: long,
    }));
    const passing = Array.from({ length: 400 }, (_, index) => ({ ...met, gate: `load.case-${index}`, found: long }));
    const text = markdownReport(reportOf([...passing, ...failing]));
    assert.ok(Buffer.byteLength(text) <= 64 * 1024, String(Buffer.byteLength(text)));
    assert.match(text, /tests.suite-0/);
    const rows = text.split("\n").filter((line) => line.startsWith("| <code>")).length;
    assert.ok(rows > 20);
    assert.match(text, new RegExp(`\\n${800 - rows} lines more: `));
  });

  it("stays below 64 KB with hundreds of images and notices", () => {
    const [image] = reportOf([short]).images;
    assert.ok(image);
    const verdict = { ...image.verdict, notices: Array.from({ length: 50 }, () => "!".repeat(1000)) };
    const text = markdownReport(reportOf([], { images: Array.from({ length: 300 }, () => ({ ...image, verdict })) }));
    assert.ok(Buffer.byteLength(text) <= 64 * 1024, String(Buffer.byteLength(text)));
    assert.match(text, /^### Quality gates: refused/);
  });
});

describe("the page", () => {
  it("lets nothing of a stranger's become markup", () => {
    for (const text of hostile) {
      const clean = htmlReport(reportOf([short]));
      const page = htmlReport(reportOf([{ ...short, gate: text, needed: text, found: text, remedy: text }]));
      const tags = (html: string) => html.match(/<[^>]*>/g);
      assert.deepEqual(tags(page), tags(clean), text.slice(0, 40));
      assert.doesNotMatch(page, /[\p{Cf}\p{Cs}]|(?!\n)\p{Cc}/u);
    }
  });

  it("may load nothing, run nothing, and carries its style by hash", () => {
    const page = htmlReport(reportOf([short, met]));
    const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    assert.equal(policy, `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|\son\w+=|javascript:|https?:\/\//i);
  });

  it("escapes what ends a tag or an attribute", () => {
    assert.equal(escapeHtml(`<b title="x" y='z'>&`), "&lt;b title=&quot;x&quot; y=&#39;z&#39;&gt;&amp;");
  });
});

describe("JSON of a judgement", () => {
  it("says whether it is allowed, and everything of every gate", () => {
    assert.deepEqual(reportDocument(reportOf([short])), {
      stack: "prod",
      environment: "prod",
      strictness: "mandatory",
      judgedAt: "2026-11-21T12:00:00.000Z",
      allowed: false,
      images: [
        {
          services: ["api"],
          repository: "api",
          tag: "v1.1.0",
          as: "asked",
          digest,
          environment: "prod",
          allowed: false,
          gates: [short],
          notices: [],
        },
      ],
    });
  });
});
