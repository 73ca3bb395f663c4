/** What `sluice gate check` and `gate report` say: the verdicts on every image that a stack would run. */
import type { GateVerdict, Verdict } from "../../model/gates/verdict.ts";
import type { WantedImage } from "./wanted-images.ts";

/** One image, judged. */
export interface JudgedImage {
  /** Services that would run it. */
  services: readonly string[];
  repository: string;
  /** Tag it was asked for by, where there was one. */
  tag: string | undefined;
  /** Why the stack has it. */
  as: WantedImage["as"];
  verdict: Verdict;
}

export interface GateReport {
  stack: string;
  /** Options by which commands find the stack, e.g. `--stack prod --sandbox`. */
  flags: string;
  environment: string;
  /** `mandatory` refuses; `advisory` warns. */
  strictness: "mandatory" | "advisory" | "disabled";
  /** ISO 8601. */
  judgedAt: string;
  images: readonly JudgedImage[];
}

/** Whether an update would be let through. */
export function isAllowed({ images, strictness }: GateReport): boolean {
  return strictness !== "mandatory" || images.every(({ verdict }) => verdict.allowed);
}

/** Gates in the order in which people read them: what refuses first, then what was waived, then the rest. */
export function inOrder(gates: readonly GateVerdict[]): GateVerdict[] {
  const rank = ({ passed, reason }: GateVerdict) => (passed ? (reason === "waived" ? 1 : 2) : 0);
  return [...gates].sort((a, b) => rank(a) - rank(b));
}

/** One word for a gate: `pass`, `waived`, or why it refuses. */
export function statusOf({ passed, reason }: GateVerdict): string {
  if (passed) return reason === "waived" ? "waived" : "pass";
  return reason === "waiver-expired" ? "waiver over" : reason;
}

/** Who runs an image and why, e.g. `of api, standing by`; nothing where it is simply asked for. */
export function placeOf({ services, as }: JudgedImage): string {
  const of = services.length === 0 ? "" : ` of ${services.join(", ")}`;
  return `${of}${{ asked: "", active: ", live", standby: ", standing by", sidecar: ", beside its own" }[as]}`;
}

/** What an image is called, e.g. `api:v1.1.0 (sha256:3b1f0c2d4e5f)`. */
export function imageName({ repository, tag, verdict }: JudgedImage): string {
  return `${repository}${tag === undefined ? "" : `:${tag}`} (${verdict.digest.slice(0, "sha256:".length + 12)})`;
}

/**
 * One line on all gates of an image.
 *
 * @example
 * summaryOf(image) // "refused: 2 of 14 gates do not hold"
 */
export function summaryOf({ verdict: { gates, allowed } }: JudgedImage): string {
  const failed = gates.filter(({ passed }) => !passed).length;
  if (gates.length === 0) return allowed ? "allowed: no gate is demanded here" : "refused";
  if (allowed) return `allowed: ${gates.length} of ${gates.length} gates hold`;
  return `refused: ${failed} of ${gates.length} gates do not hold`;
}

/** The same for programs. */
export function reportDocument(report: GateReport): object {
  const { stack, environment, strictness, judgedAt, images } = report;
  return {
    stack,
    environment,
    strictness,
    judgedAt,
    allowed: isAllowed(report),
    images: images.map(({ services, repository, tag, as, verdict }) => ({
      services,
      repository,
      tag: tag ?? null,
      as,
      ...verdict,
    })),
  };
}
