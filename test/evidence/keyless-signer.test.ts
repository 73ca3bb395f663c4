import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { canonicalJson } from "../../evidence/canonical.ts";
import type { EvidenceError } from "../../evidence/error.ts";
import { keylessSigner, keylessSignerFrom } from "../../evidence/keyless-signer.ts";
import { type SigstoreInstance, startSigstore, tokenOf } from "./sigstore-instance.ts";

const issuer = "https://token.actions.githubusercontent.com";
const workflow = "https://github.com/acme/shop/.github/workflows/deploy.yml@refs/heads/main";
const token = tokenOf({ iss: issuer, sub: workflow });

describe("a keyless signer", function () {
  this.timeout(30_000);
  let sigstore: SigstoreInstance;
  before(async () => {
    sigstore = await startSigstore();
  });
  after(() => sigstore[Symbol.asyncDispose]());

  it("says which service failed, and nothing of the token", async () => {
    sigstore.faults.status = 403;
    try {
      const signing = keylessSigner({ fulcioUrl: sigstore.url, rekorUrl: sigstore.url, token: async () => token }).sign(
        Buffer.from("{}"),
        "text/plain",
      );
      await assert.rejects(signing, (error: EvidenceError) => {
        assert.equal(
          error.message,
          `evidence could not be signed: the certificate authority at ${sigstore.url} failed`,
        );
        assert.match(error.details.join(), /403/);
        return true;
      });
    } finally {
      delete sigstore.faults.status;
    }
    const secret = keylessSigner({ fulcioUrl: sigstore.url, rekorUrl: sigstore.url, token: async () => "se.cr.et" });
    await assert.rejects(secret.sign(Buffer.from("{}"), "text/plain"), (error: EvidenceError) => {
      assert.doesNotMatch([error.message, ...error.details, error.stack].join(), /se\.cr\.et/);
      return /OIDC token is none/.test(error.message);
    });
  });

  it("takes the token of GitHub Actions from where the environment says", async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      asked.push([request.url, request.headers.authorization]);
      response.end(JSON.stringify({ value: tokenOf({ iss: issuer, sub: workflow }) }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const signer = keylessSignerFrom({
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?v=1`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
        SLUICE_FULCIO_URL: `${sigstore.url}/`,
        SLUICE_REKOR_URL: sigstore.url,
      });
      assert.ok(signer);
      const bundle = await signer.sign(Buffer.from("{}"), "text/plain");
      assert.match(canonicalJson(bundle), /"certificate":\{"rawBytes":"M/);
      assert.deepEqual(asked, [["/token?v=1&audience=sigstore", "Bearer bearer"]]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("takes a token that stands in the environment, and offers no signer without one", () => {
    assert.ok(keylessSignerFrom({ SIGSTORE_ID_TOKEN: "a.b.c" }));
    assert.equal(keylessSignerFrom({ SIGSTORE_ID_TOKEN: "", ACTIONS_ID_TOKEN_REQUEST_URL: "https://x" }), undefined);
    assert.throws(
      () => keylessSignerFrom({ SIGSTORE_ID_TOKEN: "a.b.c", SLUICE_REKOR_URL: "rekor" }),
      /SLUICE_REKOR_URL is no URL/,
    );
  });
});
