/** Words in verdicts. Names and titles come out of reports, which anybody may have written. */

/** Control characters, what separates lines, what turns the direction of writing and what is not seen. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Co}]+/gu;

/** GitHub's runner obeys `##[command]` anywhere in a line of a job's log, and `::command::` where one begins. */
const command = /##(?=\[)|^\s*:(?=:)/g;

/**
 * One line of others' text, without what a terminal or a job's log would obey.
 *
 * @default length 80
 * @example
 * plain("\u001b[2Jgreen\nline") // " [2Jgreen line"
 */
export function plain(text: string, length = 80): string {
  const characters = [...text.replace(unsafe, " ").replace(command, "$& ")];
  return characters.length <= length ? characters.join("") : `${characters.slice(0, length - 1).join("")}…`;
}

/**
 * A few names of a list, and how many more there are.
 *
 * @example
 * some(["a", "b", "c", "d"]) // "a, b, c and 1 more"
 */
export function some(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).map((name) => plain(name));
  return names.length > most ? `${shown.join(", ")} and ${names.length - most} more` : shown.join(", ");
}

/** A count with its noun: `1 test`, `1,699 tests`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** @example grouped(1699) // "1,699" */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** UTC, to the minute: `2026-11-21T18:45Z`. */
export function minute(time: number): string {
  return new Date(time).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
}
