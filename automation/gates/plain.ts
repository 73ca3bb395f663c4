/** Text of others, made fit for a terminal's line. */
import { plain as line } from "../../model/gates/text.ts";

/**
 * One line without anything that a terminal would obey, cut where it is long: a report could otherwise write over the table
 * that it stands in.
 *
 * @param length most characters
 * @example
 * plain("\u001b[2Jgreen\nline") // "[2Jgreen line"
 */
export function plain(text: string, length = 400): string {
  return line(text, length).trim();
}
