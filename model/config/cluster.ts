/** The section `cluster`: where services run, and the balancer that they share. */
import { z } from "zod";
import { arn, port } from "./fields.ts";

export const cluster = z.strictObject({
  listenerPort: port.default(80).describe("The balancer's port. With a certificate it is 443, and 80 redirects there."),
  certificateArn: arn.optional().describe("ACM certificate; the balancer then speaks TLS."),
  domain: z.string().min(3).max(253).optional().describe("Name that users reach the balancer by."),
  deletionProtection: z.boolean().default(true).describe("AWS refuses to delete the balancer."),
  containerInsights: z.boolean().default(true),
  logRetentionDays: z
    .literal([1, 3, 5, 7, 14, 30, 60, 90, 180, 365])
    .default(30)
    .describe("Days that services' logs are kept."),
});

export type ClusterConfig = z.output<typeof cluster>;
