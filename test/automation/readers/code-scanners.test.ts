/** gitleaks, Bandit and ZAP in formats of their own. */
import assert from "node:assert/strict";
import { bandit } from "../../../automation/readers/bandit.ts";
import { gitleaks } from "../../../automation/readers/gitleaks.ts";
import { zap } from "../../../automation/readers/zap.ts";
import { changed, figures, fixture, read, refused } from "./scanner-fixtures.ts";

const freshOf = ({ result }: ReturnType<typeof read>) => figures(result.fresh ?? assert.fail("no fresh"));

describe("gitleaks' JSON", () => {
  it("counts every secret as high, and says where it is", () => {
    const { tool, result } = read(gitleaks, "secrets", fixture("gitleaks/dirty.json"));
    assert.equal(tool.name, "gitleaks");
    assert.deepEqual(figures(result.counts), [0, 2, 0, 0, 0]);
    assert.deepEqual(result.first[0], {
      id: "example-token",
      severity: "high",
      title: "A token of the example service",
      place: "deploy.sh:2 in af274eeee321",
    });
    assert.equal(read(gitleaks, "secrets", fixture("gitleaks/folder.json")).result.first[0]?.place, "ci.env:1");
  });

  it("is good where it is empty", () => {
    assert.deepEqual(figures(read(gitleaks, "secrets", fixture("gitleaks/clean.json")).result.counts), [0, 0, 0, 0, 0]);
  });

  it("keeps no secret, no line, no author and no commit message", () => {
    const text = fixture("gitleaks/dirty.json");
    const reading = JSON.stringify(read(gitleaks, "secrets", text));
    for (const hidden of [/example-token-[ab]/, /dev@example\.com/, /feat: deploy/]) {
      assert.match(text, hidden);
      assert.doesNotMatch(reading, hidden);
    }
  });

  it("quotes no secret in a refusal", () => {
    const text = fixture("gitleaks/dirty.json");
    const broken = [
      text.replace('"StartLine": 2', '"StartLine": "two"'),
      text.replace('"RuleID": "example-token"', '"RuleID": ""'),
      text.replace('"Match": "example', '"Match": \u0001"example'),
      text.replace('"Secret": "', '"Secret": '),
    ];
    for (const one of broken) {
      assert.notEqual(one, text);
      refused(() => read(gitleaks, "secrets", one), /^(?!.*example-token-[ab]).*$/s);
    }
  });

  it("compares with a baseline", () => {
    const text = fixture("gitleaks/dirty.json");
    const one = changed("gitleaks/dirty.json", (leaks) => leaks.shift());
    assert.deepEqual(freshOf(read(gitleaks, "secrets", text, one)), [0, 1, 0, 0, 0]);
    assert.deepEqual(freshOf(read(gitleaks, "secrets", text, text)), [0, 0, 0, 0, 0]);
    const elsewhere = changed("gitleaks/dirty.json", (leaks) => leaks.pop());
    assert.deepEqual(freshOf(read(gitleaks, "secrets", elsewhere, one)), [0, 1, 0, 0, 0]);
  });

  for (const text of ["{}", "[{}]", "null", '"[]"'])
    it(`refuses ${text}`, () => refused(() => read(gitleaks, "secrets", text), /^report: /));
});

describe("Bandit's JSON", () => {
  it("counts severities, and what comments silence as suppressed", () => {
    const { tool, madeAt, result } = read(bandit, "sast", fixture("bandit/dirty.json"));
    assert.equal(tool.name, "bandit");
    assert.equal(madeAt, Date.UTC(2026, 10, 21, 17, 24, 11));
    assert.deepEqual(figures(result.counts), [0, 1, 1, 3, 0]);
    assert.equal(result.suppressed, 1);
    assert.equal(result.first[0]?.id, "B602");
    assert.equal(result.first[0]?.place, "app.py:8");
  });

  it("is good where nothing was found in some lines", () => {
    assert.deepEqual(figures(read(bandit, "sast", fixture("bandit/clean.json")).result.counts), [0, 0, 0, 0, 0]);
  });

  it("keeps no password that a message quotes", () => {
    const text = fixture("bandit/dirty.json");
    assert.match(text, /'not-a-real-one'/);
    assert.doesNotMatch(JSON.stringify(read(bandit, "sast", text)), /not-a-real-one/);
  });

  // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
  const broken = (change: (document: any) => unknown) =>
    changed("bandit/dirty.json", (document) => void change(document));
  it("does not know an undefined severity", () => {
    const text = broken(({ metrics, results }) => {
      results[0].issue_severity = "UNDEFINED";
      metrics._totals["SEVERITY.LOW"] = 2;
      metrics._totals["SEVERITY.UNDEFINED"] = 1;
    });
    assert.deepEqual(figures(read(bandit, "sast", text).result.counts), [0, 1, 1, 2, 1]);
  });

  it("compares with a baseline", () => {
    const text = fixture("bandit/dirty.json");
    assert.deepEqual(freshOf(read(bandit, "sast", text, fixture("bandit/clean.json"))), [0, 1, 1, 3, 0]);
  });

  const cases: [string, string, RegExp][] = [
    ["a file that it could not parse", fixture("bandit/errors.json"), /errors: Bandit could not read all files/],
    ["what -lll left", fixture("bandit/filtered.json"), /_totals\.SEVERITY\.MEDIUM: is not the number that is listed/],
    ["a result less", broken(({ results }) => results.splice(3, 1)), /SEVERITY\.HIGH/],
    ["no line", broken(({ metrics }) => (metrics._totals.loc = 0)), /no line of code was looked at/],
    ["no totals", broken(({ metrics }) => delete metrics._totals), /_totals/],
    ["no list of errors", broken((document) => delete document.errors), /errors/],
    ["no results", broken((document) => delete document.results), /results/],
    ["a time that is none", broken((document) => (document.generated_at = "today")), /generated_at: is no ISO/],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(bandit, "sast", text), words));
});

