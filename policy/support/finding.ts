/** What a judgement says, and how it is put into one line. */
import { unknown } from "./known.ts";

/** One thing wrong, or one thing that cannot be judged yet. */
export interface Finding {
  /** Place in the resource, e.g. `containerDefinitions[1] "proxy"`. */
  where: string;
  /** What is wrong there. */
  what: string;
  /** How to mend it. */
  remedy: string;
  /** The value is not known at preview: the update judges it. */
  undecided?: true;
  /** Nothing is wrong, and people should know all the same. */
  remark?: true;
}

/**
 * A finding about a value that the engine does not know yet.
 *
 * @example
 * undecided("assumeRolePolicy")
 */
export function undecided(where: string): Finding {
  return {
    where,
    what: "is not known before the update and is judged then",
    remedy: "pass a plain value where there is one, and the preview judges it",
    undecided: true,
  };
}

/**
 * Findings about one value: none where `holds`, undecided where it is not known yet.
 *
 * @example
 * demand(props["scanOnPush"], (value) => value === true, "scanOnPush", "is off", "set it to true")
 */
export function demand(
  value: unknown,
  holds: (value: unknown) => boolean,
  where: string,
  what: string,
  remedy: string,
): Finding[] {
  if (value === unknown) return [undecided(where)];
  return holds(value) ? [] : [{ where, what, remedy }];
}

/**
 * One line that says where, what and how to mend it.
 *
 * @example
 * formatFinding("api-blue", finding)
 * // 'api-blue: containerDefinitions[0] "api" has no image; use REGISTRY/REPOSITORY@sha256:DIGEST'
 */
export function formatFinding(resource: string, { where, what, remedy }: Finding): string {
  return oneLine(`${resource}: ${where === "" ? "" : `${where} `}${what}; ${remedy}`);
}

/**
 * A value from a document, safe to print: quoted, on one line, cut after 100 characters.
 *
 * @example
 * quote("a\nb") // '"a\\nb"'
 */
export function quote(value: unknown): string {
  const text = value === unknown ? "(not known yet)" : (JSON.stringify(value) ?? String(value));
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}

function oneLine(text: string): string {
  // Also the separators that terminals and log viewers break lines at, and escapes that move the cursor.
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
