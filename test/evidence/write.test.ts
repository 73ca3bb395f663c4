import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { canonicalJson, sha256 } from "../../evidence/canonical.ts";
import { EvidenceError } from "../../evidence/error.ts";
import { createKeyPair } from "../../evidence/key.ts";
import { keySigner } from "../../evidence/signer.ts";
import { makeStatement, type StatementArgs } from "../../evidence/statement.ts";
import { writeEvidence } from "../../evidence/write.ts";
import type { Result } from "../../model/gates/results.ts";
import {
  approvalStatement,
  collectedAt,
  commit,
  digest,
  type Fixture,
  makeFixture,
  releaseStatement,
} from "./evidence-fixture.ts";

describe("writing evidence", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  it("names each file after its kind and its bytes, in the folder of its kind", async () => {
    const { store, signer, folder } = fixture;
    const [release = "", approval = ""] = await writeEvidence({
      store,
      signer,
      statements: [releaseStatement(), approvalStatement()],
    });
    const image = path.join(folder, "images", digest.slice(7));
    const bytes = await readFile(path.join(image, "evidence", release));
    assert.equal(release, `release-${sha256(bytes)}.json`);
    assert.equal(approval, `approval-${sha256(await readFile(path.join(image, "records", approval)))}.json`);
    const { dsseEnvelope, mediaType } = JSON.parse(String(bytes));
    assert.equal(mediaType, "application/vnd.dev.sigstore.bundle.v0.3+json");
    assert.equal(dsseEnvelope.payloadType, "application/vnd.in-toto+json");
    assert.equal(Buffer.from(dsseEnvelope.payload, "base64").toString(), canonicalJson(releaseStatement()));
  });

  it("is content with a file that stands there already, and with no other content under its name", async () => {
    const { store } = fixture;
    const bundle = await fixture.signer.sign(
      Buffer.from(canonicalJson(releaseStatement())),
      "application/vnd.in-toto+json",
    );
    const again = { sign: async () => bundle };
    const write = (to = store) => writeEvidence({ store: to, signer: again, statements: [releaseStatement()] });
    assert.deepEqual(await write(), await write());
    const lying = { ...store, read: async () => Buffer.from("{}") };
    await assert.rejects(
      write(lying),
      (error) => error instanceof EvidenceError && /something else than its name says$/.test(error.message),
    );
  });

  it("refuses what would be too big to read back, and what is no statement of ours", async () => {
    const { store, signer } = fixture;
    const file = (index: number) => ({ path: `${"d/".repeat(150)}${index}`, lines: { covered: 1, total: 1 } });
    const statement = makeStatement({
      ...{ kind: "coverage", name: "coverage", digest, commit, repository: "hello", tool: { name: "c8" }, collectedAt },
      result: { files: Array.from({ length: 50_000 }, (_, index) => file(index)) },
    });
    await assert.rejects(
      writeEvidence({ store, signer, statements: [statement] }),
      /kind coverage would take 2\d\.\d MiB; 16 MiB is the most/,
    );
    await assert.rejects(writeEvidence({ store, signer, statements: [{}] }));
    assert.deepEqual(await store.list("images/"), []);
  });
});

describe("making a statement", () => {
  const args: StatementArgs<"release"> = {
    ...{ kind: "release", name: "release", digest, commit, repository: "hello", tool: { name: "git" }, collectedAt },
    result: { tag: "v1", semver: false, changelog: false, notes: "" },
  };

  it("says everything that is known, and leaves out what is not", () => {
    assert.deepEqual(makeStatement({ ...args, tool: { name: "git", version: undefined }, environment: undefined }), {
      _type: "https://in-toto.io/Statement/v1",
      subject: [
        { name: "hello", digest: { sha256: digest.slice(7) } },
        { name: "source", digest: { gitCommit: commit } },
      ],
      predicateType: "https://sluice.dev/evidence/release/v1",
      predicate: {
        ...{
          name: "release",
          tool: { name: "git" },
          madeAt: "2026-11-21T12:00:00.000Z",
          collectedAt: "2026-11-21T12:00:00.000Z",
        },
        result: args.result,
      },
    });
    const report = { file: "CHANGELOG.md", sha256: "0".repeat(64) };
    const { predicate } = makeStatement({ ...args, madeAt: 0, environment: "staging", report }) as {
      predicate: Record<string, unknown>;
    };
    assert.deepEqual(
      [predicate.madeAt, predicate.environment, predicate.report],
      ["1970-01-01T00:00:00.000Z", "staging", report],
    );
  });

  for (const [field, wrong] of Object.entries({
    digest: { digest: digest.toUpperCase() },
    commit: { commit: "main" },
    name: { name: "../release" },
    repository: { repository: "" },
    result: { result: { tag: "v1" } as Result<"release"> },
    report: { report: { file: "x", sha256: "none" } },
  })) {
    it(`refuses a wrong ${field}`, () => {
      assert.throws(() => makeStatement({ ...args, ...wrong }));
    });
  }
});

describe("a key that signs", () => {
  it("is refused where it is none, or of another kind", () => {
    const pem = { type: "pkcs8", format: "pem" } as const;
    const others = [
      generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(pem),
      generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export(pem),
      createKeyPair().publicKey,
      "",
    ].map(String);
    for (const other of others) {
      assert.throws(
        () => keySigner(other),
        (error) => error instanceof EvidenceError && error.exitCode === 2,
      );
    }
  });

  it("is another one each time", () => {
    assert.notEqual(createKeyPair().privateKey, createKeyPair().privateKey);
  });
});
