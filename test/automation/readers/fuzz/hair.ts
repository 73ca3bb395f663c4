/** Gates that refuse what a report says by a hair, so that a change of the report that would pass them is seen. */
import type { ReadReport } from "../../../../automation/readers/index.ts";
import { type GatesInput, gates } from "../../../../model/gates/config.ts";
import type { AnyEvidence } from "../../../../model/gates/evidence.ts";
import { judge } from "../../../../model/gates/judge.ts";
import { type Kind, type ReportKind, type Result, results, type Share } from "../../../../model/gates/results.ts";

const digest = `sha256:${"a".repeat(64)}`;
const now = Date.UTC(2027, 0, 1);
const signers = {
  key: { publicKey: "irrelevant: the judge sees verified evidence", signs: Object.keys(results) as Kind[] },
};

/** @returns undefined where everything passes, or nothing measurable is in it */
export function hair<K extends ReportKind>(kind: K, result: Result<K>): GatesInput | undefined {
  return (makers[kind] as ((result: Result<K>) => GatesInput | undefined) | undefined)?.(result);
}

const makers: { [K in ReportKind]?: (result: Result<K>) => GatesInput | undefined } = {
  tests: ({ total, failed, flaky }) => ({ tests: { suite: { minimum: failed + flaky > 0 ? 1 : total + 1 } } }),
  coverage: (result) => {
    const bounds = (["lines", "statements", "branches", "functions"] as const).flatMap((metric) => {
      const share = result[metric];
      return share === undefined || share.covered === share.total ? [] : [[metric, { above: percent(share) }]];
    });
    return bounds.length === 0 ? undefined : { coverage: { overall: Object.fromEntries(bounds) } };
  },
  lint: ({ counts }) => (sum(counts) === 0 ? undefined : { lint: { issues: sum(counts) - 1 } }),
  secrets: ({ counts }) => (sum(counts) === 0 ? undefined : { secrets: { findings: sum(counts) - 1 } }),
  sast: ({ counts }) => severe(counts, "sast"),
  dependencies: ({ counts }) => severe(counts, "dependencies"),
  container: ({ counts }) => severe(counts, "container"),
  load: ({ p95Ms, errorPercent }) => ({
    load: { suite: { p95Ms: { below: p95Ms }, errorPercent: { below: errorPercent } } },
  }),
  benchmarks: ({ entries }) => {
    const [first] = entries.filter(({ better, value }) => better === "lower" && value >= 0);
    return first === undefined
      ? undefined
      : { performance: { limits: { [first.name]: { below: first.value, unit: first.unit } } } };
  },
};

const percent = ({ covered, total }: Share) => (100 * covered) / total;
const sum = (counts: object) => Object.values(counts).reduce((total: number, count: number) => total + count, 0);

function severe(
  counts: Record<"critical" | "high" | "medium" | "low" | "unknown", number>,
  gate: "sast" | "dependencies" | "container",
): GatesInput | undefined {
  const dirty = Object.entries(counts).filter(([, count]) => count > 0);
  return dirty.length === 0
    ? undefined
    : { [gate]: Object.fromEntries(dirty.map(([name, count]) => [name, count - 1])) };
}

/** Gates that refuse a reading that is all that is known of an image. */
export function refusedBy(kind: ReportKind, asked: GatesInput, { tool, result }: ReadReport<ReportKind>): string[] {
  const evidence = {
    ...{ kind, name: "suite", digest, commit: "b".repeat(40), tool, result, signer: "key" },
    ...{ madeAt: now, collectedAt: now, file: `${kind}-${"c".repeat(64)}.json` },
  } as unknown as AnyEvidence;
  const set = { digest, evidence: [evidence], rejected: [] };
  const about = { digest, repository: "api", environment: "prod", now };
  const verdict = judge({ ...about, gates: gates.parse(asked), evidence: set, trust: { signers, people: {} } });
  // A single file is in no collection: that is told of every evidence here.
  return verdict.gates.filter(({ gate, passed }) => !passed && gate !== "integrity").map(({ gate }) => gate);
}
