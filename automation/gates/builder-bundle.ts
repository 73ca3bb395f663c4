/** Provenance that its builder signed: it is kept byte for byte, and counts by that signature. */
import { type Bundle, readBundle } from "../../evidence/bundle.ts";
import { parseBytes, sha256 } from "../../evidence/canonical.ts";
import { Rejection } from "../../evidence/rejection.ts";
import { verifierOf } from "../../evidence/verify.ts";
import { configurationError } from "../errors.ts";
import { readReportFile } from "../readers/file.ts";
import type { Pack } from "./pack.ts";

interface BundleArgs {
  /** Folder of the repository. */
  root: string;
  /** Of the bytes that were read as a report. */
  sha256: string;
  trust: Pack["trust"];
}

/**
 * @returns undefined where the file holds no bundle, but a bare statement: that counts as the collector's own word
 * @throws SluiceError (2) where nobody whom the pack believes signed it: kept, it would be refused as a forgery
 * @example
 * await builderBundle("provenance.json", { root, sha256, trust })
 */
export async function builderBundle(file: string, args: BundleArgs): Promise<Buffer | undefined> {
  const bytes = Buffer.from((await readReportFile(file, args)).text);
  if (sha256(bytes) !== args.sha256) throw configurationError(`${file}: changed while it was read`);
  const bundle = asBundle(bytes);
  if (bundle === undefined) return undefined;
  try {
    const { signers } = await verifierOf(args.trust).verify(bundle);
    if (signers.some(({ signs }) => signs.includes("provenance"))) return bytes;
    throw new Rejection(`signed by ${signers.map(({ name }) => name).join(", ")}, who signs no provenance`);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    throw configurationError(`${file}: ${error.message}`, {
      remedy: "let the pack know its builder (signers), or hand in the bare statement: it counts as your own word then",
      cause: error,
    });
  }
}

function asBundle(bytes: Buffer): Bundle | undefined {
  try {
    return readBundle(parseBytes(bytes));
  } catch {
    return undefined;
  }
}
