/**
 * `gitleaks git|dir -f json`. Every secret is high. An empty list is the good report.
 * Source: https://github.com/gitleaks/gitleaks#readme ("Reporting"), and report/finding.go
 *
 * What was found, the line around it and the commit's message are not read at all.
 */
import * as z from "zod/mini";
import { findingsReader, pathIn, type Scan, type ScanArgs } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import type { Report } from "./reader.ts";

const leak = z.object({
  RuleID: z.string().check(z.minLength(1)),
  Description: z.string(),
  File: z.string(),
  StartLine: z.int(),
  Commit: z.string(),
  /** `commit:file:rule:line`; without a commit where a folder was scanned. */
  Fingerprint: z.string(),
});

export const gitleaks = findingsReader({
  format: "gitleaks",
  kinds: ["secrets"],
  recognises: ({ text }: Report) => /^\s*\[\s*(?:\]|\{\s*"RuleID"\s*:)/.test(text),
  scan,
});

function scan({ report, root }: ScanArgs): Scan {
  const leaks = checkShape(report, z.array(leak), parseJson(report));
  const found = leaks.map(({ RuleID, Description, File, StartLine, Commit, Fingerprint }) => {
    const place = `${pathIn(root, File)}:${StartLine}`;
    return {
      id: RuleID,
      severity: "high" as const,
      title: Description,
      place: Commit === "" ? place : `${place} in ${Commit.slice(0, 12)}`,
      fingerprint: [Fingerprint, place],
    };
  });
  return { tool: { name: "gitleaks" }, found, suppressed: 0 };
}
