/** The sections of a stack's configuration; each declares one component. */
import { z } from "zod";

/** Lower case, digits and single hyphens; it becomes part of physical names. */
export const identifier = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,23}$/,
    "1 to 24 lower-case letters, digits and single hyphens, a letter first",
  );
/** OCI distribution specification, "Pulling manifests": the grammar of a tag. */
export const tag = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, "a tag: 1 to 128 of A-Z a-z 0-9 _ . -, not starting with . or -");
/** ECR API, CreateRepository, repositoryName. */
const repositoryName = z
  .string()
  .min(2)
  .max(256)
  .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/, "lower-case words joined by . _ - or /");
const percent = z.int().min(0).max(100);
const port = z.int().min(1).max(65_535);
/** POSIX names; AWS and shells take no others. */
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "letters, digits and _, not starting with a digit");
const cidr = z.cidrv4("an IPv4 range such as 10.20.0.0/16");
const arn = z.string().regex(/^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{0,12}:.+/, "an ARN");

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

export const registry = z.strictObject({
  repositories: z
    .record(
      repositoryName,
      z.strictObject({
        expireUntaggedDays: z
          .int()
          .min(1)
          .max(365)
          .default(14)
          .describe("Days until an image without a tag is removed."),
        expirePreviewDays: z
          .int()
          .min(1)
          .max(365)
          .default(14)
          .describe("Days until images tagged dev-* or pr-* are removed."),
      }),
    )
    .refine((repositories) => Object.keys(repositories).length > 0, "at least one repository"),
});

export const github = z.strictObject({
  owner: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}$/, "a GitHub account's name"),
  ownerId: z.int().positive().describe("Number of the account: gh api users/OWNER --jq .id"),
  repository: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "a repository's name, without its owner"),
  repositoryId: z.int().positive().describe("Number of the repository: gh api repos/OWNER/NAME --jq .id"),
  deploys: z.array(identifier).default(["staging", "prod"]).describe("Environments that get a deploy role."),
  pushesFrom: z.array(z.string().min(1)).default(["main"]).describe("Branches whose workflows may push images."),
});

export const ruleset = z.strictObject({
  branches: z
    .array(z.string().min(1))
    .min(1)
    .describe("Branch names or fnmatch patterns; ~DEFAULT_BRANCH for the default one."),
  approvals: z
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe("Approving reviews that a pull request needs (GitHub: 0 to 10)."),
  dismissStale: z.boolean().default(true).describe("A push dismisses approvals."),
  resolveConversations: z.boolean().default(true),
  upToDate: z.boolean().default(true).describe("The branch must hold the base's newest commit."),
  linear: z.boolean().default(false).describe("No merge commits."),
  checks: z
    .array(
      z.strictObject({
        context: z.string().min(1),
        integrationId: z
          .int()
          .positive()
          .default(15_368)
          .describe("The app that must report it; 15368 is GitHub Actions."),
      }),
    )
    .default([]),
  bypass: z
    .array(
      z.strictObject({
        actorId: z.int().positive(),
        actorType: z.enum(["RepositoryRole", "Team", "Integration", "OrganizationAdmin"]),
        mode: z.enum(["always", "pull_request"]).default("pull_request"),
      }),
    )
    .default([])
    .describe("Who may pass the rules by. Nobody by default."),
});

export const githubEnvironment = z.strictObject({
  reviewers: z
    .strictObject({ users: z.array(z.int()).default([]), teams: z.array(z.int()).default([]) })
    .refine(({ users, teams }) => users.length + teams.length <= 6, "at most 6 reviewers (GitHub)")
    .prefault({}),
  waitMinutes: z
    .int()
    .min(0)
    .max(43_200)
    .default(0)
    .describe("Minutes between approval and start (GitHub: at most 43200)."),
  branches: z.array(z.string().min(1)).default(["main"]).describe("Branches that may deploy here."),
});

export const network = z.strictObject({
  cidr: cidr.default("10.20.0.0/16").describe("The VPC's range; /16 to /20."),
  zones: z.int().min(2).max(3).default(2).describe("Availability zones."),
  egress: z
    .enum(["single-nat", "nat-per-zone", "public"])
    .default("single-nat")
    .describe("How tasks reach out: one NAT gateway, one per zone, or public addresses in public subnets."),
});

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

export type ServiceConfig = z.output<typeof service>;
export type ReleaseRequest = z.output<typeof request>;
export type NetworkConfig = z.output<typeof network>;
export type ClusterConfig = z.output<typeof cluster>;
export type RegistryConfig = z.output<typeof registry>;
export type GithubConfig = z.output<typeof github>;
export type GithubEnvironmentConfig = z.output<typeof githubEnvironment>;
