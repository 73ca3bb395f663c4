import assert from "node:assert/strict";
import { canonicalJson, sha256 } from "../../evidence/canonical.ts";
import { folderKey } from "../../evidence/file-name.ts";
import { loadEvidence } from "../../evidence/load.ts";
import type { Trust } from "../../model/gates/trust.ts";
import { digest, everyKind, type Fixture, makeFixture, releaseStatement } from "./evidence-fixture.ts";
import { type Certificate, makeAuthority, type PrivateAuthority } from "./private-authority.ts";
import { type SigstoreInstance, startSigstore } from "./sigstore-instance.ts";

const issuer = "https://login.example.com";
const workflow = "https://git.example.com/acme/shop/deploy";

/** An authority of one's own without a certificate log: what stands in its certificates decides. */
describe("the names in a certificate", function () {
  this.timeout(60_000);
  let fixture: Fixture;
  let sigstore: SigstoreInstance;
  let authority: PrivateAuthority;
  let trust: Trust;
  before(async () => {
    [fixture, sigstore] = await Promise.all([makeFixture(), startSigstore()]);
    authority = await makeAuthority(fixture.folder);
    const certificates = [{ rawBytes: authority.root }];
    const trustedRoot = await sigstore.writeTrustedRoot(`${fixture.folder}/root.json`, (root) => {
      root.ctlogs = [];
      root.certificateAuthorities = [
        { subject: {}, uri: "https://ca", certChain: { certificates }, validFor: { start: "2020-01-01T00:00:00Z" } },
      ];
    });
    const signers: Trust["signers"] = {
      workflow: { keyless: { issuer, identity: workflow }, signs: everyKind },
      person: { keyless: { issuer, identity: "*@example.com" }, signs: everyKind },
    };
    trust = { ...fixture.trust, trustedRoot, signers };
  });
  after(async () => {
    await sigstore[Symbol.asyncDispose]();
    await fixture[Symbol.asyncDispose]();
  });

  async function load(certificate: Certificate): Promise<string | undefined> {
    const payload = Buffer.from(canonicalJson(releaseStatement()));
    const bytes = Buffer.from(canonicalJson(await authority.sign(certificate, payload, sigstore.url)));
    const key = `${folderKey(digest, "evidence")}release-${sha256(bytes)}.json`;
    const store = {
      ...fixture.store,
      list: async (prefix: string) => [key].filter((one) => one.startsWith(prefix)),
      read: async () => bytes,
    };
    const { evidence, rejected } = await loadEvidence({ store, digest, trust });
    return evidence[0]?.signer ?? rejected[0]?.reason;
  }

  it("are a workflow's address, or a person's", async () => {
    assert.equal(await load({ names: `URI:${workflow}`, issuer }), "workflow");
    assert.equal(await load({ names: "email:grace@example.com", issuer }), "person");
    assert.equal(
      await load({ names: "email:grace@example.com.evil.org", issuer }),
      "signed by grace@example.com.evil.org, whom the pack does not know",
    );
  });

  const unreadable = "its certificate's issuer or identity is absent, or no plain text";
  const cases: Record<string, [Certificate, string]> = {
    "are not two": [
      { names: `URI:${workflow},URI:https://evil.example.com`, issuer },
      "its certificate names not one identity",
    ],
    "are of no other kind": [{ names: "DNS:example.com", issuer }, "its certificate names not one identity"],
    "say who vouches for them": [{ names: `URI:${workflow}` }, unreadable],
    "have no blanks": [{ names: `URI:${workflow} `, issuer: `${issuer} x` }, unreadable],
    "are for signing, not for a server": [
      { names: `URI:${workflow}`, issuer, usage: "serverAuth" },
      "its certificate is not for signing",
    ],
  };
  for (const [name, [certificate, reason]] of Object.entries(cases)) {
    it(name, async () => assert.equal(await load(certificate), reason));
  }
});
