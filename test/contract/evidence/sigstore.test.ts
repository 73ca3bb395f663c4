import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { createKeyPair, type KeyPair } from "../../../evidence/key.ts";
import { keylessSigner } from "../../../evidence/keyless-signer.ts";
import { type EvidenceSigner, keySigner } from "../../../evidence/signer.ts";
import { writeEvidence } from "../../../evidence/write.ts";
import { digest, type Fixture, makeFixture, otherDigest, releaseStatement } from "../../evidence/evidence-fixture.ts";
import { type SigstoreInstance, startSigstore, tokenOf } from "../../evidence/sigstore-instance.ts";
import { requireGoTools } from "../../support/tools.ts";

const issuer = "https://token.actions.githubusercontent.com";
const workflow = "https://github.com/acme/shop/.github/workflows/deploy.yml@refs/heads/main";

/**
 * Files of evidence, verified by sigstore-go, which is what cosign verifies with. (With cosign itself, once the log is
 * left out as keys do: cosign verify-blob-attestation --key KEY.pub --bundle FILE --type https://sluice.dev/evidence/KIND/v1
 * --digest HEX --digestAlg sha256 --insecure-ignore-tlog. It takes minutes to build, so no test does.)
 */
describe("evidence before sigstore-go", () => {
  let verifier: string;
  let fixture: Fixture;
  let sigstore: SigstoreInstance;
  before(async function () {
    this.timeout(600_000);
    verifier = (await requireGoTools(this, "sigstore-go"))["sigstore-go"];
    fixture = await makeFixture();
    sigstore = await startSigstore();
  });
  after(async () => {
    await sigstore?.[Symbol.asyncDispose]();
    await fixture?.[Symbol.asyncDispose]();
  });

  async function write(signer: EvidenceSigner): Promise<string> {
    const [name = ""] = await writeEvidence({ store: fixture.store, signer, statements: [releaseStatement()] });
    return path.join(fixture.folder, "images", digest.slice("sha256:".length), "evidence", name);
  }
  async function verify(file: string, options: Record<string, string>, about = digest): Promise<string> {
    const all = { digest: about.slice("sha256:".length), ...options };
    const args = Object.entries(all).map(([name, value]) => `-${name}=${value}`);
    const { stdout, stderr } = await execa(verifier, [...args, file], { reject: false });
    return stdout + stderr;
  }
  async function withKey({ publicKey }: Pick<KeyPair, "publicKey">): Promise<Record<string, string>> {
    const key = path.join(fixture.folder, "key.pub");
    await writeFile(key, publicKey);
    return { key };
  }

  it("is what ECDSA on P-256 signed, about this image and no other", async () => {
    const pair = createKeyPair();
    const file = await write(keySigner(pair.privateKey));
    assert.equal(await verify(file, await withKey(pair)), "verified");
    assert.match(await verify(file, await withKey(pair), otherDigest), /digest/);
    assert.match(await verify(file, await withKey(createKeyPair())), /signature/);
  });

  it("is what Ed25519 signed", async () => {
    const pair = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    assert.equal(await verify(await write(keySigner(pair.privateKey)), await withKey(pair)), "verified");
  });

  it("is what a workflow signed, by its certificate and the log", async () => {
    const { url } = sigstore;
    const token = async () => tokenOf({ iss: issuer, sub: workflow });
    const file = await write(keylessSigner({ fulcioUrl: url, rekorUrl: url, token }));
    const root = await sigstore.writeTrustedRoot(path.join(fixture.folder, "trusted_root.json"));
    const identity = { root, issuer, identity: workflow };
    assert.equal(await verify(file, identity), "verified");
    assert.match(await verify(file, { ...identity, identity: `${workflow}s` }), /certificate identity/);
  });
});
