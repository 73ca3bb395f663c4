/** Logs: kept long enough to look into an incident, and not for ever. */
import { resourcePolicy } from "./support/definition.ts";
import { demand, type Finding, quote } from "./support/finding.ts";
import type { Known } from "./support/known.ts";
import { types } from "./support/types.ts";

export interface LogSettings {
  readonly minimumDays: number;
}

export const logsKept = resourcePolicy({
  name: "logs-kept",
  description: "Log groups say how long they keep, long enough for their environment.",
  severity: "medium",
  remedy: "Set sluice:cluster.logRetentionDays.",
  tags: ["audit", "logs"],
  settings: { minimumDays: { default: 90, description: "Least number of days that logs are kept." } },
  types: [types.logGroup],
  judge: ({ properties }, settings) => judgeLogGroup(properties, settings),
});

/**
 * Judges a log group. CloudWatch Logs keeps for ever where no retention is set, and where it is 0.
 *
 * @example
 * judgeLogGroup({ retentionInDays: 7 }, { minimumDays: 90 }).length // 1
 */
export function judgeLogGroup({ retentionInDays }: Known, { minimumDays }: LogSettings): Finding[] {
  return demand(
    retentionInDays,
    (value) => typeof value === "number" && value >= Math.max(minimumDays, 1),
    "retentionInDays",
    retentionInDays === undefined || retentionInDays === 0
      ? "is not set, so logs pile up for ever"
      : `is ${quote(retentionInDays)}`,
    `set sluice:cluster.logRetentionDays to ${minimumDays} or more`,
  );
}
