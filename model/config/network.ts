/** The section `network`: a VPC. */
import { z } from "zod";
import { cidr } from "./fields.ts";

export const network = z.strictObject({
  cidr: cidr.default("10.20.0.0/16").describe("The VPC's range; /16 to /20."),
  zones: z.int().min(2).max(3).default(2).describe("Availability zones."),
  egress: z
    .enum(["single-nat", "nat-per-zone", "public"])
    .default("single-nat")
    .describe("How tasks reach out: one NAT gateway, one per zone, or public addresses in public subnets."),
});

export type NetworkConfig = z.output<typeof network>;
