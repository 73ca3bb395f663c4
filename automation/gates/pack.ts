/** What the pack demands of a stack's images and whom it believes, for the commands that gather proof or show it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { keylessSignerFrom } from "../../evidence/keyless-signer.ts";
import { openEvidenceStore } from "../../evidence/open-store.ts";
import { type EvidenceSigner, keySigner } from "../../evidence/signer.ts";
import type { EvidenceStore } from "../../evidence/store.ts";
import { defaultStacks, environmentOf } from "../../model/environment-of.ts";
import { packGates, type Strictness } from "../../model/gates/pack.ts";
import type { GatesSection } from "../../model/gates/section.ts";
import type { Trust } from "../../model/gates/trust.ts";
import { configurationError } from "../errors.ts";
import type { Target } from "../target.ts";
import { gatesPolicy, sandboxKey } from "./sandbox-pack.ts";

export interface Pack {
  /** The stack's environment, as the pack sees it. */
  environment: string;
  trust: Trust;
  /** What the pack demands there at least; a stack's own gates may only add to it. */
  floor: GatesSection;
  /** Whether a refusal by the gates stops an update there. */
  strictness: Strictness;
  store: EvidenceStore;
  /**
   * Who signs what this run finds out: the sandbox's key; elsewhere the key in SLUICE_EVIDENCE_KEY_FILE, or the
   * workflow's identity in GitHub Actions.
   *
   * @throws SluiceError (2) where there is neither
   */
  signer(): Promise<EvidenceSigner>;
}

/**
 * Reads the pack's config that runs on this stack are judged by.
 *
 * @throws SluiceError (2) where there is none, or it is malformed
 * @example
 * const { environment, floor, store } = openPack(target);
 */
export function openPack(target: Pick<Target, "stack" | "sandbox" | "places" | "context">): Pack {
  const file = target.context.policyPack?.config;
  if (file === undefined) {
    throw configurationError("the policy pack has no config.json", { remedy: "restore policy/config.json" });
  }
  try {
    const config = JSON.parse(readFileSync(file, "utf8"))[gatesPolicy] ?? {};
    const environment = environmentOf(target.stack.split("/").at(-1) as string, config.stacks ?? defaultStacks);
    const read = packGates(config, environment);
    const { trustedRoot } = read.trust;
    // As the pack itself reads it: relative to its config.
    if (trustedRoot !== undefined) read.trust.trustedRoot = path.resolve(path.dirname(file), trustedRoot);
    return { environment, ...read, store: openEvidenceStore(read.trust.evidence), signer: () => signerOf(target) };
  } catch (error) {
    throw configurationError(`the pack's config cannot be used: ${(error as Error).message}`, {
      remedy: `mend "${gatesPolicy}" in policy/config.json`,
    });
  }
}

async function signerOf({ sandbox, places }: Pick<Target, "sandbox" | "places">): Promise<EvidenceSigner> {
  if (sandbox) return keySigner(sandboxKey(places));
  const file = process.env.SLUICE_EVIDENCE_KEY_FILE;
  if (file) {
    try {
      return keySigner(readFileSync(file, "utf8"));
    } catch (error) {
      throw configurationError(`SLUICE_EVIDENCE_KEY_FILE cannot be used: ${(error as Error).message}`, {
        remedy: "name a PEM file with a private key: Ed25519 or ECDSA P-256",
      });
    }
  }
  const keyless = keylessSignerFrom(process.env);
  if (keyless !== undefined) return keyless;
  throw configurationError("nothing here can sign evidence", {
    remedy:
      "run it in GitHub Actions with `permissions: id-token: write`, or set SLUICE_EVIDENCE_KEY_FILE to a PEM file",
  });
}
