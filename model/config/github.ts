/** The section `github`: the repository, and the roles that its workflows take. */
import { z } from "zod";
import { identifier } from "./fields.ts";
import { permission } from "./permission.ts";

/** A branch, a tag or a GitHub environment in full: a trust policy names each one. */
const exactName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^(?!.*\$\{)[^\s*?[\]~^:\\]+$/, "one name in full, without wildcards or refs/heads/");

/** GitHub, "OpenID Connect reference": `job_workflow_ref`. */
const workflowRef = z
  .string()
  .max(512)
  .regex(
    /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+\/\.github\/workflows\/[A-Za-z0-9._-]+\.ya?ml@refs\/(?:heads|tags)\/(?!.*\$\{)[^\s*?[\]~^:\\]+$/,
    "a workflow at a ref, such as OWNER/NAME/.github/workflows/deploy.yml@refs/heads/main",
  );

const keyArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, "ARN of a KMS key, not of an alias");

const secretArn = z
  .string()
  .max(512)
  .regex(
    /^arn:aws[a-z-]*:(?:secretsmanager:[a-z0-9-]+:\d{12}:secret:|ssm:[a-z0-9-]+:\d{12}:parameter\/)[\w/+=.@-]+\*?$/,
    "ARN of a secret or parameter, with * at most at its end",
  );

const grants = z.strictObject({
  secrets: z
    .array(secretArn)
    .max(20)
    .default([])
    .describe(
      "Secrets and parameters that tasks may be given beside those whose names begin with PROJECT/STACK/. Default: none.",
    ),
  permissions: z
    .array(permission)
    .max(20)
    .default([])
    .describe("The most that services.<name>.permissions may give to tasks. Default: nothing."),
  vpc: z
    .string()
    .regex(/^vpc-[0-9a-f]{8,17}$/, "id of a VPC")
    .optional()
    .describe("The existing VPC that the environment's stack adopts (sluice:network.vpc). Default: it makes its own."),
  eks: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "name of an EKS cluster")
    .optional()
    .describe("EKS cluster that the stack deploys to (sluice:kubernetes.eks). Default: none."),
  zone: z
    .strictObject({
      id: z.string().regex(/^Z[A-Z0-9]{1,31}$/, "a hosted zone's id, such as Z0123456789ABCDEFGHIJ"),
      names: z
        .array(z.string().regex(/^(?=.{1,200}$)(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/, "a host name in lower case"))
        .min(1)
        .max(10)
        .describe("Host names that are the environment's; the proofs of their certificates below them are too."),
    })
    .optional()
    .describe("Records in Route 53 that the stack makes (sluice:cluster.certificate). Default: none."),
  webAcl: z
    .string()
    .regex(/^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional\/webacl\/[\w-]+\/[\w-]+$/, "ARN of a regional web ACL")
    .optional()
    .describe("Web ACL before the balancers (sluice:cluster.webAclArn). Default: none."),
  stateKey: keyArn
    .optional()
    .describe("KMS key of the stack's own secrets provider (awskms://). Default: another provider, no permission."),
});

export const github = z.strictObject({
  owner: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}$/, "a GitHub account's name"),
  ownerId: z.int().positive().describe("Number of the account: gh api users/OWNER --jq .id"),
  repository: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/, "a repository's name, without its owner"),
  repositoryId: z.int().positive().describe("Number of the repository: gh api repos/OWNER/NAME --jq .id"),
  provider: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com$/,
      "ARN of GitHub's identity provider",
    )
    .optional()
    .describe("The account's identity provider, where it has one already (IAM: one per URL). Default: made here."),
  plans: z.boolean().default(true).describe("Whether pull requests get a role that may look. Default: true."),
  deploys: z
    .array(identifier)
    .max(20)
    .default(["staging", "prod"])
    .describe("GitHub environments that get a deploy role for the stack of the same name. Default: staging, prod."),
  pushesFrom: z.array(exactName).default(["main"]).describe("Branches whose workflows may push images. Default: main."),
  pushesFromTags: z
    .array(exactName)
    .default([])
    .describe("Tags whose workflows may push images, in full; for v* use pushesFromEnvironments. Default: none."),
  pushesFromEnvironments: z
    .array(exactName)
    .default([])
    .describe(
      "GitHub environments whose workflows may push images; their rules name branches and tags. Default: none.",
    ),
  workflows: z
    .strictObject({
      deploy: z.array(workflowRef).default([]).describe("That deploy. Default: any of the repository's."),
      push: z.array(workflowRef).default([]).describe("That push images. Default: any of the repository's."),
    })
    .prefault({})
    .describe("Workflow files that may take roles (claim job_workflow_ref)."),
  maxSessionMinutes: z
    .int()
    .min(60)
    .max(720)
    .default(60)
    .describe("Longest session of a role, in minutes (IAM: 60 to 720). Default: 60."),
  backend: z
    .strictObject({
      bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket's name (S3: 3 to 63 characters)"),
      foundationKey: keyArn
        .optional()
        .describe("KMS key of the foundation's secrets provider (awskms://). Default: no permission."),
    })
    .optional()
    .describe("Pulumi's state in S3, of which each deploy role gets its own stack's. Default: no permission."),
  evidence: z
    .strictObject({
      bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket's name (S3: 3 to 63 characters)"),
      prefix: z
        .string()
        .max(256)
        .regex(/^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/, "a path of A-Z a-z 0-9 . _ - without slashes at its ends")
        .default("evidence")
        .describe("Where in the bucket, as in the pack's evidence location. Default: evidence."),
      key: keyArn.optional().describe("KMS key that the bucket encrypts with. Default: no permission."),
    })
    .optional()
    .describe("The evidence of images in S3: push and deploy roles read it and add to it. Default: no permission."),
  grants: z.record(identifier, grants).default({}).describe("What single environments' roles may be given, by name."),
});

export type GithubConfig = z.output<typeof github>;
