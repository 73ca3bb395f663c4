/** Whoever puts a name under evidence. */
import { createPublicKey, sign } from "node:crypto";
import { bundleType, preAuthEncoding } from "./bundle.ts";
import { digestOf, keyHint, readPrivateKey } from "./key.ts";

export interface EvidenceSigner {
  /**
   * @returns a sigstore bundle, version 0.3, with a DSSE envelope, as JSON has it
   * @throws EvidenceError where it cannot be signed
   */
  sign(payload: Buffer, payloadType: string): Promise<object>;
}

/**
 * Signs with a key. Neither certificate nor log: the verifier knows the key.
 *
 * @param pem private key, Ed25519 or ECDSA on P-256, without a passphrase
 * @throws EvidenceError where it is none
 * @example
 * await writeEvidence({ store, signer: keySigner(await readFile("evidence-key.pem", "utf8")), statements });
 */
export function keySigner(pem: string): EvidenceSigner {
  const key = readPrivateKey(pem);
  const hint = keyHint(createPublicKey(key));
  return {
    async sign(payload, payloadType) {
      const sig = sign(digestOf(key), preAuthEncoding(payloadType, payload), key).toString("base64");
      return {
        mediaType: bundleType,
        verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
        dsseEnvelope: { payload: payload.toString("base64"), payloadType, signatures: [{ sig, keyid: "" }] },
      };
    },
  };
}
