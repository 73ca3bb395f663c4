/** The setting `migration` of a service: what runs once per release before any task of it starts. */
import { z } from "zod";
import { variableName, variableValue } from "./fields.ts";

export const migration = z
  .strictObject({
    command: z
      .array(z.string().min(1))
      .min(1)
      .describe(
        "Command and arguments, in place of the image's CMD; its ENTRYPOINT stays. It must bear being run again.",
      ),
    timeout: z.int().min(10).max(86_400).default(900).describe("Seconds until it is stopped, and the update fails."),
    environment: z
      .record(variableName, variableValue)
      .default({})
      .describe("Plain variables beside those of the service."),
    cpu: z.literal([256, 512, 1024, 2048, 4096]).optional().describe("CPU units. Default: the service's."),
    memory: z.int().min(512).max(30_720).optional().describe("Memory in MiB. Default: the service's."),
  })
  .optional()
  .describe("A task of the release's own image, roles and secrets. While it fails, no task of the release starts.");

export type MigrationConfig = NonNullable<z.output<typeof migration>>;
