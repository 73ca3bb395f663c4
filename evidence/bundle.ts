/**
 * Sigstore bundles, version 0.3, with a DSSE envelope: what one file of evidence is. `cosign verify-blob-attestation` and
 * every other client of sigstore verify them too.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 */
import * as z from "zod/mini";

export const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
/** https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md */
export const payloadType = "application/vnd.in-toto+json";

/** The alphabet, then a length that base64 has; bytes are decoded only where they are needed. */
const base64 = z
  .string()
  .check(z.refine((text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text), "not base64"));

const envelope = z.strictObject({
  payload: base64,
  payloadType: z.literal(payloadType),
  // One and no more: which of several would be the one that counts?
  signatures: z.tuple([z.strictObject({ sig: base64, keyid: z.optional(z.string()) })]),
});

/** Who saw the signature, and when. Sigstore's library reads them, where they are asked for. */
const witnesses = { tlogEntries: z.optional(z.array(z.unknown())), timestampVerificationData: z.optional(z.unknown()) };
/** Signed by a key that both sides know; the hint says which. */
const keyMaterial = z.strictObject({ publicKey: z.strictObject({ hint: z.string() }), ...witnesses });
/** Signed by a short-lived key, whose certificate names an identity. */
const certificateMaterial = z.strictObject({ certificate: z.strictObject({ rawBytes: base64 }), ...witnesses });

const bundle = z.strictObject({
  mediaType: z.literal(bundleType),
  dsseEnvelope: envelope,
  verificationMaterial: z.union([keyMaterial, certificateMaterial], "neither one public key nor one certificate"),
});

export type Bundle = z.output<typeof bundle>;

/**
 * @throws z.core.$ZodError where it is no such bundle
 */
export function readBundle(value: unknown): Bundle {
  return bundle.parse(value);
}

/**
 * What is signed: type and payload, each with its length, so that neither can be taken for a part of the other.
 * https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export function preAuthEncoding(type: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
