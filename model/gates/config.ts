/**
 * The gates of an environment: what must be known of an image before it runs there. No gate, no demand.
 *
 * What nobody wrote stays undefined wherever a default could be mistaken for a value: a stack's section is compared with
 * the pack's floor field by field, and `defaults` are taken for what neither of them says.
 */
import { z } from "zod";
import { nameSomething } from "./paths.ts";

const percentage = z.number().min(0).max(100);
/** `atLeast` takes the value itself, `above` does not: documents say both. */
const lower = (value: z.ZodNumber) =>
  z.union(
    [z.strictObject({ atLeast: value }), z.strictObject({ above: value })],
    "either { atLeast: N } or { above: N }",
  );
const upper = (value: z.ZodNumber) =>
  z.union(
    [z.strictObject({ atMost: value }), z.strictObject({ below: value })],
    "either { atMost: N } or { below: N }",
  );
const amount = z.number().min(0);
const name = z.string().regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, "1 to 64 of a-z 0-9 . _ -");
const glob = z
  .string()
  .min(1)
  .max(512)
  .describe("A path below the repository; ** and * match. One that begins with ! takes away what it matches.");
const aName = "at least one glob that does not begin with !";
const globs = z.array(glob).min(1).refine(nameSomething, aName);
const role = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens");

const coverageBounds = {
  lines: lower(percentage).optional(),
  statements: lower(percentage).optional(),
  branches: lower(percentage).optional(),
  functions: lower(percentage).optional(),
};

/** A section without a bound would read like a gate and be none. */
const bounded = (value: object) => Object.keys(value).some((key) => Object.hasOwn(coverageBounds, key));
const aBound = `at least one of ${Object.keys(coverageBounds).join(", ")}`;
const part = z.strictObject({ paths: globs, ...coverageBounds }).refine(bounded, aBound);

const coverage = z.strictObject({
  overall: z.strictObject(coverageBounds).refine(bounded, aBound).optional(),
  components: z.record(name, part).default({}).describe("Parts of the repository with bounds of their own."),
  critical: part.optional(),
  newCode: z
    .strictObject({ lines: lower(percentage) })
    .optional()
    .describe("Lines that the change adds."),
  baseline: z
    .strictObject({ allowedDrop: percentage.optional().describe("Default: 0.") })
    .optional()
    .describe("Not lower than at the commit that the change starts from; percentage points it may drop."),
});

/** How many are let through. With `approvedBy`, any number, once somebody of that role approved. */
const limit = z.union([z.int().min(0), z.strictObject({ approvedBy: role })], "a count, or { approvedBy: ROLE }");
const tools = z.array(name).default([]).describe("Each of these must have reported. Default: at least one, any.");

const severityLimits = z.strictObject({
  tools,
  critical: limit.optional().describe("Default: 0."),
  high: limit.optional().describe("Default: 0."),
  medium: limit.optional().describe("Default: any number."),
  low: limit.optional().describe("Default: any number."),
  unknown: limit.optional().describe("Findings whose severity the report does not say. Default: 0."),
  databaseHours: z
    .number()
    .positive()
    .optional()
    .describe("Oldest vulnerability database that counts, in hours before the scan. Default: any."),
});

const scenario = z.strictObject({
  p95Ms: upper(amount).optional(),
  p99Ms: upper(amount).optional(),
  errorPercent: upper(percentage).optional(),
  requestsPerSecond: lower(amount).optional(),
  seconds: lower(amount).optional(),
  memoryGrowthPercent: upper(amount).optional(),
  cpuPercent: upper(percentage).optional(),
  memoryPercent: upper(percentage).optional(),
  crashes: upper(amount).optional(),
  environment: z.string().min(1).optional().describe("Where it must have been measured. Default: anywhere."),
});

/** A bound of a benchmark. Without its unit, 119 seconds would pass for 119 milliseconds. */
const unit = z.string().min(1).max(64).describe("As the report names it, e.g. s or ns/op.");
const benchmarkLimit = z.union(
  [z.strictObject({ atMost: amount, unit }), z.strictObject({ below: amount, unit })],
  "either { atMost: N, unit: U } or { below: N, unit: U }",
);

