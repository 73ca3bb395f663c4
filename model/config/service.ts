/** The section `services`: what runs, one entry each. */
import { z } from "zod";
import { arn, port, repositoryName, variableName } from "./fields.ts";
import { scaling, standby } from "./scaling.ts";

const health = z
  .strictObject({
    path: z
      .string()
      .startsWith("/")
      .max(1024)
      .default("/health")
      .describe("Path that answers 200 when the service is ready."),
    interval: z.int().min(5).max(300).default(10).describe("Seconds between checks (ELBv2: 5 to 300)."),
    timeout: z.int().min(2).max(120).default(5).describe("Seconds before a check fails (ELBv2: 2 to 120)."),
    healthyThreshold: z.int().min(2).max(10).default(2).describe("Successes in a row that make a target healthy."),
    unhealthyThreshold: z.int().min(2).max(10).default(3).describe("Failures in a row that make a target unhealthy."),
    matcher: z
      .string()
      .regex(/^\d{3}(?:-\d{3})?(?:,\d{3}(?:-\d{3})?)*$/, "codes such as 200 or 200-299")
      .default("200"),
    gracePeriod: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .default(60)
      .describe("Seconds in which failed checks stop no new task."),
  })
  .prefault({});

export const service = z.strictObject({
  repository: repositoryName
    .optional()
    .describe("Repository in the foundation stack's registry. Default: the service's name."),
  port: port.default(8080).describe("Port that the container listens on."),
  cpu: z
    .literal([256, 512, 1024, 2048, 4096])
    .default(256)
    .describe("CPU units of a task; 1024 are one vCPU (Fargate sizes)."),
  memory: z.int().min(512).max(30_720).default(512).describe("Memory of a task in MiB (Fargate sizes)."),
  architecture: z.enum(["X86_64", "ARM64"]).default("X86_64"),
  count: z
    .strictObject({ min: z.int().min(1).max(1000).default(1), max: z.int().min(1).max(1000).default(4) })
    .prefault({})
    .describe("Bounds of each colour's autoscaling, in tasks."),
  scaling,
  standby,
  route: z
    .strictObject({
      hosts: z.array(z.string().min(1).max(128)).max(5).default([]).describe("Host names; * and ? match."),
      paths: z
        .array(z.string().startsWith("/").max(128))
        .max(5)
        .default([])
        .describe("Paths; * and ? match. Neither hosts nor paths: all."),
    })
    .prefault({}),
  health,
  environment: z
    .record(variableName, z.coerce.string())
    .default({})
    .describe("Plain variables; secrets belong under `secrets`."),
  secrets: z
    .record(variableName, arn)
    .default({})
    .describe("Variable to the ARN of a Secrets Manager secret or SSM parameter."),
  stopTimeout: z
    .int()
    .min(2)
    .max(120)
    .default(30)
    .describe("Seconds between SIGTERM and SIGKILL (Fargate: at most 120)."),
  deregistrationDelay: z
    .int()
    .min(0)
    .max(3600)
    .default(30)
    .describe("Seconds that requests in flight get when a task leaves (ELBv2)."),
});

export type ServiceConfig = z.output<typeof service>;
