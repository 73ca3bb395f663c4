import assert from "node:assert/strict";
import { changed, gateIn, hour, now, type Piece, piece, proof, refusedBy, verdictOn } from "../fixture.ts";
import { atLeast, below, bill, none, overall, severity, severityRows, suite, tools } from "./common-rows.ts";
import { proveRows, type Row, row, shipped } from "./rows.ts";

const staging = shipped("alchemorsel/Pulumi.alchemorsel-staging.yaml", "alchemorsel");
const prod = shipped("alchemorsel/Pulumi.alchemorsel-prod.yaml", "alchemorsel");

const scenarios = { load: 200, stress: 400, spike: 400, volume: 100 };

const builds: Row[] = [
  suite("unit"),
  suite("integration"),
  overall("lines", 85_001, /above 85 % of lines.*, found 85 % \(85,000 of 100,000\)/),
  row({
    gate: "coverage.critical.lines",
    kind: "coverage",
    passes: ({ files }) => critical(files, 95_001),
    fails: ({ files }) => critical(files, 95_000),
    says: /above 95 % of lines in internal\/auth.*, found 95 % \(95,000 of 100,000\)/,
    empty: (result) => Object.assign(result, { files: [] }),
  }),
  row({
    gate: "coverage.newCode.lines",
    kind: "coverage",
    passes: (result) => Object.assign(result, { newLines: { covered: 901, total: 1000 } }),
    fails: (result) => Object.assign(result, { newLines: { covered: 900, total: 1000 } }),
    says: /above 90 % of new lines.*, found 90 % \(900 of 1,000\)/,
    empty: (result) => Object.assign(result, { newLines: undefined }),
  }),
  none("lint", "issue"),
  tools("lint", "golangci-lint"),
  ...severityRows("sast"),
  tools("sast", "bandit"),
  none("secrets", "finding"),
  tools("secrets", "gitleaks"),
  severity("container", "critical"),
  row({
    ...severity("container", "high"),
    kind: "container",
    says: /no high finding, or approval by security.*, found \d high .*; no approval/,
  }),
  severity("container", "unknown"),
  tools("container", "grype"),
  bill,
  row({
    gate: "image.platforms",
    kind: "image",
    passes: (result) => Object.assign(result, { platforms: ["linux/amd64", "linux/arm64"] }),
    fails: (result) => Object.assign(result, { platforms: ["linux/amd64", "linux/arm64/v8"] }),
    says: /linux\/amd64, linux\/arm64.*, found linux\/amd64, linux\/arm64\/v8/,
    empty: (result) => Object.assign(result, { platforms: [] }),
  }),
  row({
    gate: "image.distroless",
    kind: "image",
    passes: () => undefined,
    fails: (result) => Object.assign(result, { distroless: false, base: "debian" }),
    says: /neither a shell nor a package manager.*, found one of them, from debian/,
  }),
  row({
    gate: "image.revision",
    kind: "image",
    passes: (result) => Object.assign(result, { revision: undefined }),
    fails: (result) => Object.assign(result, { revision: "d".repeat(40) }),
    says: /the commit that the evidence is about.*, found d{40}/,
  }),
  ...Object.entries(scenarios).flatMap(([name, rate]) => [
    below(name, "p95Ms", 1000, " ms"),
    below(name, "errorPercent", 1, " %"),
    atLeast(name, "requestsPerSecond", rate, " requests/s"),
    below(name, "cpuPercent", 80, " %"),
    below(name, "memoryPercent", 85, " %"),
  ]),
];

function critical(files: { path: string; lines?: { covered: number; total: number } | undefined }[], covered: number) {
  const own = files.filter(({ path }) => path.startsWith("internal/"));
  assert.equal(own.length, 2);
  for (const [index, file] of own.entries())
    file.lines = { covered: index === 0 ? covered - 50_000 : 50_000, total: 50_000 };
}

const validated: Row[] = [
  suite("e2e"),
  suite("api"),
  suite("migration"),
  row({
    gate: "dast.fresh",
    kind: "dast",
    passes: ({ counts }) => Object.assign(counts, { low: 12 }),
    fails: ({ fresh }) => Object.assign(fresh ?? {}, { low: 1 }),
    says: /no issue that the baseline has not in staging.*, found 1 new issue \(zap\)/,
    empty: (result) => Object.assign(result, { fresh: undefined }),
  }),
  tools("dast", "zap"),
];