const approvalRule = z.strictObject({
  role,
  count: z.int().min(1).max(10).default(1).describe("Different people of the role."),
  when: z
    .strictObject({
      paths: z
        .array(glob)
        .refine((paths) => paths.length === 0 || nameSomething(paths), aName)
        .default([]),
      types: z
        .array(z.string().min(1))
        .default([])
        .describe("Conventional commit types, such as feat. A commit that names no type counts as each of them."),
    })
    .refine(({ paths, types }) => paths.length + types.length > 0, "at least one path or type")
    .optional()
    .describe("Only where the change touches such a path or has a commit of such a type. Default: always."),
});

export const gates = z.strictObject({
  tests: z
    .record(
      name,
      z.strictObject({ minimum: z.int().min(1).optional().describe("Tests that must have passed. Default: 1.") }),
    )
    .default({})
    .describe("Suites: all tests pass, none is flaky."),
  coverage: coverage.optional(),
  lint: z.strictObject({ tools, issues: z.int().min(0).optional().describe("Default: 0.") }).optional(),
  sast: severityLimits.optional(),
  secrets: z.strictObject({ tools, findings: z.int().min(0).optional().describe("Default: 0.") }).optional(),
  dependencies: severityLimits.optional(),
  container: severityLimits.optional(),
  dast: z
    .strictObject({
      tools,
      fresh: z.int().min(0).optional().describe("Issues not in the baseline. Default: 0."),
      environment: z.string().min(1).optional().describe("Where it must have been measured. Default: anywhere."),
    })
    .optional(),
  licences: z
    .strictObject({ allow: z.array(z.string().min(1)).min(1).describe("SPDX licence identifiers.") })
    .optional(),
  sbom: z.strictObject({}).optional().describe("A bill of materials of this image."),
  image: z
    .strictObject({
      platforms: z.array(z.string().regex(/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/)).default([]),
      distroless: z.boolean().optional().describe("Default: false."),
      nonRoot: z.boolean().optional().describe("Default: false."),
    })
    .optional(),
  provenance: z
    .strictObject({
      builders: z.array(z.string().min(1)).min(1).describe("Builder ids that are trusted; * matches."),
      sources: z.array(z.string().min(1)).min(1).describe("Source repositories, as git+https URLs; * matches."),
    })
    .optional(),
  performance: z
    .strictObject({
      slowdownPercent: upper(amount).optional().describe("Against the baseline, for every benchmark."),
      limits: z.record(z.string().min(1), benchmarkLimit).default({}).describe("Benchmarks with bounds of their own."),
    })
    .optional(),
  load: z.record(name, scenario).default({}),
  release: z.strictObject({}).optional().describe("A semantic version with an entry in the changelog."),
  artifacts: z
    .strictObject({
      platforms: z.array(z.string().min(1)).default([]),
      bundles: z
        .int()
        .min(0)
        .optional()
        .describe("Bundles at least, each complete, without warnings, its tools healthy. Default: 0."),
    })
    .optional(),
  provenIn: z
    .strictObject({ environment: z.string().min(1), minutes: z.number().min(0).optional().describe("Default: 0.") })
    .optional()
    .describe("This very image ran green there before, for so long."),
  approvals: z.array(approvalRule).default([]),
  selfApproval: z.literal(false).default(false).describe("Nobody approves what they wrote, committed or pushed."),
  waivers: z
    .strictObject({
      roles: z.array(role).optional().describe("Who may waive a gate. Default: nobody."),
      breakGlass: z.array(role).optional().describe("Who may waive all of them at once. Default: nobody."),
      hours: z.number().positive().max(8760).optional().describe("Longest time that a waiver holds. Default: 168."),
    })
    .prefault({}),
  freeze: z
    .array(
      z.strictObject({
        from: z.iso.datetime({ offset: true }),
        until: z.iso.datetime({ offset: true }),
        reason: z.string().min(1).max(200),
      }),
    )
    .default([])
    .describe("Nothing new goes out then. A release that ran here before does."),
  ageHours: z.number().positive().optional().describe("Oldest evidence that counts, in hours."),
});

/** What holds where neither the pack nor the stack says anything. */
export const defaults = {
  minimum: 1,
  allowedDrop: 0,
  severities: { critical: 0, high: 0, medium: undefined, low: undefined, unknown: 0 },
  issues: 0,
  findings: 0,
  fresh: 0,
  bundles: 0,
  minutes: 0,
  waiverRoles: [] as readonly string[],
  waiverHours: 168,
} as const;

export type Gates = z.output<typeof gates>;
export type GatesInput = z.input<typeof gates>;
