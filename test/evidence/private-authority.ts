/** A certificate authority made with openssl, for certificates that sigstore's own would never give out. */
import { sign } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { bundleType, payloadType, preAuthEncoding } from "../../evidence/bundle.ts";

export interface Certificate {
  /** As openssl writes it, e.g. `URI:https://...`. */
  names: string;
  /** OIDC issuer. @default none */
  issuer?: string;
  /** @default codeSigning */
  usage?: string;
}

export interface PrivateAuthority {
  /** The certificate authority's own certificate, base64 of its DER. */
  root: string;
  /** Signs as whoever the certificate names, and has the signature logged. */
  sign(certificate: Certificate, payload: Buffer, rekorUrl: string): Promise<object>;
}

/** @param folder of the test's own */
export async function makeAuthority(folder: string): Promise<PrivateAuthority> {
  const at = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execa("openssl", args, { cwd: folder });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const der = async (file: string) =>
    Buffer.from((await readFile(at(file), "utf8")).replace(/-----[^-]+-----|\s/g, ""), "base64");
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/O=test/CN=authority",
  );
  return {
    root: (await der("ca.pem")).toString("base64"),
    async sign({ names, issuer, usage = "codeSigning" }, payload, rekorUrl) {
      const oidc = issuer === undefined ? "" : `1.3.6.1.4.1.57264.1.8=ASN1:UTF8String:${issuer}\n`;
      await writeFile(
        at("leaf.cnf"),
        `subjectAltName=${names}\nextendedKeyUsage=${usage}\nauthorityKeyIdentifier=keyid\n${oidc}`,
      );
      await openssl("req", ...newKey, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=leaf");
      const ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2"];
      await openssl("x509", "-req", "-in", "leaf.csr", ...ca, "-days", "1", "-extfile", "leaf.cnf", "-out", "leaf.pem");
      const key = await readFile(at("leaf.key"), "utf8");
      const sig = sign("sha256", preAuthEncoding(payloadType, payload), key).toString("base64");
      const dsseEnvelope = { payload: payload.toString("base64"), payloadType, signatures: [{ sig, keyid: "" }] };
      const verifier = (await readFile(at("leaf.pem"))).toString("base64");
      return {
        mediaType: bundleType,
        dsseEnvelope,
        verificationMaterial: {
          certificate: { rawBytes: (await der("leaf.pem")).toString("base64") },
          tlogEntries: [await logged(rekorUrl, { envelope: JSON.stringify(dsseEnvelope), verifiers: [verifier] })],
        },
      };
    },
  };
}

/** What a client makes of Rekor's answer: https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_rekor.proto */
async function logged(url: string, proposedContent: object): Promise<object> {
  const body = JSON.stringify({ apiVersion: "0.0.1", kind: "dsse", spec: { proposedContent } });
  const answer = await fetch(`${url}/api/v1/log/entries`, { method: "POST", body });
  const [entry] = Object.values((await answer.json()) as Record<string, RekorEntry>);
  if (entry === undefined) throw new Error(`the log answered ${answer.status}`);
  const { logIndex, rootHash, treeSize, hashes, checkpoint } = entry.verification.inclusionProof;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, "hex").toString("base64") },
    kindVersion: { kind: "dsse", version: "0.0.1" },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp: entry.verification.signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(logIndex),
      rootHash: Buffer.from(rootHash, "hex").toString("base64"),
      treeSize: String(treeSize),
      hashes: hashes.map((hash) => Buffer.from(hash, "hex").toString("base64")),
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: entry.body,
  };
}

interface RekorEntry {
  body: string;
  integratedTime: number;
  logID: string;
  logIndex: number;
  verification: {
    signedEntryTimestamp: string;
    inclusionProof: { logIndex: number; rootHash: string; treeSize: number; hashes: string[]; checkpoint: string };
  };
}