describe("Alchemorsel's gates", () => {
  proveRows("AL2, AL3: what comes to staging", staging, "staging", builds);
  proveRows("AL2, AL3: what comes to production", prod, "prod", [...builds, ...validated]);

  it("AL2: high findings in the container pass once security approved", () => {
    const pieces = changed(proof(prod), "container", ({ counts }) => Object.assign(counts, { high: 3 }));
    assert.deepEqual(refusedBy(verdictOn({ gates: prod, pieces })), ["container.high"]);
    const approved = [...pieces, approval("security", "grace")];
    assert.deepEqual(refusedBy(verdictOn({ gates: prod, pieces: approved })), []);
    const byAnother = [...pieces, approval("security", "ada")];
    assert.match(
      gateIn(verdictOn({ gates: prod, pieces: byAnother }), "container.high").found,
      /ada has not the role security/,
    );
  });

  describe("AL5: approvals", () => {
    const rows: [what: string, role: string, by: string, touch: object, needed: boolean][] = [
      ["a senior engineer, of everything", "senior-engineer", "ada", {}, true],
      ["security, of what touches authentication", "security", "grace", { paths: ["internal/auth/token.go"] }, true],
      ["security, of workflows", "security", "grace", { paths: [".github/workflows/ci.yml"] }, true],
      ["security, not of the rest", "security", "grace", { paths: ["internal/cart/cart.go"] }, false],
      ["a product owner, of a feature", "product-owner", "mary", { types: ["fix", "feat"] }, true],
      ["a product owner, of what breaks", "product-owner", "mary", { types: ["fix", "breaking"] }, true],
      ["a product owner, of a commit that names no type", "product-owner", "mary", { types: ["other"] }, true],
      ["a product owner, not of a fix", "product-owner", "mary", { types: ["fix"] }, false],
    ];
    for (const [what, role, by, touch, needed] of rows) {
      it(what, () => {
        const gate = `approvals.${role}`;
        const without = unapproved(role, touch);
        const verdict = verdictOn({ gates: prod, pieces: without });
        assert.deepEqual(refusedBy(verdict), needed ? [gate] : []);
        if (!needed) return assert.match(gateIn(verdict, gate).found, /not needed/);
        assert.deepEqual([gateIn(verdict, gate).reason, gateIn(verdict, gate).found], ["missing", "no approval"]);
        const refused = (given: Piece, found: RegExp) => {
          const judged = verdictOn({ gates: prod, pieces: [...without, given] });
          assert.deepEqual(refusedBy(judged), [gate]);
          assert.match(gateIn(judged, gate).found, found);
        };
        assert.deepEqual(refusedBy(verdictOn({ gates: prod, pieces: [...without, approval(role, by)] })), []);
        refused(approval(role, "nobody"), /the pack does not know nobody/);
        refused(approval(role, by, { environment: "staging" }), /^no approval$/);
        refused(approval(role, by, {}, { signer: "alan" }), /alan, who signed it, does not speak for/);
      });
      if (!needed) continue;
      it(`${what}, not of their own work and not for ever`, () => {
        const gate = `approvals.${role}`;
        const without = unapproved(role, touch);
        const found = (pieces: readonly Piece[], at = now) => gateIn(verdictOn({ gates: prod, pieces, at }), gate);
        const given = approval(role, by, { until: new Date(now + hour).toISOString() });
        assert.ok(found([...without, given], now + hour - 1).passed);
        assert.match(found([...without, given], now + hour).found, /ended at/);
        for (const part of [
          { authors: ["x@y.z", `${by}@example.test`] },
          { committers: [`${by}@example.test`] },
          { pusher: by },
        ]) {
          const own = changed([...without, given], "change", (result) => Object.assign(result, part));
          assert.match(found(own).found, new RegExp(`it is ${by}'s own work`), JSON.stringify(part));
        }
      });
    }
  });

  it("AL5: production is proven in staging first", () => {
    const left = proof(prod).filter(({ kind }) => kind !== "deployment");
    assert.deepEqual(refusedBy(verdictOn({ gates: prod, pieces: left })), ["provenIn"]);
    const failed = changed(proof(prod), "deployment", (result) => Object.assign(result, { outcome: "rolled-back" }));
    assert.deepEqual(refusedBy(verdictOn({ gates: prod, pieces: failed })), ["provenIn"]);
  });
});

/** A change, with every approval but those of a role. */
function unapproved(role: string, touch: object): Piece[] {
  const pieces = changed(proof(prod), "change", (result) => Object.assign(result, touch));
  return pieces.filter((one) => one.kind !== "approval" || (one.result as { role: string }).role !== role);
}

function approval(role: string, by: string, more: object = {}, about: Partial<Piece> = {}): Piece {
  const until = new Date(now + 24 * hour).toISOString();
  const result = { environment: "prod", role, by, reason: "read it", until, ...more };
  return piece("approval", result, { name: `given-${role}`, ...about });
}
