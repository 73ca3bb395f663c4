import assert from "node:assert/strict";
import path from "node:path";
import { canonicalJson, sha256 } from "../../evidence/canonical.ts";
import { EvidenceError } from "../../evidence/error.ts";
import { keylessSigner } from "../../evidence/keyless-signer.ts";
import { loadEvidence } from "../../evidence/load.ts";
import { writeEvidence } from "../../evidence/write.ts";
import type { Trust } from "../../model/gates/trust.ts";
import {
  collectedAt,
  digest,
  everyKind,
  type Fixture,
  makeFixture,
  otherDigest,
  releaseStatement,
} from "./evidence-fixture.ts";
import { type SigstoreInstance, startSigstore, type TrustedRootFile, tokenOf } from "./sigstore-instance.ts";

const issuer = "https://token.actions.githubusercontent.com";
const workflow = "https://github.com/acme/shop/.github/workflows/deploy.yml@refs/heads/main";

interface SerializedBundle {
  dsseEnvelope: { payload: string; signatures: { sig: string }[] };
  verificationMaterial: {
    certificate: { rawBytes: string };
    tlogEntries: { inclusionPromise?: unknown; inclusionProof?: unknown; integratedTime: string }[];
  };
}

describe("keyless signing, against an authority and a log of the test's own", function () {
  this.timeout(30_000);
  let sigstore: SigstoreInstance;
  let other: SigstoreInstance;
  let fixture: Fixture;
  before(async () => {
    [sigstore, other] = await Promise.all([startSigstore(), startSigstore()]);
  });
  after(async () => {
    await sigstore[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const signerAt = ({ url }: SigstoreInstance, claims = { iss: issuer, sub: workflow }) =>
    keylessSigner({ fulcioUrl: url, rekorUrl: url, token: async () => tokenOf(claims) });
  async function trustIn(
    instance: SigstoreInstance,
    about: { issuer?: string; identity?: string; change?: (root: TrustedRootFile) => void } = {},
  ): Promise<Trust> {
    const trustedRoot = await instance.writeTrustedRoot(path.join(fixture.folder, "trusted_root.json"), about.change);
    const keyless = { issuer, identity: workflow, ...about };
    return {
      ...fixture.trust,
      trustedRoot,
      signers: { ci: { keyless: { issuer: keyless.issuer, identity: keyless.identity }, signs: everyKind } },
    };
  }
  /** Signs, lets the test change what was signed, and loads it. */
  async function load(
    trust: Trust,
    { signer = signerAt(sigstore), change = (bundle: SerializedBundle): unknown => bundle } = {},
  ) {
    const bundle = await signer.sign(Buffer.from(canonicalJson(releaseStatement())), "application/vnd.in-toto+json");
    const bytes = Buffer.from(canonicalJson(change(structuredClone(bundle) as SerializedBundle)));
    await fixture.store.create(`images/${digest.slice(7)}/evidence/release-${sha256(bytes)}.json`, bytes);
    const { evidence, rejected } = await loadEvidence({ store: fixture.store, digest, trust });
    assert.equal(evidence.length + rejected.length, 1);
    return { evidence: evidence[0], reason: rejected[0]?.reason };
  }

  it("loads what the workflow signed", async () => {
    const [file] = await writeEvidence({
      store: fixture.store,
      signer: signerAt(sigstore),
      statements: [releaseStatement()],
    });
    const { evidence, rejected } = await loadEvidence({ store: fixture.store, digest, trust: await trustIn(sigstore) });
    assert.deepEqual(rejected, []);
    assert.deepEqual(
      evidence.map(({ signer, kind, file }) => ({ signer, kind, file })),
      [{ signer: "ci", kind: "release", file }],
    );
  });

  for (const [identity, known] of [
    ["https://github.com/acme/*/.github/workflows/deploy.yml@refs/heads/main", true],
    ["https://github.com/*/.github/workflows/deploy.yml@refs/heads/main", false],
    ["https://github.com/acme/shop/.github/workflows/deploy.yml@refs/heads/*", true],
    ["https://github.com/acme/shop/.github/workflows/deploy-yml@refs/heads/main", false],
    ["https://github.com/acme/shop/.github/workflows/deploy.yml@refs/heads/mai", false],
    [`${workflow}.evil`, false],
    [".*", false],
    ["*", false],
  ] as const) {
    it(`${known ? "knows" : "does not know"} the workflow by ${identity}`, async () => {
      const { evidence, reason } = await load(await trustIn(sigstore, { identity }));
      assert.equal(evidence?.signer, known ? "ci" : undefined);
      assert.equal(reason, known ? undefined : `signed by ${workflow}, whom the pack does not know`);
    });
  }

  it("rejects an identity that looks like the known one once its bytes lose their highest bit", async () => {
    // U+1BEE is E1 AF AE, and becomes "a/." that way.
    const sub = "https://github.com/acme/shop/.github/workflows/deploy.yml@refs/heads/m\u1beein";
    const { reason } = await load(await trustIn(sigstore, { identity: sub.replace("\u1bee", "a/.") }), {
      signer: signerAt(sigstore, { iss: issuer, sub }),
    });
    assert.match(reason ?? "", /issuer or identity is absent, or no plain text$/);
  });

  it("rejects another issuer, whatever identity it vouches for", async () => {
    const { reason } = await load(await trustIn(sigstore), {
      signer: signerAt(sigstore, { iss: "https://gitlab.com", sub: workflow }),
    });
    assert.equal(reason, `signed by ${workflow} of https://gitlab.com, an issuer that the pack does not know`);
  });

  it("rejects the certificate of another authority", async () => {
    const { reason } = await load(await trustIn(sigstore), { signer: signerAt(other) });
    assert.match(reason ?? "", /^its certificate is not to be trusted: .*certificate/);
  });

  it("rejects the log of another instance", async () => {
    const { url } = sigstore;
    const token = async () => tokenOf({ iss: issuer, sub: workflow });
    const { reason } = await load(await trustIn(sigstore), {
      signer: keylessSigner({ fulcioUrl: url, rekorUrl: other.url, token }),
    });
    assert.match(reason ?? "", /^the transparency log does not vouch for it: /);
  });

  it("rejects a certificate that the authority's own log never saw", async () => {
    const change = (root: TrustedRootFile) => {
      root.ctlogs = (other.trustedRoot as TrustedRootFile).ctlogs;
    };
    const { reason } = await load(await trustIn(sigstore, { change }));
    assert.match(reason ?? "", /^its certificate is not to be trusted: SCT verification failed$/);
  });

  it("rejects a certificate that had expired when the log saw it", async () => {
    await using late = await startSigstore({ authority: new Date(Date.now() - 3_600_000), log: new Date() });
    const { reason } = await load(await trustIn(late), { signer: signerAt(late) });
    assert.match(reason ?? "", /^its certificate is not to be trusted: .*not valid or expired/);
  });

  it("goes by the log's time, not by the time it is", async () => {
    // The mock's authority itself is valid from now on, so its certificates of the past prove nothing.
    const then = new Date(Date.now() + 3_600_000);
    await using later = await startSigstore({ authority: then, log: then });
    const { evidence, reason } = await load(await trustIn(later), { signer: signerAt(later) });
    assert.deepEqual([evidence?.signer, evidence?.collectedAt, reason], ["ci", collectedAt, undefined]);
  });

  const changes: Record<string, [(bundle: SerializedBundle) => unknown, RegExp]> = {
    "without an entry in the log": [
      (bundle) => ({ ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [] } }),
      /^nobody vouches for the time of its signature: expected 1 timestamps, got 0$/,
    ],
    "whose entry has neither promise nor proof": [
      (bundle) => {
        for (const entry of bundle.verificationMaterial.tlogEntries) {
          delete entry.inclusionPromise;
          delete entry.inclusionProof;
        }
        return bundle;
      },
      /^its bundle cannot be read: /,
    ],
    "whose entry was dated back": [
      (bundle) => {
        for (const entry of bundle.verificationMaterial.tlogEntries)
          entry.integratedTime = String(Number(entry.integratedTime) - 1);
        return bundle;
      },
      /^(the transparency log does not vouch for it|its certificate is not to be trusted): /,
    ],
    "whose statement was swapped for another": [
      (bundle) => {
        bundle.dsseEnvelope.payload = Buffer.from(canonicalJson(releaseStatement({ digest: otherDigest }))).toString(
          "base64",
        );
        return bundle;
      },
      /^the transparency log does not vouch for it: DSSE payload hash mismatch$|^changed after it was signed$/,
    ],
    "that carries a key's hint in place of the certificate": [
      ({ verificationMaterial: { certificate: _, ...rest }, ...bundle }) => ({
        ...bundle,
        verificationMaterial: { ...rest, publicKey: { hint: "x" } },
      }),
      /^signed by a key that the pack does not know$/,
    ],
  };
  for (const [name, [change, expected]] of Object.entries(changes)) {
    it(`rejects a bundle ${name}`, async () => {
      assert.match((await load(await trustIn(sigstore), { change })).reason ?? "", expected);
    });
  }

  it("rejects the entry and the certificate of another statement", async () => {
    const payload = Buffer.from(canonicalJson(releaseStatement({ digest: otherDigest })));
    const donor = (await signerAt(sigstore).sign(payload, "application/vnd.in-toto+json")) as SerializedBundle;
    const { reason } = await load(await trustIn(sigstore), {
      change: (bundle) => ({ ...bundle, verificationMaterial: donor.verificationMaterial }),
    });
    assert.match(reason ?? "", /^the transparency log does not vouch for it: tlog entry signature mismatch$/);
  });

  it("rejects an identity where the pack knows keys only, and does not look at any root then", async () => {
    const trust = { ...fixture.trust, trustedRoot: "/nowhere/trusted_root.json" };
    assert.equal((await load(trust)).reason, "signed by an identity, and the pack knows none");
  });

  it("rejects what the public instance did not sign, where no root is named", async () => {
    const { trustedRoot: _, ...trust } = await trustIn(sigstore);
    assert.match((await load(trust)).reason ?? "", /^its certificate is not to be trusted: /);
  });

  it("cannot load anything with a root that cannot be read", async () => {
    const trust = { ...(await trustIn(sigstore)), trustedRoot: path.join(fixture.folder, "absent.json") };
    await assert.rejects(load(trust), (error) => error instanceof EvidenceError && /trusted root/.test(error.message));
    const relative = { ...(await trustIn(sigstore)), trustedRoot: "trusted_root.json" };
    await assert.rejects(load(relative), { details: ["it is no absolute path"] });
  });
});
