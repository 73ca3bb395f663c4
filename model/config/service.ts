/** The section `services`: what runs, one entry each. */
import { z } from "zod";
import { health as containerHealth, containerOptions, kmsKeyArn, logs, sidecar } from "./container.ts";
import { identifier, percent, port, repositoryName } from "./fields.ts";
import { migration } from "./migration.ts";
import { permission } from "./permission.ts";
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
  ...containerOptions,
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
  migration,
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
  balancer: z
    .int()
    .min(1)
    .max(4)
    .default(1)
    .describe("Which of the cluster's balancers it is on, from 1. It stays there for life."),
  health,
  deregistrationDelay: z
    .int()
    .min(0)
    .max(3600)
    .default(30)
    .describe("Seconds that requests in flight get when a task leaves (ELBv2)."),
  containerHealth: containerHealth.optional(),
  ephemeralStorage: z
    .int()
    .min(21)
    .max(200)
    .optional()
    .describe("Disk of a task in GiB, images included (Fargate: 21 to 200). Default: 20, which cost nothing."),
  capacity: z
    .strictObject({
      spot: percent.default(0).describe("Share of the tasks on Fargate Spot, in per cent."),
      base: z.int().min(0).max(1000).default(0).describe("Tasks on demand before the share counts."),
    })
    .refine(({ spot, base }) => base === 0 || (spot > 0 && spot < 100), "base needs a share of Spot between 1 and 99")
    .prefault({}),
  logs,
  sidecars: z
    .record(identifier, sidecar)
    .refine((sidecars) => Object.keys(sidecars).length <= 9, "at most 9: ECS allows 10 containers in a task")
    .default({})
    .describe("Containers beside the service's own, in each of its tasks."),
  permissions: z
    .array(permission)
    .max(50)
    .default([])
    .describe("What the program itself may do on AWS: its task role."),
  secretKeys: z
    .array(kmsKeyArn)
    .max(10)
    .default([])
    .describe("KMS keys of your own that secrets and parameters are encrypted with. AWS's own keys need no mention."),
});

export type ServiceConfig = z.output<typeof service>;
