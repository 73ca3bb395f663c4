/** What a service's container and its sidecars have in common. Limits: Amazon ECS API reference, ContainerDefinition. */
import { z } from "zod";
import { arn, identifier, port, repositoryName, variableName, variableValue } from "./fields.ts";

/** Secrets Manager API, CreateSecret, Name; ECS takes JSON key, stage and version after it, all three or none. */
const secretArn = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}$/;
const secretWithSuffix =
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}(?::[^:]*:(?:[^:]*:|:[A-Za-z0-9-]{32,64}))?$/;
/** Systems Manager API, PutParameter, Name. ECS reads no version or label of a parameter (containers-roadmap#859). */
const parameterArn = /^arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter\/[A-Za-z0-9_./-]{1,1011}$/;

const secretReference = z.union([
  z
    .string()
    .refine(
      (value) => secretWithSuffix.test(value) || parameterArn.test(value),
      "an ARN of a Secrets Manager secret (with :KEY:STAGE:VERSION at most, and STAGE or VERSION, not both), or of an SSM parameter without a version",
    )
    .describe("ARN of a Secrets Manager secret, :KEY:STAGE:VERSION after it at will, or of an SSM parameter."),
  z
    .strictObject({
      arn: z.string().regex(secretArn, "the ARN of a Secrets Manager secret, nothing after it"),
      key: z
        .string()
        .regex(/^[^:]{1,512}$/, "1 to 512 characters, no colon")
        .optional()
        .describe("Key in the JSON that the secret is. Default: the whole secret."),
      stage: z
        .string()
        .regex(/^[^:]{1,256}$/, "1 to 256 characters, no colon")
        .optional()
        .describe("Staging label. Default: AWSCURRENT."),
      version: z
        .union([z.literal("pin"), z.string().regex(/^[A-Za-z0-9-]{32,64}$/, "pin, or the id of a version")])
        .optional()
        .describe(
          "pin: the version that carries the label when a release is named; it is then part of the release. An id: that " +
            "version. Default: what carries the label when a task starts.",
        ),
    })
    .refine(
      ({ stage, version }) => stage === undefined || version === undefined || version === "pin",
      "an id names one version: no stage beside it",
    ),
]);

const writablePath = z
  .string()
  .max(255)
  .regex(
    /^(?!\/(?:proc|sys|dev)(?:\/|$))(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.-]+)+$/,
    "an absolute path without . and .., not in /proc, /sys or /dev",
  );

export const health = z
  .strictObject({
    command: z
      .union([z.string().min(1).max(4096), z.array(z.string().min(1).max(4096)).min(1).max(32)])
      .describe("Run in the container; exit code 0 is healthy. A list is run as it is, a text by the image's shell."),
    interval: z.int().min(5).max(300).default(30).describe("Seconds between checks (ECS: 5 to 300)."),
    timeout: z.int().min(2).max(60).default(5).describe("Seconds before a check fails (ECS: 2 to 60)."),
    retries: z.int().min(1).max(10).default(3).describe("Failures in a row that make it unhealthy (ECS: 1 to 10)."),
    startPeriod: z.int().min(0).max(300).default(0).describe("Seconds in which failures do not count (ECS: 0 to 300)."),
  })
  .describe("Check inside the container, beside the balancer's. An essential one that fails ends the task.");

const condition = z.enum(["START", "HEALTHY", "COMPLETE", "SUCCESS"]);

/** Options of every container. */
export const containerOptions = {
  environment: z
    .record(variableName, variableValue)
    .default({})
    .describe("Plain variables; secrets belong under `secrets`."),
  secrets: z
    .record(variableName, secretReference)
    .default({})
    .describe("Variable to where its value is: a Secrets Manager secret or an SSM parameter."),
  user: z
    .union([
      z.int().min(1).max(2_147_483_647),
      z
        .string()
        .max(64)
        .regex(
          /^(?!(?:0+|root)(?::|$))[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/,
          "USER or USER:GROUP, names or numbers; never root",
        ),
    ])
    .transform(String)
    .default("65532")
    .describe("Who the program runs as; 65532 is the user nonroot of distroless images. Never root."),
  entryPoint: z
    .array(z.string().max(4096))
    .min(1)
    .max(64)
    .optional()
    .describe("In place of the image's ENTRYPOINT; the image's CMD is then left out."),
  command: z.array(z.string().max(4096)).min(1).max(64).optional().describe("In place of the image's CMD."),
  writablePaths: z
    .array(
      z.union([
        writablePath,
        z.strictObject({
          path: writablePath,
          memoryMiB: z.int().min(1).max(16_384).describe("Size in MiB; it counts as memory of the container."),
        }),
      ]),
    )
    .max(10)
    .default([])
    .describe(
      "Paths that the program may write to; all else is read-only. A path alone lies on the task's disk, and its owner is " +
        "root unless the image declares it as VOLUME; with memoryMiB it is a tmpfs.",
    ),
  stopTimeout: z
    .int()
    .min(2)
    .max(120)
    .default(30)
    .describe("Seconds between SIGTERM and SIGKILL (Fargate: at most 120)."),
  dependsOn: z
    .record(identifier, condition)
    .default({})
    .describe("Containers of the task that must have come this far before this one is started; they end after it."),
};

/** A container beside the service's own, in each of its tasks. */
export const sidecar = z.strictObject({
  ...containerOptions,
  image: z
    .string()
    .max(328)
    .refine((value) => {
      const [repository, digest, ...rest] = value.split("@");
      const known = repositoryName.safeParse(repository).success && /^sha256:[0-9a-f]{64}$/.test(digest ?? "");
      return known && rest.length === 0;
    }, "REPOSITORY@sha256:DIGEST, of a repository in the foundation stack's registry")
    .describe("REPOSITORY@sha256:DIGEST, of a repository in the foundation stack's registry."),
  essential: z.boolean().default(true).describe("Its end is the end of the task."),
  cpu: z
    .int()
    .min(2)
    .max(16_384)
    .optional()
    .describe("CPU units of the task that it is sure of. Default: a fair share."),
  memory: z.int().min(6).max(122_880).optional().describe("MiB that it is killed beyond. Default: the task's."),
  port: port.optional().describe("Port that it listens on; the task's containers reach each other on localhost."),
  health: health.optional(),
});

/** CloudWatch Logs API, PutRetentionPolicy. */
const retentionDays = z.literal([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);

export const kmsKeyArn = arn.regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, "the ARN of a KMS key");

export const logs = z
  .strictObject({
    retentionDays: retentionDays.optional().describe("Days that logs are kept. Default: the cluster's."),
    kmsKey: kmsKeyArn
      .optional()
      .describe("Key that encrypts the log group; its policy must let CloudWatch Logs use it. Default: AWS's own."),
    mode: z
      .enum(["non-blocking", "blocking"])
      .default("non-blocking")
      .describe("non-blocking loses lines where CloudWatch is slow; blocking stops the program instead."),
    bufferMiB: z.int().min(1).max(256).default(25).describe("Lines kept for CloudWatch per container, in MiB."),
  })
  .prefault({});

export type SidecarConfig = z.output<typeof sidecar>;
export type ContainerHealth = z.output<typeof health>;