describe("ZAP's JSON", () => {
  it("counts an alert once per path, and what is called a false positive as suppressed", () => {
    const { tool, madeAt, result } = read(zap, "dast", fixture("zap/dirty.json"));
    assert.deepEqual(tool, { name: "zap", version: "2.16.1" });
    assert.equal(madeAt, Date.UTC(2026, 10, 20, 11));
    assert.deepEqual(figures(result.counts), [0, 1, 2, 2, 0]);
    assert.equal(result.suppressed, 1);
    assert.deepEqual(result.first[0], {
      id: "40012",
      severity: "high",
      title: "Cross Site Scripting (Reflected)",
      place: "https://preview-12.example.com/search",
    });
  });

  it("is good where a site has no alert", () => {
    assert.deepEqual(figures(read(zap, "dast", fixture("zap/clean.json")).result.counts), [0, 0, 0, 0, 0]);
  });

  it("finds one new alert, though the baseline was made at another host", () => {
    assert.deepEqual(
      freshOf(read(zap, "dast", fixture("zap/dirty.json"), fixture("zap/baseline.json"))),
      [0, 1, 0, 0, 0],
    );
    assert.deepEqual(
      freshOf(read(zap, "dast", fixture("zap/baseline.json"), fixture("zap/dirty.json"))),
      [0, 0, 0, 0, 0],
    );
  });

  // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
  const broken = (change: (alerts: any[], document: any) => unknown) =>
    changed("zap/baseline.json", (document) => void change(document.site[0].alerts, document));

  it("finds the same alert at a path that the baseline has not", () => {
    const text = broken(([alert]) => alert.instances.push({ uri: "https://staging.example.com/admin" }));
    assert.deepEqual(freshOf(read(zap, "dast", text, fixture("zap/baseline.json"))), [0, 0, 1, 0, 0]);
  });

  it("does not know another risk, and counts an alert without a place at its site", () => {
    const text = broken((alerts) => {
      alerts[0].riskcode = "4";
      delete alerts[0].instances;
    });
    const { result } = read(zap, "dast", text);
    assert.deepEqual(figures(result.counts), [0, 0, 0, 2, 1]);
    assert.equal(result.first[0]?.place, "https://staging.example.com/");
  });

  it("keeps neither queries nor passwords of addresses", () => {
    const text = broken(([alert]) => {
      alert.instances = [
        { uri: "https://user:hunter2@h.example/a?token=hunter2#hunter2" },
        { uri: "no address?hunter2" },
      ];
    });
    const reading = read(zap, "dast", text);
    assert.doesNotMatch(JSON.stringify(reading), /hunter2/);
    assert.equal(reading.result.first[0]?.place, "https://h.example/a");
  });

  const cases: [string, string, RegExp][] = [
    ["no site", fixture("zap/nothing.json"), /site: no site was scanned/],
    ["no list of sites", broken((_, document) => delete document.site), /site/],
    ["no list of alerts", broken((_, document) => delete document.site[0].alerts), /alerts/],
    ["an alert without a risk", broken(([alert]) => delete alert.riskcode), /riskcode/],
    ["an alert without a plug-in", broken(([alert]) => (alert.pluginid = "")), /pluginid/],
    ["a time that is none", broken((_, document) => (document.created = "today")), /created: is no ISO/],
  ];
  for (const [what, text, words] of cases)
    it(`is refused with ${what}`, () => refused(() => read(zap, "dast", text), words));
});
