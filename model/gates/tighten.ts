/** A stack's own gates beside the pack's floor: they may add and be stricter, field by field, and nothing else. */
import { type ConfigProblem, shapeProblems } from "../config/problems.ts";
import { defaults, type Gates, type GatesInput, gates } from "./config.ts";
import { covers } from "./pattern.ts";
import {
  flag,
  highest,
  type Looser,
  limit,
  lowerBound,
  lowest,
  named,
  object,
  type Strictness,
  same,
  subset,
  union,
  upperBound,
} from "./strictness.ts";

type Part<K extends keyof Gates> = NonNullable<Gates[K]>;
type Coverage = Part<"coverage">;
type Rule = Gates["approvals"][number];

const bounds = { lines: lowerBound, statements: lowerBound, branches: lowerBound, functions: lowerBound };
/** Other paths are another part: a wider one can be easier to cover. */
const part = object<NonNullable<Coverage["critical"]>>({ paths: same(), ...bounds });
const tools = union<string>();

const severities = object<Part<"sast">>({
  tools,
  critical: limit(defaults.severities.critical),
  high: limit(defaults.severities.high),
  medium: limit(defaults.severities.medium),
  low: limit(defaults.severities.low),
  unknown: limit(defaults.severities.unknown),
  databaseHours: lowest(),
});

/** Rules of both hold. One that asks for fewer people than the floor's like it would be without effect, which is said. */
const approvals: Strictness<Rule[]> = (floor = [], own = [], at, looser) => {
  const kept = own.filter((rule, index) => {
    const like = floor.filter((one) => one.role === rule.role && show(one.when) === show(rule.when));
    const least = Math.max(0, ...like.map(({ count }) => count));
    if (rule.count < least) looser(`${at}.${index}.count`, `at least ${least}`, rule.count);
    return rule.count >= least;
  });
  return union<Rule>()(floor, kept, at, looser);
};
const show = (value: unknown) => JSON.stringify(value);

const stricter = object<Gates>({
  tests: named(object<Gates["tests"][string]>({ minimum: highest(defaults.minimum) })),
  coverage: object<Coverage>({
    overall: object<NonNullable<Coverage["overall"]>>(bounds),
    components: named(part),
    critical: part,
    newCode: object<NonNullable<Coverage["newCode"]>>({ lines: lowerBound }),
    baseline: object<NonNullable<Coverage["baseline"]>>({ allowedDrop: lowest(defaults.allowedDrop) }),
  }),
  lint: object<Part<"lint">>({ tools, issues: lowest(defaults.issues) }),
  sast: severities,
  secrets: object<Part<"secrets">>({ tools, findings: lowest(defaults.findings) }),
  dependencies: severities,
  container: severities,
  dast: object<Part<"dast">>({ tools, fresh: lowest(defaults.fresh), environment: same() }),
  licences: object<Part<"licences">>({ allow: subset() }),
  sbom: object<Part<"sbom">>({}),
  image: object<Part<"image">>({ platforms: union(), distroless: flag, nonRoot: flag }),
  provenance: object<Part<"provenance">>({ builders: subset(undefined, covers), sources: subset(undefined, covers) }),
  performance: object<Part<"performance">>({
    slowdownPercent: upperBound,
    limits: named(benchmarkLimit),
  }),
  load: named(
    object<Gates["load"][string]>({
      p95Ms: upperBound,
      p99Ms: upperBound,
      errorPercent: upperBound,
      requestsPerSecond: lowerBound,
      seconds: lowerBound,
      memoryGrowthPercent: upperBound,
      cpuPercent: upperBound,
      memoryPercent: upperBound,
      crashes: upperBound,
      environment: same(),
    }),
  ),
  release: object<Part<"release">>({}),
  artifacts: object<Part<"artifacts">>({ platforms: union(), bundles: highest() }),
  provenIn: object<Part<"provenIn">>({ environment: same(), minutes: highest(defaults.minutes) }),
  approvals,
  selfApproval: same(),
  waivers: object<Gates["waivers"]>({
    roles: subset(defaults.waiverRoles),
    breakGlass: subset(defaults.waiverRoles),
    hours: lowest(defaults.waiverHours),
  }),
  freeze: union(),
  ageHours: lowest(),
});

type BenchmarkLimit = Part<"performance">["limits"][string];
function benchmarkLimit(
  floor: BenchmarkLimit | undefined,
  own: BenchmarkLimit | undefined,
  at: string,
  looser: Looser,
): BenchmarkLimit | undefined {
  if (floor === undefined || own === undefined) return own ?? floor;
  if (same<string>()(floor.unit, own.unit, `${at}.unit`, looser) !== own.unit) return floor;
  return upperBound(floor, own, at, looser) as BenchmarkLimit;
}

/**
 * Joins the pack's floor with a stack's own gates, setting by setting.
 *
 * @param own as it is written, or already read: what it does not say is the floor's
 * @returns `problems` names every setting that is looser than the floor; the gates then hold the floor's value there
 * @example
 * tighten(gates.parse({ ageHours: 24 }), { ageHours: 48 }).problems[0]?.field // "gates.ageHours"
 */
export function tighten(floor: Gates, own: GatesInput | undefined): { gates: Gates; problems: ConfigProblem[] } {
  if (own === undefined) return { gates: floor, problems: [] };
  const parsed = gates.safeParse(own);
  if (parsed.success) return tightenGates(floor, parsed.data);
  const problems = shapeProblems(gates, own, parsed.error.issues);
  return { gates: floor, problems: problems.map((one) => ({ ...one, field: `gates.${one.field}` })) };
}

/** As `tighten`, of gates that have been read. */
export function tightenGates(floor: Gates, own: Gates): { gates: Gates; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const looser: Looser = (at, rule, value) => {
    const field = `gates.${at}`;
    const remedy = "leave it out, or make it as strict";
    problems.push({ field, rule: `${rule}: gates may only be tightened`, value: show(value), remedy });
  };
  return { gates: stricter(floor, own, "", looser) as Gates, problems };
}
