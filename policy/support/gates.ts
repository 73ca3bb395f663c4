/**
 * Judges images: reads the evidence about them and asks the model. It is loaded when there is an image to judge, and not
 * before: what it needs would slow the start of the pack for every stack that has none.
 */
import path from "node:path";
import { loadEvidence } from "../../evidence/load.ts";
import { openEvidenceStore } from "../../evidence/open-store.ts";
import type { EvidenceSet } from "../../model/gates/evidence.ts";
import { demandsEvidence, judge } from "../../model/gates/judge.ts";
import { packGates } from "../../model/gates/pack.ts";
import { type GatesSection, gatesFor } from "../../model/gates/section.ts";
import { tightenGates } from "../../model/gates/tighten.ts";
import type { Trust } from "../../model/gates/trust.ts";
import type { Verdict } from "../../model/gates/verdict.ts";
import type { ImageReference } from "./image-reference.ts";

/** What the pack's config says of gates, as the policy was given it. */
export interface GateSettings {
  readonly evidence: string;
  readonly trustedRoot: string;
  readonly signers: unknown;
  readonly people: unknown;
  readonly gates: unknown;
}

export interface ImageArgs {
  image: ImageReference;
  environment: string;
  settings: GateSettings;
  /** The stack's own gates. @default none */
  own?: GatesSection | undefined;
}

/**
 * A verdict on an image.
 *
 * @throws Error where it cannot be judged: the pack's config is wrong, or the evidence cannot be read
 * @example
 * (await verdictOn({ image, environment: "prod", settings })).allowed
 */
export async function verdictOn({ image, environment, settings, own }: ImageArgs): Promise<Verdict> {
  const { digest, repository } = image;
  const { trust, floor } = packOf(settings, environment);
  const atLeast = gatesFor(floor, repository);
  const gates = own === undefined ? atLeast : tightenGates(atLeast, gatesFor(own, repository)).gates;
  // Where nothing is demanded nothing is read: an environment without gates needs no evidence, and nowhere to keep it.
  const evidence = demandsEvidence(gates) ? await evidenceOn(digest, trust) : { digest, evidence: [], rejected: [] };
  return judge({ digest, repository, environment, gates, evidence, trust, now: Date.now() });
}

/**
 * What of a stack's own gates is looser than the floor, or malformed, for a repository.
 *
 * @throws Error where the pack's config is wrong
 */
export function looserThanFloor(own: GatesSection, { image, environment, settings }: ImageArgs) {
  const floor = gatesFor(packOf(settings, environment).floor, image.repository);
  return tightenGates(floor, gatesFor(own, image.repository)).problems;
}

type Pack = ReturnType<typeof packGates>;
/** The pack's config is read once, for each environment that a process judges. */
const packs = new Map<string, Pack>();

function packOf({ evidence, trustedRoot, signers, people, gates }: GateSettings, environment: string): Pack {
  const roots = trustedRoot === "" ? {} : { trustedRoot: path.resolve(packFolder, trustedRoot) };
  const given = { evidence, signers, people, gates, ...roots };
  const key = JSON.stringify([environment, given]);
  const pack = packs.get(key) ?? packGates(given, environment);
  packs.set(key, pack);
  return pack;
}

const packFolder = path.dirname(import.meta.dirname);

/** One reading for all judgements of an image: by the release, and by every task definition that runs it. */
const readings = new WeakMap<Trust, Map<string, Promise<EvidenceSet>>>();

function evidenceOn(digest: string, trust: Trust): Promise<EvidenceSet> {
  const known = readings.get(trust) ?? new Map<string, Promise<EvidenceSet>>();
  readings.set(trust, known);
  const reading = known.get(digest) ?? loadEvidence({ store: openEvidenceStore(trust.evidence), digest, trust });
  known.set(digest, reading);
  return reading;
}
