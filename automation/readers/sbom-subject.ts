/** The image that a bill of materials says it describes. */
import { type Report, ReportError } from "./reader.ts";
import { timeOf } from "./time.ts";

/** Places where tools write the digest of the image that they looked at. */
export interface SubjectClaims {
  /** `pkg:oci/api@sha256%3A…`: https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md */
  purls: readonly string[];
  /** Texts that are a digest where they are one: syft writes it as the image's version. */
  digests: readonly string[];
}

/**
 * @returns `sha256:` and 64 hex digits; undefined where the document names no image
 * @throws ReportError where it names several
 * @example
 * subjectOf(report, "metadata.component", { purls: ["pkg:oci/api@sha256%3A…?arch=amd64"], digests: [] })
 */
export function subjectOf(report: Report, place: string, { purls, digests }: SubjectClaims): string | undefined {
  const claimed = [...purls.map(versionOfImage), ...digests]
    .filter((text) => text !== undefined)
    .map((text) => text.toLowerCase());
  const [digest, ...others] = new Set(claimed.filter((text) => /^sha256:[0-9a-f]{64}$/.test(text)));
  if (others.length > 0) throw new ReportError(report, place, "names several images by digest");
  return digest;
}

function versionOfImage(purl: string): string | undefined {
  const version = /^pkg:oci\/[^@?#]+@([^?#]+)/.exec(purl)?.[1];
  try {
    return version === undefined ? undefined : decodeURIComponent(version);
  } catch {
    return undefined;
  }
}

/**
 * When a document was made, where it says.
 *
 * @throws ReportError for what is no time
 * @example
 * madeAtOf(report, "metadata.timestamp", "2026-11-21T17:21:52Z") // 1795281712000
 */
export function madeAtOf(report: Report, place: string, text: string | undefined): number | undefined {
  const at = text === undefined ? undefined : timeOf(text);
  if (Number.isNaN(at)) throw new ReportError(report, place, "is no time");
  return at;
}
