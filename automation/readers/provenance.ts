/**
 * SLSA provenance: a sigstore bundle (`actions/attest-build-provenance`, `cosign`), a DSSE envelope (slsa-github-generator)
 * or a bare in-toto statement. No signature is verified here: what this reads counts as the collector's own word. A bundle
 * that is to count by its builder's signature is stored as it is, and verified where evidence is loaded.
 */
import * as z from "zod/mini";
import { ProvenanceError, provenanceOf } from "../../model/gates/provenance.ts";
import { checkShape, parseJson, parseJsonLines } from "./json.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { checkSize } from "./size.ts";
import { cleanText, shorten } from "./text.ts";

const payloadType = "application/vnd.in-toto+json";
const envelope = z.looseObject({ payloadType: z.string(), payload: z.string() });
const typed = z.looseObject({ predicateType: z.string() });

/**
 * Reads one attestation of provenance. Files of several lines, as `gh attestation download` writes them, may hold
 * attestations of other types beside it.
 *
 * @example
 * slsaProvenance.read({ report, root }, "provenance").result.builder
 */
export const slsaProvenance: Reader<"provenance"> = {
  format: "slsa-provenance",
  kinds: ["provenance"],
  recognises: ({ text }) =>
    text.trimStart().startsWith("{") && /"dsseEnvelope"|"payloadType"|in-toto\.io\/Statement/.test(text),
  read({ report }): Reading<"provenance"> {
    checkSize(report, 8);
    const statements = documentsOf(report).map(({ place, value }) => ({
      place,
      value: statementOf(report, value, place),
    }));
    const slsa = statements.filter(({ place, value }) =>
      checkShape(report, typed, value, place).predicateType.startsWith("https://slsa.dev/provenance/"),
    );
    const [first, ...others] = slsa;
    if (first === undefined) throw new ReportError(report, "", "holds no SLSA provenance");
    if (others.length > 0)
      throw new ReportError(report, "", `holds ${slsa.length} attestations of provenance, not one`);
    const { result, digests, madeAt } = judged(report, first.place, first.value);
    if (digests.length > 1)
      throw new ReportError(report, "subject", `names ${digests.length} digests`, "attest the image alone");
    return { tool: { name: "slsa-provenance" }, madeAt, commit: result.commit, digest: digests[0], result };
  },
};

/** One JSON document, or one on each line. */
function documentsOf(report: Report): { place: string; value: unknown }[] {
  try {
    return [{ place: "", value: parseJson(report) }];
  } catch (cause) {
    const lines = report.text.trim().split("\n");
    if (lines.length < 2 || !lines.every((line) => /^\{.*\}\s*$/.test(line) || line.trim() === "")) throw cause;
    return parseJsonLines(report).map(({ line, value }) => ({ place: `line ${line}`, value }));
  }
}

function statementOf(report: Report, value: unknown, place: string): unknown {
  const document = checkShape(report, z.looseObject({}), value, place);
  if (Object.hasOwn(document, "dsseEnvelope"))
    return unwrap(report, document.dsseEnvelope, `${place} dsseEnvelope`.trim());
  if (Object.hasOwn(document, "payload")) return unwrap(report, document, place);
  return document;
}

function unwrap(report: Report, value: unknown, place: string): unknown {
  const wrapped = checkShape(report, envelope, value, place);
  if (wrapped.payloadType !== payloadType)
    throw new ReportError(report, place, `holds "${shorten(cleanText(wrapped.payloadType), 80)}", not ${payloadType}`);
  const bytes = Buffer.from(wrapped.payload, "base64");
  // Node skips what is no base64; a second spelling of the same payload is nobody's.
  if (bytes.toString("base64") !== wrapped.payload)
    throw new ReportError(report, `${place} payload`.trim(), "is not base64");
  try {
    return parseJson({ file: report.file, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) });
  } catch {
    throw new ReportError(report, `${place} payload`.trim(), "is not JSON");
  }
}

function judged(report: Report, place: string, value: unknown): ReturnType<typeof provenanceOf> {
  try {
    return provenanceOf(value);
  } catch (cause) {
    if (!(cause instanceof ProvenanceError)) throw cause;
    throw new ReportError(report, place, shorten(cleanText(cause.message)));
  }
}
