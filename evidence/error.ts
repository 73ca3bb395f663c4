/** What a failure of reading or writing evidence says; `sluice` prints it as it prints its own. */
interface EvidenceErrorArgs {
  /** One of Pulumi's: 1 error, 2 configuration, 3 authentication. @default 1 */
  exitCode?: number;
  /** Lines below the message. @default none */
  details?: readonly string[];
  /** How to mend it. @default none */
  remedy?: string;
  /** @default none */
  cause?: unknown;
}

/**
 * Evidence that cannot be read, written or signed: never "there is none". A file that is there and proves nothing is no
 * error; `loadEvidence` rejects it.
 *
 * @example
 * throw new EvidenceError("the evidence in file:///srv/evidence cannot be read", { details: ["permission denied"] });
 */
export class EvidenceError extends Error {
  readonly exitCode: number;
  readonly details: readonly string[];
  readonly remedy?: string;

  constructor(message: string, { exitCode = 1, details = [], remedy, cause }: EvidenceErrorArgs = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "EvidenceError";
    this.exitCode = exitCode;
    this.details = details;
    if (remedy !== undefined) this.remedy = remedy;
  }
}

/** One object that cannot be evidence, whatever is in it: too big, or no regular file. The store itself is well. */
export class ObjectError extends EvidenceError {}

/**
 * Text that others wrote, as one short line: control characters would reach a terminal or break a table.
 *
 * @example
 * printable("a\u001b[31mb\nc") // "a?[31mb?c"
 */
export function printable(text: string, longest = 200): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "?");
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
