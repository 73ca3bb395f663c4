/**
 * `actionlint -format '{{json .}}'`. Every error is high: actionlint has no warnings.
 * Source: https://github.com/rhysd/actionlint/blob/main/docs/usage.md ("Format error messages")
 */
import * as z from "zod/mini";
import { findingsReader, pathIn, type Scan, type ScanArgs } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import type { Report } from "./reader.ts";

const error = z.object({
  message: z.string(),
  filepath: z.string(),
  line: z.int(),
  kind: z.string().check(z.minLength(1)),
});

export const actionlint = findingsReader({
  format: "actionlint",
  kinds: ["lint"],
  // An empty list is actionlint's good report, and may be anybody else's: then the user has to name the format.
  recognises: ({ text }: Report) => /^\s*\[\s*(?:\]|\{\s*"message"\s*:)/.test(text),
  scan,
});

function scan({ report, root }: ScanArgs): Scan {
  const errors = checkShape(report, z.array(error), parseJson(report));
  const found = errors.map(({ message, filepath, line, kind }) => {
    const path = pathIn(root, filepath);
    return {
      id: kind,
      severity: "high" as const,
      title: message,
      place: `${path}:${line}`,
      fingerprint: [path, message],
    };
  });
  return { tool: { name: "actionlint" }, found, suppressed: 0 };
}
