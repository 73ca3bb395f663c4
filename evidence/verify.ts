/** Whose signature it is. */
import { type KeyObject, verify } from "node:crypto";
import { matches } from "../model/gates/pattern.ts";
import type { Kind } from "../model/gates/results.ts";
import type { Trust } from "../model/gates/trust.ts";
import { type Bundle, preAuthEncoding } from "./bundle.ts";
import { digestOf, keyHint, readPublicKey } from "./key.ts";
import type { KeylessVerifier } from "./keyless-verifier.ts";
import { Rejection } from "./rejection.ts";

/** One of the pack's signers. */
export interface KnownSigner {
  name: string;
  signs: readonly Kind[];
}

export interface Verified {
  payload: Buffer;
  /** Every signer whose signature it is: one key, one identity may stand under several names. Never empty. */
  signers: readonly KnownSigner[];
  /** When a log saw the signature, milliseconds since 1970, UTC; keys have none. */
  signedAt?: number | undefined;
}

export interface Verifier {
  /** @throws Rejection where nobody whom the pack knows signed it */
  verify(bundle: Bundle): Promise<Verified>;
}

interface KeySigner extends KnownSigner {
  key: KeyObject;
  hint: string;
}

interface KeylessSigner extends KnownSigner {
  issuer: string;
  identity: string;
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
  const signers = Object.entries(trust.signers);
  const keys = signers.flatMap(([name, { publicKey, signs }]): KeySigner[] => {
    if (publicKey === undefined) return [];
    const key = readPublicKey(publicKey, `the public key of the signer ${name}`);
    return [{ name, signs, key, hint: keyHint(key) }];
  });
  const identities = signers.flatMap(([name, { keyless, signs }]): KeylessSigner[] =>
    keyless === undefined ? [] : [{ name, signs, ...keyless }],
  );
  let keyless: Promise<KeylessVerifier> | undefined;
  const loadKeyless = () => {
    keyless ??= import("./keyless-verifier.ts").then(({ keylessVerifier }) => keylessVerifier(trust.trustedRoot));
    return keyless;
  };
  return {
    async verify(bundle) {
      if ("publicKey" in bundle.verificationMaterial) {
        return verifyWithKeys(bundle, bundle.verificationMaterial.publicKey.hint, keys);
      }
      if (identities.length === 0) throw new Rejection("signed by an identity, and the pack knows none");
      return verifyIdentity(bundle, await loadKeyless(), identities);
    },
  };
}

/** The hint only says where to look first: it is not signed. */
function verifyWithKeys({ dsseEnvelope }: Bundle, hint: string, keys: readonly KeySigner[]): Verified {
  const payload = decodeBase64(dsseEnvelope.payload);
  const signed = preAuthEncoding(dsseEnvelope.payloadType, payload);
  const signature = decodeBase64(dsseEnvelope.signatures[0].sig);
  const holds = ({ key }: KeySigner) => verify(digestOf(key), signed, key, signature);
  const hinted = keys.filter((one) => one.hint === hint && holds(one));
  const signers = hinted.length > 0 ? hinted : keys.filter((one) => one.hint !== hint && holds(one));
  if (signers.length > 0) return { payload, signers };
  const claimed = keys.find((one) => one.hint === hint);
  if (claimed === undefined) throw new Rejection("signed by a key that the pack does not know");
  throw new Rejection(`the signature is not one of ${claimed.name}'s key: changed after it was signed, or forged`);
}

function verifyIdentity(bundle: Bundle, verifier: KeylessVerifier, known: readonly KeylessSigner[]): Verified {
  const { issuer, subject, signedAt } = verifier.identify(bundle);
  const ofIssuer = known.filter((one) => one.issuer === issuer);
  if (ofIssuer.length === 0)
    throw new Rejection(`signed by ${subject} of ${issuer}, an issuer that the pack does not know`);
  const signers = ofIssuer.filter(({ identity }) => matches(identity, subject));
  if (signers.length === 0) throw new Rejection(`signed by ${subject}, whom the pack does not know`);
  return { payload: decodeBase64(bundle.dsseEnvelope.payload), signers, signedAt };
}

function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Rejection("its base64 is not written as base64 is");
  return bytes;
}
