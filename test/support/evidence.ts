/** Proves images in a sandbox, so that a test or a benchmark can deploy where the pack demands evidence. */
import { readFileSync } from "node:fs";
import { policyPackOf } from "../../automation/engine-context.ts";
import { gatesPolicy, sandboxKey, sandboxPack } from "../../automation/gates/sandbox-pack.ts";
import { places, repositoryRoot } from "../../automation/paths.ts";
import { projectSettings, readStackFile } from "../../automation/stack-file.ts";
import { openEvidenceStore } from "../../evidence/open-store.ts";
import { keySigner } from "../../evidence/signer.ts";
import { makeStatement } from "../../evidence/statement.ts";
import { writeCollection, writeEvidence } from "../../evidence/write.ts";
import { checkConfig } from "../../model/config/config.ts";
import { defaultStacks, environmentOf } from "../../model/environment-of.ts";
import { defaults, type Gates } from "../../model/gates/config.ts";
import { packGates } from "../../model/gates/pack.ts";
import { type Kind, reportKinds } from "../../model/gates/results.ts";
import { gatesFor } from "../../model/gates/section.ts";
import { tightenGates } from "../../model/gates/tighten.ts";
import type { People } from "../../model/gates/trust.ts";
import { type ProofResult, proofOf } from "./proof-results.ts";

export interface ProveArgs {
  /** SLUICE_HOME of the sandbox. */
  home: string;
  /** Where the stack's file and the pack are. @default this repository */
  root?: string;
  stack: string;
  repository: string;
  /** `sha256:` and 64 hex digits. */
  digest: string;
  /** @default one that follows from the digest, so that all evidence about an image is of one commit */
  commit?: string;
  /** @default what the stack's own gates and the pack's floor demand together */
  gates?: Gates;
}

const minute = 60_000;

/**
 * Writes evidence that meets every gate of a stack, signed with the sandbox's own key. What is demanded is read where the
 * pack reads it, so that a gate which is added there is met here.
 *
 * @returns the names of the files
 * @example
 * await proveImage({ home: checkout.home, stack: "prod", repository: "api", digest });
 */
export async function proveImage(args: ProveArgs): Promise<string[]> {
  const { home, root = repositoryRoot, stack, repository, digest, commit = digest.slice(-40) } = args;
  const here = places({ SLUICE_HOME: home });
  const pack = policyPackOf(root);
  if (pack === undefined) throw new Error(`${root} has no policy pack`);
  const settings = JSON.parse(readFileSync(sandboxPack(pack, here).config as string, "utf8"))[gatesPolicy];
  const environment = environmentOf(stack, settings.stacks ?? defaultStacks);
  const { trust, floor } = packGates(settings, environment);
  const gates =
    args.gates ?? tightenGates(gatesFor(floor, repository), gatesFor(ownGates(root, stack), repository)).gates;
  const [store, signer] = [openEvidenceStore(trust.evidence), keySigner(sandboxKey(here))];
  const now = Date.now() - minute;
  const subject = { digest, commit, environment, now, approvers: approversAmong(trust.people) };
  const results = proofOf(gates, subject);
  const statement = ({ tool, ...proof }: ProofResult) => {
    const collectedAt = proof.kind === "deployment" ? now - provenFor(gates) : now;
    return makeStatement({ ...proof, digest, commit, repository, tool: { name: tool }, collectedAt });
  };
  const reports = results.filter(({ kind }) => (reportKinds as readonly Kind[]).includes(kind));
  const records = results.filter((one) => !reports.includes(one));
  const files = await writeEvidence({ store, signer, statements: reports.map(statement) });
  const collection = await writeCollection({ store, signer, digest, commit, repository, files, collectedAt: now });
  return [...files, collection, ...(await writeEvidence({ store, signer, statements: records.map(statement) }))];
}

function ownGates(root: string, stack: string) {
  const { config, problems } = checkConfig(projectSettings(readStackFile(root, stack)));
  if (config === undefined) throw new Error(`${stack}: ${problems.map(({ field, rule }) => `${field}: ${rule}`)}`);
  return config.gates;
}

/** How long it must have run elsewhere before, in milliseconds. */
const provenFor = ({ provenIn }: Gates) => (provenIn?.minutes ?? defaults.minutes) * minute;

const approversAmong = (people: People) => (role: string) =>
  Object.entries(people).flatMap(([login, { roles }]) => (roles.includes(role) ? [login] : []));
