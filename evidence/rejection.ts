/** Why a file does not count, as one line. */
import * as z from "zod/mini";
import { ProvenanceError } from "../model/gates/provenance.ts";
import { EvidenceError, ObjectError, printable } from "./error.ts";

// What is wrong is said in words, as zod does where it is loaded whole; its small form has none of its own.
z.config(z.locales.en());

/** A file proves nothing; the message is the reason. */
export class Rejection extends Error {}

/**
 * @throws whatever is no fault of the file: a store that cannot be read is never a file that does not count
 */
export function reasonOf(error: unknown): string {
  if (error instanceof Rejection || error instanceof ObjectError) return printable(error.message);
  if (error instanceof EvidenceError) throw error;
  if (error instanceof z.core.$ZodError) return printable(issuesOf(error), 300);
  if (error instanceof ProvenanceError) return printable(`no provenance that could be judged: ${error.message}`);
  if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) {
    return printable(`it cannot be parsed: ${error.message}`);
  }
  throw error;
}

function issuesOf(error: z.core.$ZodError): string {
  const [first, ...more] = error.issues;
  const where = first?.path.join(".") || "it";
  return `${where}: ${first?.message}${more.length === 0 ? "" : ` (and ${more.length} more)`}`;
}
