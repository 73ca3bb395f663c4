import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { EvidenceError } from "../../evidence/error.ts";
import { folderKey } from "../../evidence/file-name.ts";
import { createKeyPair } from "../../evidence/key.ts";
import { loadEvidence } from "../../evidence/load.ts";
import { keySigner } from "../../evidence/signer.ts";
import { writeCollection, writeEvidence } from "../../evidence/write.ts";
import type { Kind } from "../../model/gates/results.ts";
import type { Trust } from "../../model/gates/trust.ts";
import {
  approvalStatement,
  collectedAt,
  commit,
  digest,
  type Fixture,
  makeFixture,
  otherDigest,
  releaseStatement,
} from "./evidence-fixture.ts";
import { forge, onlyReason, type SerializedBundle } from "./forgery.ts";

describe("loading evidence", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const load = (trust: Trust = fixture.trust) => loadEvidence({ store: fixture.store, digest, trust });
  const reasonOf = async (trust?: Trust) => onlyReason(await load(trust));

  it("gives back what was signed", async () => {
    const { store, signer } = fixture;
    const files = await writeEvidence({
      store,
      signer,
      statements: [releaseStatement({ environment: "staging", madeAt: collectedAt - 5 })],
    });
    const collection = await writeCollection({
      store,
      signer,
      digest,
      commit,
      repository: "hello",
      files,
      collectedAt,
    });
    const { evidence, rejected } = await load();
    assert.deepEqual(rejected, []);
    assert.deepEqual(
      evidence.find(({ kind }) => kind === "release"),
      {
        ...{ kind: "release", name: "release", digest, commit, tool: { name: "tool", version: "1.2.3" } },
        ...{ madeAt: collectedAt - 5, collectedAt, environment: "staging", signer: "ci", file: files[0] },
        result: { tag: "v1.0.0", semver: true, changelog: true, notes: "First." },
      },
    );
    const found = evidence.find(({ kind }) => kind === "collection");
    assert.deepEqual([found?.file, found?.result], [collection, { files }]);
  });

  it("finds records of people beside evidence, and nothing of another image", async () => {
    const { store, signer } = fixture;
    await writeEvidence({
      store,
      signer,
      statements: [approvalStatement(), releaseStatement({ digest: otherDigest })],
    });
    assert.deepEqual(
      (await load()).evidence.map(({ kind }) => kind),
      ["approval"],
    );
    assert.equal((await store.list(folderKey(digest, "records"))).length, 1);
    assert.deepEqual(await loadEvidence({ store, digest: `sha256:${"0".repeat(64)}`, trust: fixture.trust }), {
      ...{ digest: `sha256:${"0".repeat(64)}`, evidence: [], rejected: [] },
    });
  });

  it("takes Ed25519 as well", async () => {
    const pair = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    await writeEvidence({ store: fixture.store, signer: keySigner(pair.privateKey), statements: [releaseStatement()] });
    const { evidence } = await load({
      ...fixture.trust,
      signers: { air: { publicKey: pair.publicKey, signs: ["release"] } },
    });
    assert.equal(evidence[0]?.signer, "air");
  });

  describe("by whom it is signed", () => {
    it("rejects a key that nobody knows", async () => {
      await writeEvidence({
        store: fixture.store,
        signer: keySigner(createKeyPair().privateKey),
        statements: [releaseStatement()],
      });
      assert.equal(await reasonOf(), "signed by a key that the pack does not know");
    });

    it("rejects a stranger's signature under a known key's hint", async () => {
      const stranger = (await keySigner(createKeyPair().privateKey).sign(Buffer.from("{}"), "x")) as SerializedBundle;
      await forge(fixture, releaseStatement(), {
        change: (bundle) => ({
          ...bundle,
          dsseEnvelope: { ...bundle.dsseEnvelope, signatures: stranger.dsseEnvelope.signatures },
        }),
      });
      assert.equal(await reasonOf(), "the signature is not one of ci's key: changed after it was signed, or forged");
    });

    it("does not need the hint", async () => {
      const publicKey = { hint: "somebody else's" };
      await forge(fixture, releaseStatement(), {
        change: (bundle) => ({ ...bundle, verificationMaterial: { publicKey, tlogEntries: [] } }),
      });
      assert.equal((await load()).evidence.length, 1);
    });

    it("rejects a kind that is not the signer's to say", async () => {
      await writeEvidence({ store: fixture.store, signer: fixture.signer, statements: [approvalStatement()] });
      const ci = { publicKey: fixture.publicKey, signs: ["release", "tests"] as Kind[] };
      const reason = await reasonOf({ ...fixture.trust, signers: { ci } });
      assert.equal(reason, "signed by ci, whose word on the kind approval does not count");
    });

    it("tells signers with one key apart by what they sign", async () => {
      const { publicKey, store, signer } = fixture;
      await writeEvidence({ store, signer, statements: [releaseStatement(), approvalStatement()] });
      const signers = {
        builds: { publicKey, signs: ["release" as const] },
        people: { publicKey, signs: ["approval" as const] },
      };
      const { evidence } = await load({ ...fixture.trust, signers });
      assert.deepEqual(Object.fromEntries(evidence.map(({ kind, signer }) => [kind, signer])), {
        release: "builds",
        approval: "people",
      });
    });

    it("cannot load anything with a signer's key that is none, or a private one", async () => {
      const wrong = generateKeyPairSync("ec", {
        namedCurve: "P-384",
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
      });
      for (const publicKey of ["not PEM", createKeyPair().privateKey, wrong.publicKey]) {
        const trust: Trust = { ...fixture.trust, signers: { ci: { publicKey, signs: ["release"] } } };
        await assert.rejects(
          load(trust),
          (error) => error instanceof EvidenceError && /signer ci is no key/.test(error.message),
        );
      }
    });
  });

  it("does not take a store that cannot be read for an empty one", async () => {
    await writeFile(path.join(fixture.folder, "images"), "");
    await assert.rejects(load(), EvidenceError);
    const broken = { ...fixture.store, read: () => Promise.reject(new EvidenceError("the network is down")) };
    await rm(path.join(fixture.folder, "images"));
    await writeEvidence({ store: fixture.store, signer: fixture.signer, statements: [releaseStatement()] });
    await assert.rejects(loadEvidence({ store: broken, digest, trust: fixture.trust }), /the network is down/);
  });

  it("rejects a file that is taken away while it is read", async () => {
    await writeEvidence({ store: fixture.store, signer: fixture.signer, statements: [releaseStatement()] });
    const gone = { ...fixture.store, read: async () => undefined };
    const { rejected } = await loadEvidence({ store: gone, digest, trust: fixture.trust });
    assert.deepEqual(
      rejected.map(({ reason }) => reason),
      ["it was taken away while it was read"],
    );
  });
});
