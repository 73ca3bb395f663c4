/** Text of others, made fit for a terminal's line. */

/**
 * Control characters (also C1, which some terminals obey), line and paragraph separators, and what turns the direction
 * of writing or is invisible: a report could otherwise write over the table that it stands in.
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Co}]+/gu;

/**
 * One line without anything that a terminal would obey, cut where it is long.
 *
 * @param length most characters
 * @default length 400
 * @example
 * plain("\u001b[2Jgreen\nline") // "[2Jgreen line"
 */
export function plain(text: string, length = 400): string {
  const line = text.replace(unsafe, " ").replaceAll(/ {2,}/g, " ").trim();
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join("")}…`;
}
