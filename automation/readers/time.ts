/** Times in reports. */

/** `0001-01-01` and the like is how some tools say that they do not know. */
const earliest = Date.UTC(1980, 0, 1);

/**
 * Reads a time as reports have it: ISO 8601, or as in HTTP. One without a zone is taken for UTC, as JUnit's schema has it.
 *
 * @returns milliseconds since 1970; `undefined` for a time before 1980; NaN for what is none
 * @example
 * timeOf("2026-11-21T17:26:08") // 1795281968000
 */
export function timeOf(text: string): number | undefined {
  const iso = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  const http = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text);
  if (iso === null && !http) return Number.NaN;
  const time = Date.parse(iso !== null && iso[1] === undefined ? `${text}Z` : text);
  return time < earliest ? undefined : time;
}
