/** Judges images as an update would be judged: the pack's floor, the stack's own gates, the evidence there is. */
import { loadEvidence } from "../../evidence/load.ts";
import { checkConfig } from "../../model/config/config.ts";
import type { Gates } from "../../model/gates/config.ts";
import type { EvidenceSet } from "../../model/gates/evidence.ts";
import { demandsEvidence, judge } from "../../model/gates/judge.ts";
import { type GatesSection, gatesFor } from "../../model/gates/section.ts";
import { tightenGates } from "../../model/gates/tighten.ts";
import { configurationError } from "../errors.ts";
import { localStack, type Target } from "../target.ts";
import type { GateReport, JudgedImage } from "./gate-report.ts";
import type { Pack } from "./pack.ts";
import type { WantedImage } from "./wanted-images.ts";

/** The gates of a stack, wherever they come from. */
export interface StackGates {
  floor: GatesSection;
  /** The stack's own section. */
  own: GatesSection | undefined;
}

/** @param settings of the stack, checked before */
export function stackGates({ floor }: Pick<Pack, "floor">, settings: Record<string, unknown>): StackGates {
  return { floor, own: checkConfig(settings).config?.gates };
}

/**
 * The gates in force for a repository's images.
 *
 * @throws SluiceError (2) where the stack asks for less than the pack: neither is taken in silence
 * @example
 * gatesInForce(stackGates(pack, config.settings), "api").coverage
 */
export function gatesInForce({ floor, own }: StackGates, repository: string): Gates {
  const demanded = gatesFor(floor, repository);
  if (own === undefined) return demanded;
  const { gates, problems } = tightenGates(demanded, gatesFor(own, repository));
  if (problems.length === 0) return gates;
  throw configurationError(`the stack's gates for ${repository} are looser than the policy pack's`, {
    details: problems.map(({ field, rule, value, remedy }) => `${field}: ${rule}; got ${value}; ${remedy}`),
    remedy: "gates of a stack can only tighten: take these settings out of sluice:gates",
  });
}

/** An image with its gates, all that is known of it, and the verdict. */
export interface Judgement extends JudgedImage {
  gates: Gates;
  evidence: EvidenceSet;
}

/**
 * @throws SluiceError (2) as {@link gatesInForce}; EvidenceError where the store cannot be read: that is never "no evidence"
 */
export async function judgeImages(
  pack: Pack,
  stack: StackGates,
  images: readonly WantedImage[],
  now: number,
): Promise<Judgement[]> {
  const { environment, trust, store } = pack;
  return Promise.all(
    images.map(async ({ digest, ...image }) => {
      const gates = gatesInForce(stack, image.repository);
      // As in the pack: an environment without gates needs no evidence, and nowhere to keep it.
      const evidence = demandsEvidence(gates)
        ? await loadEvidence({ store, digest, trust })
        : { digest, evidence: [], rejected: [] };
      const verdict = judge({ digest, repository: image.repository, environment, gates, evidence, trust, now });
      return { ...image, gates, evidence, verdict };
    }),
  );
}

/** Options that mean this stack, for commands to paste. */
export function stackFlags({ stack, sandbox }: Pick<Target, "stack" | "sandbox">): string {
  return `--stack ${stack}${sandbox && stack !== localStack ? " --sandbox" : ""}`;
}

/** @returns the report on judgements of one stack */
export function reportOn(
  { stack, sandbox }: Pick<Target, "stack" | "sandbox">,
  pack: Pack,
  images: readonly Judgement[],
  now: number,
): GateReport {
  const { environment, strictness } = pack;
  return {
    stack,
    flags: stackFlags({ stack, sandbox }),
    environment,
    strictness,
    judgedAt: new Date(now).toISOString(),
    images: images.map(({ services, repository, tag, as, verdict }) => ({ services, repository, tag, as, verdict })),
  };
}
