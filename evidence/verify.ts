/** Whose signature it is. */
import { type KeyObject, verify } from "node:crypto";
import type { Kind } from "../model/gates/results.ts";
import type { Trust } from "../model/gates/trust.ts";
import { type Bundle, preAuthEncoding } from "./bundle.ts";
import { digestOf, keyHint, readPublicKey } from "./key.ts";
import { Rejection } from "./rejection.ts";

/** One of the pack's signers. */
export interface KnownSigner {
  name: string;
  signs: readonly Kind[];
}

export interface Verified {
  payload: Buffer;
  /** Every signer whose signature it is: one key may stand under several names. Never empty. */
  signers: readonly KnownSigner[];
}

export interface Verifier {
  /** @throws Rejection where nobody whom the pack knows signed it */
  verify(bundle: Bundle): Promise<Verified>;
}

interface KeySigner extends KnownSigner {
  key: KeyObject;
  hint: string;
}

/** A trust is verified with many times; its keys are read once. */
const verifiers = new WeakMap<Trust, Verifier>();

/**
 * @throws EvidenceError where a signer's key is none
 */
export function verifierOf(trust: Trust): Verifier {
  const known = verifiers.get(trust) ?? makeVerifier(trust);
  verifiers.set(trust, known);
  return known;
}

function makeVerifier(trust: Trust): Verifier {
  const keys = Object.entries(trust.signers).flatMap(([name, { publicKey, signs }]): KeySigner[] => {
    if (publicKey === undefined) return [];
    const key = readPublicKey(publicKey, `the public key of the signer ${name}`);
    return [{ name, signs, key, hint: keyHint(key) }];
  });
  return {
    async verify({ dsseEnvelope, verificationMaterial }) {
      const payload = decodeBase64(dsseEnvelope.payload);
      const signed = preAuthEncoding(dsseEnvelope.payloadType, payload);
      const signature = decodeBase64(dsseEnvelope.signatures[0].sig);
      if (!("publicKey" in verificationMaterial))
        throw new Rejection("signed by an identity that the pack does not know");
      const signers = keys.filter(({ key }) => verify(digestOf(key), signed, key, signature));
      if (signers.length === 0) throw new Rejection("signed by a key that the pack does not know, or changed since");
      return { payload, signers };
    },
  };
}

function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Rejection("its base64 is not written as base64 is");
  return bytes;
}
