import assert from "node:assert/strict";
import { sarif } from "../../../automation/readers/sarif.ts";
import { changed, figures, fixture, read, refused } from "./scanner-fixtures.ts";

type Kind = "lint" | "sast" | "secrets" | "dependencies";

describe("SARIF of", () => {
  // Critical, high, medium, low, unknown; suppressed.
  const tools: [string, Kind, string, number[], number][] = [
    ["codeql/dirty.sarif", "sast", "codeql", [1, 3, 1, 2, 0], 1],
    ["codeql/clean.sarif", "sast", "codeql", [0, 0, 0, 0, 0], 0],
    ["semgrep/dirty.sarif", "sast", "semgrep", [0, 1, 1, 1, 0], 1],
    ["semgrep/clean.sarif", "sast", "semgrep", [0, 0, 0, 0, 0], 0],
    ["gosec/dirty.sarif", "sast", "gosec", [0, 4, 2, 0, 0], 0],
    ["gosec/suppressed.sarif", "sast", "gosec", [0, 4, 2, 0, 0], 1],
    ["gosec/clean.sarif", "sast", "gosec", [0, 0, 0, 0, 0], 0],
    ["bandit/dirty.sarif", "sast", "bandit", [0, 1, 1, 3, 0], 0],
    ["golangci-lint/dirty.sarif", "lint", "golangci-lint", [0, 4, 0, 0, 0], 0],
    ["golangci-lint/clean.sarif", "lint", "golangci-lint", [0, 0, 0, 0, 0], 0],
    ["eslint/dirty.sarif", "lint", "eslint", [0, 2, 1, 0, 0], 1],
    ["eslint/clean.sarif", "lint", "eslint", [0, 0, 0, 0, 0], 0],
    ["zizmor/dirty.sarif", "sast", "zizmor", [0, 3, 2, 1, 0], 0],
    ["zizmor/clean.sarif", "sast", "zizmor", [0, 0, 0, 0, 0], 0],
    ["gitleaks/dirty.sarif", "secrets", "gitleaks", [0, 2, 0, 0, 0], 0],
    ["gitleaks/clean.sarif", "secrets", "gitleaks", [0, 0, 0, 0, 0], 0],
    ["govulncheck/dirty.sarif", "dependencies", "govulncheck", [0, 1, 1, 1, 0], 0],
    ["govulncheck/clean.sarif", "dependencies", "govulncheck", [0, 0, 0, 0, 0], 0],
  ];
  for (const [name, kind, tool, counts, suppressed] of tools) {
    it(name, () => {
      const text = fixture(name);
      const reading = read(sarif, kind, text);
      assert.ok(sarif.recognises({ file: "report", text }));
      assert.equal(reading.tool.name, tool);
      assert.deepEqual(figures(reading.result.counts), counts);
      assert.equal(reading.result.suppressed, suppressed);
    });
  }

  it("CodeQL: commit, time, version, place and message", () => {
    const { tool, commit, madeAt, result } = read(sarif, "sast", fixture("codeql/dirty.sarif"));
    assert.equal(tool.version, "2.23.3");
    assert.equal(commit, "0123456789abcdef0123456789abcdef01234567");
    assert.equal(madeAt, Date.UTC(2026, 10, 20, 8, 30));
    assert.deepEqual(result.first[0], {
      id: "js/command-line-injection",
      severity: "critical",
      title: "This command line depends on a [user-provided value](1).",
      place: "src/run.js:12",
    });
  });

  it("ESLint: paths below the repository", () => {
    const { first } = read(sarif, "lint", fixture("eslint/dirty.sarif")).result;
    assert.deepEqual(
      first.map(({ place }) => place),
      ["dirty.js:2", "dirty.js:2", "dirty.js:1"],
    );
  });

  it("govulncheck: when its database was made", () => {
    const { databaseAt } = read(sarif, "dependencies", fixture("govulncheck/clean.sarif")).result;
    assert.equal(databaseAt, "2026-11-01T00:00:00.000Z");
  });

  it("gitleaks: nothing of what was found", () => {
    const text = fixture("gitleaks/dirty.sarif");
    assert.match(text, /example-token-[ab]{12}/);
    const reading = JSON.stringify(read(sarif, "secrets", text));
    assert.doesNotMatch(reading, /example-token-[ab]/);
    assert.doesNotMatch(reading, /dev@example\.com/);
  });

  it("Bandit: no password that a message quotes", () => {
    const text = fixture("bandit/dirty.sarif");
    assert.match(text, /not-a-real-one/);
    assert.doesNotMatch(JSON.stringify(read(sarif, "sast", text)), /not-a-real-one/);
  });

  it("a scanner for secrets: no message at all", () => {
    const text = changed("semgrep/dirty.sarif", ({ runs: [run] }) => {
      for (const result of run.results) result.message.text = "found hunter2 here";
    });
    assert.doesNotMatch(JSON.stringify(read(sarif, "secrets", text)), /hunter2/);
  });
});

