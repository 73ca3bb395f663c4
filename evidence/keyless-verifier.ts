/**
 * Signatures by an identity: a short-lived certificate of a trusted authority, and a transparency log that saw it while it was
 * valid. Sigstore's own library verifies. Loaded for such bundles only: it takes longer than all the rest.
 */
import { X509Certificate as CertificateReader } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { X509Certificate } from "@sigstore/core";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from "@sigstore/verify";
import { EvidenceError } from "./error.ts";
import { Rejection } from "./rejection.ts";

/** What a certificate says of whoever signed. */
export interface Identity {
  /** OIDC issuer. */
  issuer: string;
  /** URI or e-mail address. */
  subject: string;
  /** When the log, or a timestamp authority, saw the signature: milliseconds since 1970, UTC. */
  signedAt?: number;
}

export interface KeylessVerifier {
  /** @param bundle as JSON has it @throws Rejection where the signature does not hold */
  identify(bundle: object): Identity;
}

/**
 * @param file absolute path of a trusted_root.json
 * @default the one of sigstore's public instance, as its client ships it: nothing is fetched
 * @throws EvidenceError where it cannot be read
 */
export async function keylessVerifier(file?: string): Promise<KeylessVerifier> {
  const root = await trustedRoot(file);
  const verifier = new Verifier(toTrustMaterial(root), {
    // An authority without a certificate log, or without a transparency log, is verified by what it has. Time is always asked for.
    ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
    tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  });
  return { identify: (bundle) => identify(verifier, bundle) };
}

const publicInstance = "https://tuf-repo-cdn.sigstore.dev";

async function trustedRoot(file: string | undefined): Promise<TrustedRoot> {
  try {
    if (file === undefined) {
      const { default: seeds } = await import("@sigstore/tuf/seeds.json", { with: { type: "json" } });
      const root = Buffer.from(seeds[publicInstance].targets["trusted_root.json"], "base64");
      return TrustedRoot.fromJSON(JSON.parse(root.toString()));
    }
    if (!path.isAbsolute(file)) throw new Error("it is no absolute path");
    const root = TrustedRoot.fromJSON(JSON.parse(await readFile(file, "utf8")));
    if (root.certificateAuthorities.length === 0) throw new Error("it names no certificate authority");
    toTrustMaterial(root);
    return root;
  } catch (cause) {
    throw new EvidenceError(`the trusted root ${file ?? "that sigstore ships"} cannot be read`, {
      exitCode: 2,
      details: [(cause as Error).message],
      remedy: "name sigstore's trusted_root.json, or the one of your own instance, in the pack's `trustedRoot`",
      cause,
    });
  }
}

function identify(verifier: Verifier, json: object): Identity {
  try {
    const bundle = bundleFromJSON(json);
    verifier.verify(toSignedEntity(bundle));
    const { content, tlogEntries } = bundle.verificationMaterial;
    if (content.$case !== "certificate") throw new Rejection("it carries no certificate");
    const seconds = Number(tlogEntries[0]?.integratedTime ?? 0);
    return {
      ...namesIn(Buffer.from(content.certificate.rawBytes)),
      // Version 2 of the log gives no time of its own.
      ...(seconds > 0 ? { signedAt: seconds * 1000 } : {}),
    };
  } catch (error) {
    if (error instanceof Rejection || error instanceof EvidenceError) throw error;
    throw new Rejection(reasonOf(error as Error));
  }
}

function reasonOf(error: Error): string {
  const { message, cause } = error;
  const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
  if (!(error instanceof VerificationError)) return `its bundle cannot be read: ${why}`;
  if (error.code === "CERTIFICATE_ERROR") return `its certificate is not to be trusted: ${why}`;
  if (error.code === "SIGNATURE_ERROR") return "changed after it was signed";
  if (error.code === "TIMESTAMP_ERROR") return `nobody vouches for the time of its signature: ${why}`;
  return `the transparency log does not vouch for it: ${why}`;
}

const issuerExtension = "1.3.6.1.4.1.57264.1.8";
const subjectExtension = "2.5.29.17";
const codeSigning = "1.3.6.1.5.5.7.3.3";

/**
 * Issuer and subject, byte for byte: sigstore's library drops the highest bit of every byte of them, with which other names
 * could be made to look like these. https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
 */
function namesIn(der: Buffer<ArrayBuffer>): Omit<Identity, "signedAt"> {
  if (!new CertificateReader(der).keyUsage?.includes(codeSigning))
    throw new Rejection("its certificate is not for signing");
  const certificate = X509Certificate.parse(der);
  const subjects = certificate.extension(subjectExtension)?.valueObj.subs[0]?.subs ?? [];
  const [subject, ...others] = subjects;
  // rfc822Name and uniformResourceIdentifier: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
  const isName = subject?.tag.isContextSpecific(1) || subject?.tag.isContextSpecific(6);
  if (subject === undefined || others.length > 0 || !isName)
    throw new Rejection("its certificate names not one identity");
  const issuer = certificate.extension(issuerExtension)?.valueObj.subs[0]?.value;
  return { issuer: asciiOf(issuer), subject: asciiOf(subject.value) };
}

function asciiOf(bytes: Buffer | undefined): string {
  const text = bytes?.toString("latin1") ?? "";
  if (!/^[\x21-\x7e]{1,2048}$/.test(text))
    throw new Rejection("its certificate's issuer or identity is absent, or no plain text");
  return text;
}
