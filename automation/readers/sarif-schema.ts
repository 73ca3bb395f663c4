/**
 * What of SARIF decides: strict there, and blind for the rest, which is most of it.
 * Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html
 */
import * as z from "zod/mini";

const level = z.enum(["none", "note", "warning", "error"]);
const message = z.object({ text: z.optional(z.string()) });
const index = z.int().check(z.gte(-1));
/** Tools write the score as text or as a number; whatever else it is, the score cannot be told. */
const properties = z.optional(
  z.object({ "security-severity": z.optional(z.unknown()), tags: z.optional(z.array(z.string())) }),
);

const rule = z.object({
  id: z.string(),
  name: z.optional(z.string()),
  shortDescription: z.optional(message),
  defaultConfiguration: z.optional(z.object({ level: z.optional(level) })),
  properties,
});

const component = z.object({
  name: z.string().check(z.minLength(1)),
  guid: z.optional(z.string()),
  version: z.optional(z.string()),
  semanticVersion: z.optional(z.string()),
  rules: z.optional(z.array(rule)),
  /** govulncheck's. */
  properties: z.optional(z.object({ db_last_modified: z.optional(z.string()) })),
});

const notification = z.object({ level: z.optional(level), message: z.optional(message) });

const invocation = z.object({
  executionSuccessful: z.boolean(),
  endTimeUtc: z.optional(z.string()),
  exitSignalName: z.optional(z.string()),
  processStartFailureMessage: z.optional(z.string()),
  toolExecutionNotifications: z.optional(z.array(notification)),
  toolConfigurationNotifications: z.optional(z.array(notification)),
  ruleConfigurationOverrides: z.optional(z.array(z.unknown())),
});

const location = z.object({
  physicalLocation: z.optional(
    z.object({
      artifactLocation: z.optional(z.object({ uri: z.optional(z.string()), index: z.optional(index) })),
      region: z.optional(z.object({ startLine: z.optional(z.int()) })),
    }),
  ),
});

const result = z.object({
  ruleId: z.optional(z.string()),
  ruleIndex: z.optional(index),
  rule: z.optional(
    z.object({
      id: z.optional(z.string()),
      index: z.optional(index),
      toolComponent: z.optional(
        z.object({ name: z.optional(z.string()), index: z.optional(index), guid: z.optional(z.string()) }),
      ),
    }),
  ),
  kind: z.optional(z.enum(["pass", "open", "informational", "notApplicable", "review", "fail"])),
  level: z.optional(level),
  message,
  locations: z.optional(z.array(location)),
  partialFingerprints: z.optional(z.record(z.string(), z.string())),
  suppressions: z.nullish(z.array(z.object({ status: z.optional(z.enum(["accepted", "underReview", "rejected"])) }))),
  baselineState: z.optional(z.enum(["new", "unchanged", "updated", "absent"])),
  properties,
});

const run = z.object({
  tool: z.object({ driver: component, extensions: z.optional(z.array(component)) }),
  invocations: z.optional(z.array(invocation)),
  artifacts: z.optional(z.array(z.object({ location: z.optional(z.object({ uri: z.optional(z.string()) })) }))),
  /** Absent or null where the tool looked for nothing, or where results stand in files of their own. */
  results: z.nullish(z.array(result)),
  externalPropertyFileReferences: z.optional(z.object({ results: z.optional(z.array(z.unknown())) })),
  /** Trivy's, of an image. */
  properties: z.optional(z.object({ imageName: z.optional(z.string()), repoDigests: z.nullish(z.array(z.string())) })),
  versionControlProvenance: z.optional(z.array(z.object({ revisionId: z.optional(z.string()) }))),
});

export const sarifLog = z.object({
  version: z.literal("2.1.0"),
  runs: z.array(run),
  inlineExternalProperties: z.optional(z.array(z.object({ results: z.optional(z.array(z.unknown())) }))),
});

export type SarifRun = z.output<typeof run>;
export type SarifResult = z.output<typeof result>;
export type SarifRule = z.output<typeof rule>;
export type SarifLevel = z.output<typeof level>;
