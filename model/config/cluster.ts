/** The section `cluster`: where services run, and the balancers that they share. */
import { z } from "zod";
import { arn, port } from "./fields.ts";

/** A host name, as certificates and records name it. */
const hostName = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "a host name in lower case, such as www.example.com",
  );
const certifiedName = z
  .string()
  .max(253)
  .regex(
    /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "a host name in lower case, such as api.example.com or *.example.com",
  );

const certificate = z.strictObject({
  zoneId: z
    .string()
    .regex(/^Z[A-Z0-9]{1,31}$/, "a hosted zone's id, such as Z0123456789ABCDEFGHIJ")
    .describe("Public hosted zone in Route 53 that holds `domain`; it gets the certificate's proofs and an alias."),
  alternativeNames: z
    .array(certifiedName)
    .max(9)
    .default([])
    .describe("Names beside `domain`, at most 9 (ACM: ten names a certificate); *.example.com covers one label."),
});

const accessLogs = z
  .strictObject({
    enabled: z.boolean().default(true).describe("Keep a line for every request, in S3."),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of a bucket")
      .optional()
      .describe(
        "An existing bucket of the same region whose policy lets Elastic Load Balancing write. Default: a new one.",
      ),
    retentionDays: z.int().min(1).max(3650).default(90).describe("Days that a new bucket keeps them."),
  })
  .prefault({});

/** Source: ELB user guide, "Security policies for your Application Load Balancer"; the first is AWS's recommendation. */
export const tlsPolicies = [
  "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
  "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
  "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09",
  "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
  "ELBSecurityPolicy-TLS13-1-2-2021-06",
  "ELBSecurityPolicy-TLS13-1-3-2021-06",
] as const;

export const cluster = z.strictObject({
  listenerPort: port.default(80).describe("The balancer's port. With a certificate it is 443, and 80 redirects there."),
  certificateArn: arn.optional().describe("ACM certificate; the balancer then speaks TLS."),
  certificate: certificate
    .optional()
    .describe("A certificate for `domain`, requested and proven by DNS, instead of an existing one."),
  domain: hostName.optional().describe("Name that users reach the first balancer by."),
  tlsPolicy: z
    .enum(tlsPolicies)
    .default(tlsPolicies[0])
    .describe("Protocols and ciphers: TLS 1.2 with forward secrecy and 1.3, hybrid post-quantum where clients can."),
  balancers: z
    .int()
    .min(1)
    .max(4)
    .default(1)
    .describe("Balancers that services are spread over, each by its own setting `balancer`."),
  rulesPerBalancer: z
    .int()
    .min(100)
    .max(1000)
    .default(100)
    .describe(
      "Your account's quota `Rules per Application Load Balancer` (100; AWS raises it on request). A service takes three.",
    ),
  accessLogs,
  webAclArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[^/]+\/[^/]+$/, "the ARN of a regional web ACL")
    .optional()
    .describe("AWS WAF web ACL that every balancer asks first."),
  idleTimeout: z.int().min(1).max(4000).default(60).describe("Seconds without a byte before a connection is closed."),
  desyncMitigation: z
    .enum(["monitor", "defensive", "strictest"])
    .default("defensive")
    .describe("What happens to requests that could mean two things: strictest takes RFC 7230 by the letter."),
  deletionProtection: z
    .boolean()
    .default(true)
    .describe("AWS refuses to delete balancers, and access logs are never deleted with their bucket."),
  containerInsights: z
    .literal([true, false, "enabled", "enhanced", "disabled"])
    .default("enabled")
    .describe("CloudWatch Container Insights; enhanced adds metrics per task. true is enabled, false disabled."),
  logRetentionDays: z
    .literal([1, 3, 5, 7, 14, 30, 60, 90, 180, 365])
    .default(30)
    .describe("Days that services' logs are kept."),
});

export type ClusterConfig = z.output<typeof cluster>;
