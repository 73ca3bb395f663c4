import assert from "node:assert/strict";
import { canonicalJson, sha256 } from "../../evidence/canonical.ts";
import { loadEvidence } from "../../evidence/load.ts";
import { largestObject } from "../../evidence/store.ts";
import { digest, type Fixture, makeFixture, releaseStatement } from "./evidence-fixture.ts";
import { forge, onlyReason, put, type SerializedBundle, signedBundle } from "./forgery.ts";

describe("how a file of evidence is written", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());
  const load = () => loadEvidence({ store: fixture.store, digest, trust: fixture.trust });
  const reasonOf = async () => onlyReason(await load());

  const changes: Record<string, [(bundle: SerializedBundle) => unknown, RegExp]> = {
    "another media type": [
      (bundle) => ({ ...bundle, mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.2" }),
      /^mediaType/,
    ],
    "another payload type": [
      (bundle) => ({ ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payloadType: "text/plain" } }),
      /^dsseEnvelope\.payloadType/,
    ],
    "two signatures": [
      ({ dsseEnvelope, ...bundle }) => ({
        ...bundle,
        dsseEnvelope: { ...dsseEnvelope, signatures: [...dsseEnvelope.signatures, ...dsseEnvelope.signatures] },
      }),
      /^dsseEnvelope\.signatures/,
    ],
    "no signature": [
      ({ dsseEnvelope, ...bundle }) => ({ ...bundle, dsseEnvelope: { ...dsseEnvelope, signatures: [] } }),
      /^dsseEnvelope\.signatures/,
    ],
    "an empty signature": [
      ({ dsseEnvelope, ...bundle }) => ({ ...bundle, dsseEnvelope: { ...dsseEnvelope, signatures: [{ sig: "" }] } }),
      /^the signature is not one of ci's key/,
    ],
    "a member too many": [(bundle) => ({ ...bundle, comment: "hello" }), /comment/],
    "no key": [(bundle) => ({ ...bundle, verificationMaterial: { tlogEntries: [] } }), /^verificationMaterial/],
  };
  for (const [name, [change, expected]] of Object.entries(changes)) {
    it(`rejects ${name}`, async () => {
      await forge(fixture, releaseStatement(), { change });
      assert.match(await reasonOf(), expected);
    });
  }

  it("rejects base64 that says the same in other letters", async () => {
    // Payloads of two lengths of three end in a letter some of whose bits no byte takes.
    const statements = ["", "1", "12"].map((notes) =>
      releaseStatement({ result: { tag: "v1", semver: true, changelog: true, notes } }),
    );
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const respell = (text: string) =>
      text.replace(/(\w)(?==+$)/, (last) => alphabet[alphabet.indexOf(last) ^ 1] as string);
    const change = ({ dsseEnvelope, ...bundle }: SerializedBundle) => ({
      ...bundle,
      dsseEnvelope: { ...dsseEnvelope, payload: respell(dsseEnvelope.payload) },
    });
    for (const statement of statements) await forge(fixture, statement, { change });
    const { evidence, rejected } = await load();
    const reason = "its base64 is not written as base64 is";
    assert.deepEqual([evidence.length, rejected.map((one) => one.reason)], [1, [reason, reason]]);
  });

  const signed = async () => Buffer.from(canonicalJson(await signedBundle(fixture, releaseStatement())));

  it("rejects other bytes for the same statement, even under their own hash", async () => {
    const bytes = Buffer.from(`${await signed()}\n`);
    await put(fixture, `release-${sha256(bytes)}.json`, bytes);
    assert.equal(await reasonOf(), "not written as evidence is: other blanks, order or spelling");
  });

  it("rejects a file whose name gives another hash", async () => {
    await put(fixture, `release-${"0".repeat(64)}.json`, await signed());
    assert.equal(await reasonOf(), "its bytes are not those that its name says: it was changed");
  });

  it("rejects what cannot be parsed, is empty, is too deep, or too big", async () => {
    const contents = [
      "",
      "{",
      "nothing",
      "\ufeff{}",
      "[".repeat(200_000),
      `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
      "\xff",
    ];
    for (const content of contents) {
      const bytes = Buffer.from(content, "latin1");
      await put(fixture, `release-${sha256(bytes)}.json`, bytes);
    }
    const big = Buffer.alloc(largestObject + 1, " ");
    await put(fixture, `release-${sha256(big)}.json`, big);
    const { evidence, rejected } = await load();
    assert.deepEqual([evidence.length, rejected.length], [0, contents.length + 1]);
    assert.ok(rejected.some(({ reason }) => reason === `bigger than ${largestObject} bytes`));
  });

  it("rejects every file that is called otherwise", async () => {
    const bytes = await signed();
    const names = [
      "release.json",
      `release-${sha256(bytes)}.json.bak`,
      `toString-${sha256(bytes)}.json`,
      `below/release-${sha256(bytes)}.json`,
      `Release-${sha256(bytes)}.json`,
    ];
    for (const name of names) await put(fixture, name, bytes);
    const { evidence, rejected } = await load();
    assert.deepEqual([evidence, rejected.map(({ file }) => file).sort()], [[], names.sort()]);
    assert.ok(
      rejected.every(({ kind, reason }) => kind === undefined && reason === "no file of evidence is called so"),
    );
  });
});
