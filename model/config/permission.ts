/** What a service's program may do on AWS. Grammar: IAM user guide, "IAM JSON policy elements". */
import { z } from "zod";

/** Actions that AWS knows no resource for: service authorization reference, "Resource types" empty. */
export const unscopedActions: readonly string[] = [
  "cloudwatch:PutMetricData",
  "sts:GetCallerIdentity",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

const conditionOperator = z
  .string()
  .regex(/^(?:(?:ForAllValues|ForAnyValue):)?[A-Z][A-Za-z]+$/, "an operator such as StringEquals");

export const permission = z
  .strictObject({
    actions: z
      .array(
        z
          .string()
          .max(128)
          .regex(/^[a-z0-9-]{1,63}:[A-Z][A-Za-z0-9]*\*?$/, "SERVICE:Action, with * at most at its end"),
      )
      .min(1)
      .max(50),
    resources: z
      .array(
        z
          .string()
          .max(2048)
          .regex(/^(?:\*|arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[^\s"\\]*[A-Za-z0-9][^\s"\\]*)$/, "an ARN"),
      )
      .min(1)
      .max(50)
      .describe(`ARNs. "*" only for actions that AWS knows no resource for (${unscopedActions.join(", ")}).`),
    conditions: z
      .record(conditionOperator, z.record(z.string().min(1), z.union([z.string(), z.array(z.string()).min(1)])))
      .optional()
      .describe("IAM conditions: operator to key to value or values."),
  })
  .refine(
    ({ actions, resources }) => !resources.includes("*") || actions.every((action) => unscopedActions.includes(action)),
    `"*" is a resource only for ${unscopedActions.join(", ")}: name ARNs`,
  );

export type Permission = z.output<typeof permission>;
