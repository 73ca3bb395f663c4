import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import {
  leftBehind,
  type ReadArgs,
  readAll,
  type Subject,
  writeCollected,
} from "../../../automation/gates/collection.ts";
import { readReportArguments } from "../../../automation/gates/report-arguments.ts";
import type { Reading } from "../../../automation/readers/reader.ts";
import { createKeyPair } from "../../../evidence/key.ts";
import { loadEvidence } from "../../../evidence/load.ts";
import { openEvidenceStore } from "../../../evidence/open-store.ts";
import { keySigner } from "../../../evidence/signer.ts";
import { reportKinds } from "../../../model/gates/results.ts";
import type { Trust } from "../../../model/gates/trust.ts";

const commit = "c".repeat(40);
const digest = `sha256:${"d".repeat(64)}`;
const subject: Subject = { repository: "api", digest, commit, tag: "v1.0.0" };
const now = Date.parse("2026-11-21T12:00:00Z");
const [collector, builder, stranger] = [createKeyPair(), createKeyPair(), createKeyPair()];

const image: Reading<"image"> = {
  tool: { name: "sluice" },
  commit,
  digest,
  result: { platforms: ["linux/amd64"], distroless: true, users: ["65532"] },
};
const change: Reading<"change"> = {
  tool: { name: "git" },
  commit,
  result: {
    base: "b".repeat(40),
    head: commit,
    authors: ["a@example.com"],
    committers: [],
    types: ["fix"],
    paths: ["a"],
  },
};
const junit = (name = "a") =>
  `<testsuites tests="1" failures="0" errors="0"><testsuite name="s" tests="1" failures="0" errors="0"><testcase name="${name}" classname="c" time="0.1"/></testsuite></testsuites>`;

/** SLSA provenance of this image, as GitHub's builder states it. */
const provenance = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "api", digest: { sha256: "d".repeat(64) } }],
  predicateType: "https://slsa.dev/provenance/v1",
  predicate: {
    buildDefinition: {
      buildType: "https://actions.github.io/buildtypes/workflow/v1",
      externalParameters: {
        workflow: {
          ref: "refs/heads/main",
          repository: "https://github.com/acme/shop",
          path: ".github/workflows/release.yml",
        },
      },
      resolvedDependencies: [
        { uri: "git+https://github.com/acme/shop@refs/heads/main", digest: { gitCommit: commit } },
      ],
    },
    runDetails: { builder: { id: "https://github.com/actions/runner/github-hosted" } },
  },
};

