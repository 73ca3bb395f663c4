/** The settings `scaling` and `standby` of a service: how many tasks each colour has, and when. */
import { z } from "zod";

const cooldown = z.int().min(0).max(3600).optional();

export const scaling = z
  .strictObject({
    cpu: z
      .int()
      .min(0)
      .max(100)
      .default(60)
      .describe("Per cent of its CPU that a task is kept at, on average; 0: CPU decides nothing."),
    memory: z.int().min(1).max(100).optional().describe("Per cent of its memory that a task is kept at, on average."),
    requestsPerTask: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe("Requests a minute that a task is kept at, on average, as its colour's target group counts them."),
    scaleOutCooldown: cooldown.describe("Seconds between two increases. Default: AWS's, 300."),
    scaleInCooldown: cooldown.describe("Seconds between two decreases. Default: AWS's, 300."),
  })
  .refine(
    ({ cpu, memory, requestsPerTask }) => cpu > 0 || memory !== undefined || requestsPerTask !== undefined,
    "at least one of cpu (above 0), memory and requestsPerTask: a count that was raised for a switch would never fall",
  )
  .prefault({})
  .describe("What each colour's autoscaling keeps to, within `count`. It is no part of a release.");

export const standby = z
  .enum(["warm", "cool", "cold"])
  .default("warm")
  .describe(
    "Tasks of the colour that carries nothing: warm count.min, cool one, cold none. Of cool and cold, a rollback first starts tasks.",
  );

export type Standby = z.output<typeof standby>;
