/** The section `releases`: what a run asks for. */
import { z } from "zod";
import { percent, tag } from "./fields.ts";

/** What a run asks of one service. It stands apart from `services`, which plain `pulumi --config-path` would replace whole. */
export const request = z.strictObject({
  imageTag: tag.optional().describe("The release asked for."),
  candidate: z
    .strictObject({ imageTag: tag, weight: percent.describe("Per cent of the traffic for the candidate.") })
    .optional()
    .describe("A release on trial beside the active one."),
  release: z
    .string()
    .regex(/^[0-9a-f]{16}$/, "16 hex digits")
    .optional()
    .describe("Go back to the release with this identity, as it stands on the standby."),
});

export type ReleaseRequest = z.output<typeof request>;