describe("one collection", () => {
  let root = "";
  let trust: Trust;
  const file = (name: string, text: string) => {
    writeFileSync(path.join(root, name), text);
    return path.join(root, name);
  };
  const signed = async (name: string, { privateKey }: { privateKey: string }) => {
    const bundle = await keySigner(privateKey).sign(
      Buffer.from(JSON.stringify(provenance)),
      "application/vnd.in-toto+json",
    );
    return file(name, JSON.stringify(bundle));
  };
  function args(reports: readonly string[], changes: Partial<ReadArgs> = {}): ReadArgs {
    const read = readReportArguments(reports);
    assert.deepEqual(read.mistakes, []);
    const none = { environment: undefined, diff: undefined, change: undefined };
    return { subject, trust, reports: read.reports, root, ...none, image: async () => image, now, ...changes };
  }
  const refused = (given: ReadArgs, ...rules: RegExp[]) =>
    assert.rejects(readAll(given), (error: { message: string; details: string[]; exitCode: number }) => {
      assert.match(error.message, /nothing was written/);
      assert.equal(error.exitCode, 2);
      for (const rule of rules) assert.match(error.details.join("\n"), rule);
      return true;
    });

  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), "sluice-collection-"));
    const signers = {
      ci: { publicKey: collector.publicKey, signs: [...reportKinds, "collection" as const] },
      builder: { publicKey: builder.publicKey, signs: ["provenance" as const] },
    };
    trust = { evidence: pathToFileURL(path.join(root, "evidence")).href, signers, people: {} };
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("is read back as it was read, verified, held together by the list of its files", async () => {
    const given = args([`tests:unit=${file("junit.xml", junit())}`], {
      change: async () => change,
      environment: "staging",
    });
    const store = openEvidenceStore(trust.evidence);
    const pack = { store, signer: async () => keySigner(collector.privateKey) };
    const files = await writeCollected({ pack, subject, collected: await readAll(given), now });
    const { evidence, rejected } = await loadEvidence({ store, digest, trust });
    assert.deepEqual(rejected, []);
    const found = evidence.map(({ kind, name, environment, file: own }) => [kind, name, environment, own]).sort();
    const expected = files.map(({ kind, name, file: own }) => [
      kind,
      name,
      kind === "tests" ? "staging" : undefined,
      own,
    ]);
    assert.deepEqual(found, expected.sort());
    const [list] = evidence.filter(({ kind }) => kind === "collection");
    const others = files.filter(({ kind }) => kind !== "collection").map(({ file: own }) => own);
    assert.deepEqual(list?.result, { files: others.sort() });
  });

  it("is of one commit for good: another would make all of it void", async () => {
    const store = openEvidenceStore(trust.evidence);
    const pack = { store, trust, signer: async () => keySigner(collector.privateKey) };
    assert.deepEqual(await leftBehind(pack, subject), []);
    await writeCollected({ pack, subject, collected: await readAll(args([])), now });
    assert.deepEqual(await leftBehind(pack, subject), []);
    await assert.rejects(leftBehind(pack, { ...subject, commit: "e".repeat(40) }), {
      exitCode: 2,
      message: /evidence of commit c{40} already, and this is of e{40}.*nothing was written/,
      remedy: /--commit c{40}/,
    });
    await leftBehind(pack, { ...subject, digest: `sha256:${"e".repeat(64)}`, commit: "e".repeat(40) });
  });

  it("signs all of it before it writes any: half of it would make all of it void", async () => {
    const store = openEvidenceStore(trust.evidence);
    const own = keySigner(collector.privateKey);
    let left = 2;
    const tired = {
      sign: async (...given: Parameters<typeof own.sign>) => {
        if (left-- === 0) throw new Error("no more certificates");
        return own.sign(...given);
      },
    };
    const collected = await readAll(args([`tests:unit=${file("junit.xml", junit())}`]));
    const writing = writeCollected({ pack: { store, signer: async () => tired }, subject, collected, now });
    await assert.rejects(writing, /no more certificates/);
    assert.equal(left, -1, "the list of the files is what could not be signed");
    assert.deepEqual((await loadEvidence({ store, digest, trust })).evidence, []);
  });

  it("takes up what a run left behind that was killed between two files", async () => {
    const store = openEvidenceStore(trust.evidence);
    const pack = { store, trust, signer: async () => keySigner(collector.privateKey) };
    const collected = await readAll(args([`tests:unit=${file("junit.xml", junit())}`]));
    let room = collected.length;
    const full: typeof store = {
      ...store,
      create: async (...given) => (room-- > 0 ? store.create(...given) : Promise.reject(new Error("full"))),
    };
    await assert.rejects(writeCollected({ pack: { ...pack, store: full }, subject, collected, now }));
    const orphans = await leftBehind(pack, subject);
    assert.equal(orphans.length, collected.length);
    const again = await readAll(args([]));
    await writeCollected({ pack, subject, collected: again, leftBehind: orphans, now: now + 1 });
    assert.deepEqual(await leftBehind(pack, subject), []);
    const { evidence, rejected } = await loadEvidence({ store, digest, trust });
    const listed = evidence.flatMap((one) => (one.kind === "collection" ? one.result.files : []));
    assert.deepEqual([rejected, listed.length], [[], orphans.length + again.length]);
  });

  it("names all that is wrong with all of it", async () => {
    const given = args(
      [
        `tests:unit=${file("a.xml", "<testsuites/>")}`,
        `tests:e2e=${root}/none.xml`,
        `coverage=${file("b.info", "TN:\n")}`,
      ],
      { image: async () => ({ ...image, commit: "e".repeat(40) }) },
    );
    await refused(given, /a\.xml: /, /none\.xml: does not exist/, /b\.info: /, /image: it is about commit e{40}/);
  });

  const wrong: [what: string, changes: Partial<ReadArgs>, rule: RegExp][] = [
    [
      "a change that ends at another commit",
      { change: async () => ({ ...change, commit: "e".repeat(40) }) },
      /change: it is about commit/,
    ],
    [
      "another image's digest",
      { image: async () => ({ ...image, digest: `sha256:${"e".repeat(64)}` }) },
      /about the image sha256:e/,
    ],
    ["a time to come", { image: async () => ({ ...image, madeAt: now + 6 * 60_000 }) }, /still to come/],
    ["a commit shortened to nothing", { image: async () => ({ ...image, commit: "cccccc" }) }, /about commit cccccc,/],
  ];
  for (const [what, changes, rule] of wrong) it(`refuses ${what}`, () => refused(args([], changes), rule));

  it("takes a commit that a tool has shortened, and a clock that is a little fast", async () => {
    const fast = async () => ({ ...image, commit: "CCCCCCC", madeAt: now + 4 * 60_000 });
    assert.equal((await readAll(args([], { image: fast }))).length, 1);
  });

  it("refuses two reports of one name", async () => {
    const sarif = JSON.stringify({
      version: "2.1.0",
      runs: [{ tool: { driver: { name: "gosec", rules: [] } }, results: [] }],
    });
    const [a, b] = [file("a.sarif", sarif), file("b.sarif", sarif)];
    await refused(args([`sast=${a}`, `sast=${b}`]), /sast:gosec: 2 reports would be called so/);
    assert.equal((await readAll(args([`sast=${a}`, `sast:other=${b}`]))).length, 3);
  });

  it("lets a failure that is no fault of a report through", async () => {
    const down = async () => Promise.reject(new TypeError("a defect"));
    await assert.rejects(readAll(args([], { image: down })), TypeError);
  });

  it("keeps a builder's provenance byte for byte, and its word as its own", async () => {
    const store = openEvidenceStore(trust.evidence);
    const pack = { store, signer: async () => keySigner(collector.privateKey) };
    const collected = await readAll(args([`provenance=${await signed("p.json", builder)}`]));
    await writeCollected({ pack, subject, collected, now });
    const { evidence, rejected } = await loadEvidence({ store, digest, trust });
    assert.deepEqual(rejected, []);
    assert.equal(evidence.find(({ kind }) => kind === "provenance")?.signer, "builder");
  });

  it("takes a bare statement as the collector's word, and refuses a builder whom nobody knows", async () => {
    const [bare] = await readAll(args([`provenance=${file("p.json", JSON.stringify(provenance))}`]));
    assert.equal(bare?.bundle, undefined);
    await refused(
      args([`provenance=${await signed("s.json", stranger)}`]),
      /s\.json: signed by a key that the pack does not know/,
    );
    trust.signers = { ...trust.signers, builder: { publicKey: builder.publicKey, signs: ["tests"] } };
    trust = { ...trust };
    await refused(
      args([`provenance=${await signed("t.json", builder)}`]),
      /t\.json: signed by builder, who signs no provenance/,
    );
  });
});