describe("SARIF of Trivy", () => {
  const [one, two] = ["1f", "3d"].map((digits) => `registry.example/app@sha256:${digits.repeat(32)}`);
  const image = (...images: object[]) =>
    changed("codeql/clean.sarif", (log) => {
      log.runs = images.map((properties) => ({ ...log.runs[0], tool: { driver: { name: "Trivy" } }, properties }));
    });

  it("names the image", () => {
    const digest = `sha256:${"1f".repeat(32)}`;
    assert.equal(read(sarif, "container", image({ imageName: one, repoDigests: [] })).digest, digest);
    assert.equal(read(sarif, "container", image({ imageName: "app:1", repoDigests: [one] })).digest, digest);
    assert.equal(read(sarif, "container", image({ imageName: "app:1", repoDigests: null })).digest, undefined);
  });

  it("is refused where it names several", () => {
    refused(() => read(sarif, "container", image({ repoDigests: [one, two] })), /known under 2 digests/);
    refused(() => read(sarif, "container", image({ imageName: one }, { imageName: two })), /are of several images/);
  });
});

describe("SARIF is refused", () => {
  // biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
  const broken = (change: (run: any, log: any) => unknown) =>
    changed("codeql/clean.sarif", (log) => void change(log.runs[0], log));
  const second = { toolExecutionNotifications: [], executionSuccessful: true };
  const cases: [string, string, RegExp][] = [
    ["where Bandit could not parse a file", fixture("bandit/errors.sarif"), /the tool says that it met an error/],
    ["where ESLint could not parse a file", fixture("eslint/broken.sarif"), /the tool did not run to its end/],
    [
      "where ESLint found no file",
      changed("eslint/clean.sarif", ({ runs: [run] }) => delete run.artifacts),
      /no file was linted/,
    ],
    [
      "where golangci-lint could not compile",
      changed("golangci-lint/dirty.sarif", ({ runs: [run] }) => (run.results[3].ruleId = "typecheck")),
      /the code does not compile/,
    ],
    ["of another version", broken((_, log) => (log.version = "2.0.0")), /version/],
    ["without a version", broken((_, log) => delete log.version), /version/],
    ["without a run", broken((_, log) => (log.runs = [])), /there is no run/],
    ["without results", broken((run) => delete run.results), /the tool looked for nothing/],
    ["with no results at all", broken((run) => (run.results = null)), /the tool looked for nothing/],
    [
      "with results in other files",
      broken((run) => (run.externalPropertyFileReferences = { results: [{ location: { uri: "r.json" } }] })),
      /its results stand in other files/,
    ],
    [
      "with results outside of the runs",
      broken((_, log) => (log.inlineExternalProperties = [{ results: [{}] }])),
      /results stand outside of the runs/,
    ],
    [
      "of a run that failed",
      broken((run) => run.invocations.push({ ...second, executionSuccessful: false })),
      /runs\[0\]\.invocations\[1\]: the tool did not run to its end/,
    ],
    ["that does not say", broken((run) => delete run.invocations[0].executionSuccessful), /executionSuccessful/],
    ["of a run that was killed", broken((run) => (run.invocations[0].exitSignalName = "SIGKILL")), /to its end/],
    [
      "of a run that did not start",
      broken((run) => (run.invocations[0].processStartFailureMessage = "no memory")),
      /to its end/,
    ],
    [
      "with an error while it ran",
      broken((run) => (run.invocations[0].toolExecutionNotifications = [{ level: "error", message: { text: "x" } }])),
      /met an error/,
    ],
    [
      "with an error in its configuration",
      broken((run) => (run.invocations[0].toolConfigurationNotifications = [{ level: "error" }])),
      /met an error/,
    ],
    [
      "of two tools",
      broken((run, log) => log.runs.push({ ...run, tool: { driver: { name: "gosec" } } })),
      /are of several tools/,
    ],
    [
      "of two commits",
      broken((run, log) => log.runs.push({ ...run, versionControlProvenance: [{ revisionId: "ff" }] })),
      /are of several commits/,
    ],
    ["of a tool without a name", broken((run) => (run.tool.driver.name = "…")), /tool\.driver\.name: is no name/],
    ["with a time that is none", broken((run) => (run.invocations[0].endTimeUtc = "now")), /endTimeUtc: is no ISO/],
    ["with a level that is none", broken((run) => (run.results = [{ message: {}, level: "fatal" }])), /level/],
    ["with a kind that is none", broken((run) => (run.results = [{ message: {}, kind: "ok" }])), /kind/],
    [
      "with a suppression that is none",
      broken((run) => (run.results = [{ message: {}, suppressions: [{ status: "yes" }] }])),
      /suppressions/,
    ],
    [
      "with a rule that is not there",
      broken((run) => (run.results = [{ message: {}, ruleIndex: 7 }])),
      /runs\[0\]\.results\[0\]: names rule 7, which is not there/,
    ],
    [
      "with a component that is not there",
      broken((run) => (run.results = [{ message: {}, ruleId: "x", rule: { toolComponent: { index: 3 } } }])),
      /names a component/,
    ],
    [
      "with a file that is not there",
      broken((run) => {
        const place = { physicalLocation: { artifactLocation: { index: 9 } } };
        run.results = [{ message: {}, locations: [place] }];
      }),
      /names a file by an index that is not there/,
    ],
    ["empty", "{}", /version/],
    ["as a list", "[]", /./],
  ];
  for (const [what, text, words] of cases) it(what, () => refused(() => read(sarif, "sast", text), words));

  it("as a baseline, too", () => {
    const text = fixture("codeql/dirty.sarif");
    refused(
      () =>
        read(
          sarif,
          "sast",
          text,
          broken((run) => delete run.results),
        ),
      /^base: runs\[0\]/,
    );
    refused(() => read(sarif, "sast", text, fixture("gosec/clean.sarif")), /^base: is by gosec/);
  });
});
