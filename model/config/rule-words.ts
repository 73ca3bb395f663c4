/** What a schema asks for, in the words of somebody who writes the configuration. */
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a map of settings",
  record: "a map of names to settings",
  array: "a list",
};

/** What is counted of each kind; numbers are themselves. */
const units: Readonly<Record<string, string>> = { string: " characters", array: " entries" };

/** Messages that the schema's own rules brought along are better than what can be told from the kind of issue. */
const general = /^(?:Invalid input: expected|Invalid option: expected|Too (?:small|big): expected)/;

/**
 * @example
 * ruleWords({ code: "too_small", origin: "number", minimum: 1, inclusive: true, ... }) // "at least 1"
 */
export function ruleWords(issue: Issue): string {
  if (!general.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return kinds[issue.expected] ?? issue.message;
    case "invalid_value":
      return issue.values.length === 1 ? `only ${String(issue.values[0])}` : `one of ${issue.values.join(", ")}`;
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${units[issue.origin] ?? ""}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${units[issue.origin] ?? ""}`;
    default:
      return issue.message;
  }
}
