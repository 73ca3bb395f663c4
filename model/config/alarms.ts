/** The section `alarms`: what wakes somebody up, what only tells, and the dashboard. */
import { z } from "zod";
import { arn, identifier } from "./fields.ts";

/** Who is told: `critical` pages, `warning` is read in working hours, `info` is for the record. */
export const severities = ["critical", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

/** What is watched of each service; `standby-hosts` is `healthy-hosts` of a colour without traffic. */
export const alarmKinds = [
  "errors",
  "latency-p95",
  "latency-p99",
  "cpu",
  "memory",
  "healthy-hosts",
  "unhealthy-hosts",
  "standby-hosts",
] as const;
export type AlarmKind = (typeof alarmKinds)[number];

const percent = z.number().gt(0).max(100);
/** An idle connection ends after 4000 s at most (ELBv2, `idle_timeout.timeout_seconds`): nothing takes longer. */
const seconds = z.number().gt(0).max(4000);
/** CloudWatch evaluates one day at most; more than an hour is no alarm any more. */
const minutes = z.int().min(1).max(60);

/** Thresholds with their meaning; the defaults stand in `thresholds` alone, so that an override names what it changes. */
const fields = {
  errorPercent: percent.describe("Requests that failed (5xx of a target, or no connection to it), in per cent."),
  errorMinimumRequests: z
    .int()
    .min(1)
    .max(1_000_000)
    .describe("Requests a minute below which a ratio of errors says nothing."),
  errorMinutes: minutes.describe("Minutes looked at for errors; most of them must be bad (3 of 5)."),
  p95Seconds: seconds.describe("95th percentile of the targets' response time, in seconds."),
  p99Seconds: seconds.describe("99th percentile of the targets' response time, in seconds."),
  latencyMinutes: minutes.describe("Minutes in a row that the response time must be too long."),
  cpuPercent: percent.describe("CPU that the tasks use on average, in per cent of what they have."),
  memoryPercent: percent.describe("Memory that the fullest task uses, in per cent of what it has."),
  saturationMinutes: minutes.describe("Minutes in a row that CPU or memory must be too high."),
  healthMinutes: minutes.describe(
    "Minutes in a row with too few healthy targets, or with an unhealthy one; at least as long as a task may take to start (`health.gracePeriod`) and two more.",
  ),
};

const thresholds = z
  .strictObject({
    errorPercent: fields.errorPercent.default(1),
    errorMinimumRequests: fields.errorMinimumRequests.default(20),
    errorMinutes: fields.errorMinutes.default(5),
    p95Seconds: fields.p95Seconds.default(1),
    p99Seconds: fields.p99Seconds.default(3),
    latencyMinutes: fields.latencyMinutes.default(5),
    cpuPercent: fields.cpuPercent.default(80),
    memoryPercent: fields.memoryPercent.default(85),
    saturationMinutes: fields.saturationMinutes.default(10),
    healthMinutes: fields.healthMinutes.default(3),
  })
  .prefault({});

export type AlarmThresholds = z.output<typeof thresholds>;

const subscription = z.strictObject({
  protocol: z.enum(["email", "https"]).describe("Both are confirmed by whoever receives them."),
  endpoint: z
    .string()
    .min(1)
    .max(2048)
    .describe("Mail address, or URL. A URL with a token in it is a secret: `pulumi config set --secret --path`."),
  confirmsItself: z
    .boolean()
    .default(false)
    .describe(
      "The receiver of https confirms the subscription at once (PagerDuty does); the update then waits for it.",
    ),
});

const subscriptions = z.record(identifier, subscription).default({});

export const alarms = z.strictObject({
  subscriptions: z
    .strictObject({ critical: subscriptions, warning: subscriptions, info: subscriptions })
    .prefault({})
    .describe("Who is told, by severity; each has a name of its own."),
  kmsKeyArn: arn
    .optional()
    .describe(
      "Customer managed key for the topics; its policy must let cloudwatch.amazonaws.com use it. Default: SNS's own disk encryption.",
    ),
  severities: z
    .partialRecord(z.enum(alarmKinds), z.enum(severities))
    .default({})
    .describe("Severity by kind, where it is to differ from the default."),
  thresholds: thresholds.describe("For every service."),
  services: z
    .record(identifier, z.strictObject(fields).partial())
    .default({})
    .describe("Thresholds of single services, where they are to differ."),
  balancerErrors: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .describe("5xx answers a minute that the balancer gives itself, because no target could."),
  dashboard: z.boolean().default(true).describe("A CloudWatch dashboard of the environment."),
});

export type AlarmsConfig = z.output<typeof alarms>;
