/** The section `network`: a VPC of the stack's own, or one that exists. */
import { z } from "zod";
import { cidr } from "./fields.ts";

/** What a VPC of the stack's own is like where nothing is said. */
export const networkDefaults = { cidr: "10.20.0.0/16", zones: 2, egress: "single-nat" } as const;

const subnets = z
  .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "a subnet's id, such as subnet-0a1b2c3d4e5f60718"))
  .min(2)
  .max(6);

const existing = z.strictObject({
  id: z
    .string()
    .regex(/^vpc-[0-9a-f]{8,17}$/, "a VPC's id, such as vpc-0a1b2c3d4e5f60718")
    .describe("The VPC."),
  cidr: cidr.describe("Its range: what the balancers may send requests to."),
  publicSubnets: subnets.describe("Where balancers stand: subnets with a route to an internet gateway, of two zones."),
  privateSubnets: subnets.describe("Where tasks run: subnets that reach ECR, logs and secrets, of two zones."),
});

const flowLogs = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Record what connects to what in CloudWatch Logs."),
    traffic: z
      .enum(["REJECT", "ACCEPT", "ALL"])
      .default("REJECT")
      .describe("Which connections: refused ones show attacks and wrong rules at little cost; ALL also serves audits."),
    retentionDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 180, 365]).default(90).describe("Days that they are kept."),
  })
  .prefault({});

export const network = z.strictObject({
  vpc: existing
    .optional()
    .describe(
      "An existing VPC instead of one of the stack's own. Nothing is made in it, so it takes no other setting.",
    ),
  cidr: cidr
    .optional()
    .meta({ default: networkDefaults.cidr })
    .describe(`The VPC's range; /16 to /20. Default: ${networkDefaults.cidr}.`),
  zones: z
    .int()
    .min(2)
    .max(3)
    .optional()
    .meta({ default: networkDefaults.zones })
    .describe(`Availability zones, 2 or 3. Default: ${networkDefaults.zones}.`),
  egress: z
    .enum(["single-nat", "nat-per-zone", "endpoints", "public"])
    .optional()
    .meta({ default: networkDefaults.egress })
    .describe(
      "How tasks reach out: one NAT gateway, one per zone, AWS's services alone through endpoints, or public addresses " +
        `in public subnets. Default: ${networkDefaults.egress}.`,
    ),
  endpoints: z
    .array(z.string().regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/, "a service's short name, such as kms or monitoring"))
    .max(20)
    .default([])
    .describe(
      "Endpoints of AWS services, by short name; s3 and dynamodb cost nothing. Egress endpoints has those that Fargate needs.",
    ),
  flowLogs,
});

export type NetworkConfig = z.output<typeof network>;
export type ExistingVpc = z.output<typeof existing>;
