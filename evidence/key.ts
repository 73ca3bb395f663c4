/** Keys that sign evidence where no certificate authority vouches for an identity: the sandbox, air-gapped use, a person. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { EvidenceError } from "./error.ts";

/** Both as PEM: PKCS #8 and SubjectPublicKeyInfo. */
export interface KeyPair {
  privateKey: string;
  publicKey: string;
}

/**
 * A new key: ECDSA on P-256, the kind that cosign makes and every verifier of sigstore knows.
 *
 * @example
 * const { privateKey, publicKey } = createKeyPair();
 */
export function createKeyPair(): KeyPair {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

/**
 * @param pem a private key without a passphrase
 * @throws EvidenceError where it is none, or of a kind that is not supported
 */
export function readPrivateKey(pem: string): KeyObject {
  return checked(() => createPrivateKey(pem), "the private key");
}

/**
 * @param pem `-----BEGIN PUBLIC KEY-----`
 * @throws EvidenceError where it is none, a private one, or of a kind that is not supported
 */
export function readPublicKey(pem: string, whose = "the public key"): KeyObject {
  const read = () => {
    // createPublicKey takes a private key as well, and a private key in the pack is a secret that leaked.
    if (!pem.trimStart().startsWith("-----BEGIN PUBLIC KEY-----")) throw new Error("not -----BEGIN PUBLIC KEY-----");
    return createPublicKey(pem);
  };
  return checked(read, whose);
}

function checked(read: () => KeyObject, whose: string): KeyObject {
  const remedy = "make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256";
  try {
    const key = read();
    if (digestOf(key) !== undefined) return key;
    throw new Error(`${key.asymmetricKeyType} ${key.asymmetricKeyDetails?.namedCurve ?? ""}`.trim());
  } catch (cause) {
    const details = [cause instanceof Error ? cause.message : String(cause)];
    const message = `${whose} is no key of Ed25519 or of ECDSA on P-256, as PEM`;
    throw new EvidenceError(message, { exitCode: 2, details, remedy, cause });
  }
}

/**
 * What is hashed before it is signed: `sha256` for ECDSA, nothing (null) for Ed25519, which hashes by itself.
 *
 * @returns undefined for a kind of key that is not supported
 */
export function digestOf(key: KeyObject): "sha256" | null | undefined {
  if (key.asymmetricKeyType === "ed25519") return null;
  const p256 = key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
  return p256 ? "sha256" : undefined;
}

/** What a bundle calls a key, as sigstore does: SHA-256 of its DER, in base64. It helps to find the key, and proves nothing. */
export function keyHint(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}
