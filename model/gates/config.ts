/** The gates of an environment: what must be known of an image before it runs there. No gate, no demand. */
import { z } from "zod";

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
const glob = z.string().min(1).max(512).describe("A path below the repository; ** and * match.");
const role = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens");

const coverageBounds = {
  lines: lower(percentage).optional(),
  statements: lower(percentage).optional(),
  branches: lower(percentage).optional(),
  functions: lower(percentage).optional(),
};

const coverage = z.strictObject({
  overall: z.strictObject(coverageBounds).optional(),
  components: z
    .record(name, z.strictObject({ paths: z.array(glob).min(1), ...coverageBounds }))
    .default({})
    .describe("Parts of the repository with bounds of their own."),
  critical: z.strictObject({ paths: z.array(glob).min(1), ...coverageBounds }).optional(),
  newCode: z
    .strictObject({ lines: lower(percentage) })
    .optional()
    .describe("Lines that the change adds."),
  baseline: z
    .strictObject({ allowedDrop: percentage.default(0) })
    .optional()
    .describe("Not lower than at the commit that the change starts from; percentage points it may drop."),
});

/** How many are let through. With `approvedBy`, any number, once somebody of that role approved. */
const limit = z.union([z.int().min(0), z.strictObject({ approvedBy: role })], "a count, or { approvedBy: ROLE }");
const tools = z.array(name).default([]).describe("Each of these must have reported. Default: at least one, any.");

const severityLimits = z.strictObject({
  tools,
  critical: limit.default(0),
  high: limit.default(0),
  medium: limit.optional(),
  low: limit.optional(),
  unknown: limit.default(0),
  databaseHours: z.number().positive().optional().describe("Oldest vulnerability database that counts, in hours."),
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
});

const approvalRule = z.strictObject({
  role,
  count: z.int().min(1).max(10).default(1),
  when: z
    .strictObject({
      paths: z.array(glob).default([]),
      types: z.array(z.string().min(1)).default([]).describe("Conventional commit types, such as feat."),
    })
    .optional()
    .describe("Only where the change touches such a path or has a commit of such a type. Default: always."),
});

export const gates = z.strictObject({
  tests: z
    .record(name, z.strictObject({ minimum: z.int().min(1).default(1).describe("Tests that must have run.") }))
    .default({})
    .describe("Suites: all tests pass, none is flaky."),
  coverage: coverage.optional(),
  lint: z.strictObject({ tools, issues: z.int().min(0).default(0) }).optional(),
  sast: severityLimits.optional(),
  secrets: z.strictObject({ tools, findings: z.int().min(0).default(0) }).optional(),
  dependencies: severityLimits.optional(),
  container: severityLimits.optional(),
  dast: z.strictObject({ tools, fresh: z.int().min(0).default(0).describe("Issues not in the baseline.") }).optional(),
  licences: z
    .strictObject({ allow: z.array(z.string().min(1)).min(1).describe("SPDX licence identifiers.") })
    .optional(),
  sbom: z.strictObject({}).optional().describe("A bill of materials of this image."),
  image: z
    .strictObject({
      platforms: z.array(z.string().regex(/^[a-z0-9]+\/[a-z0-9]+(?:\/[a-z0-9]+)?$/)).default([]),
      distroless: z.boolean().default(false),
      nonRoot: z.boolean().default(false),
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
      limits: z.record(z.string().min(1), upper(amount)).default({}).describe("Benchmarks with bounds of their own."),
    })
    .optional(),
  load: z.record(name, scenario).default({}),
  release: z.strictObject({}).optional().describe("A semantic version with an entry in the changelog."),
  artifacts: z
    .strictObject({
      platforms: z.array(z.string().min(1)).default([]),
      bundles: z.int().min(0).default(0).describe("Bundles, each complete, without warnings, its tools healthy."),
    })
    .optional(),
  provenIn: z
    .strictObject({ environment: z.string().min(1), minutes: z.number().min(0).default(0) })
    .optional()
    .describe("This very image ran green there before, for so long."),
  approvals: z.array(approvalRule).default([]),
  selfApproval: z.literal(false).default(false).describe("Nobody approves what they wrote, committed or pushed."),
  waivers: z
    .strictObject({
      roles: z.array(role).default([]).describe("Who may waive a gate. Default: nobody."),
      breakGlass: z.array(role).default([]).describe("Who may waive all of them at once. Default: nobody."),
      hours: z.number().positive().max(8760).default(168).describe("Longest time that a waiver holds."),
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

export type Gates = z.output<typeof gates>;
export type GatesInput = z.input<typeof gates>;
