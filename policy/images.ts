/** Images: by digest only, and from the stack's own registry. */
import { containersOf } from "./support/containers.ts";
import { resourcePolicy } from "./support/definition.ts";
import { type Finding, quote, undecided } from "./support/finding.ts";
import { parseImage } from "./support/image-reference.ts";
import { type Known, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

/** AWS gives no account this number; the sandbox calls its own account so. */
const sandboxAccount = "000000000000";

/** What images may come from. */
export interface ImageSettings {
  /** Hosts, with `{account}` for the account of the task's execution role and `{region}` for any region. */
  readonly registries: readonly string[];
  /** Whether 127.0.0.1:PORT is the registry of tasks whose execution role is in the sandbox's account. */
  readonly loopback: boolean;
}

export const imagesByDigest = resourcePolicy({
  name: "images-by-digest",
  description: "Containers run images named by digest, from the stack's own registry.",
  severity: "critical",
  remedy: "Push the image with `sluice push`, and use REGISTRY/REPOSITORY@sha256:DIGEST, which it prints.",
  tags: ["supply-chain", "ecs"],
  settings: {
    registries: {
      default: ["{account}.dkr.ecr.{region}.amazonaws.com"],
      description: "Registry hosts. {account}: the account of the task's execution role; {region}: any AWS region.",
    },
    loopback: {
      default: true,
      description: "Let tasks of the sandbox (execution role in account 000000000000) use the registry 127.0.0.1:PORT.",
    },
  },
  types: [types.taskDefinition],
  judge: ({ properties }, settings) => judgeImages(properties, settings),
});

/**
 * Judges every container's image in a task definition.
 *
 * @example
 * judgeImages({ containerDefinitions: '[{"name":"api","image":"nginx"}]' }, settings)[0]?.what
 */
export function judgeImages(properties: Known, settings: ImageSettings): Finding[] {
  const { containers, findings } = containersOf(properties);
  const account = executionAccount(properties);
  return [
    ...findings,
    ...containers.flatMap(({ where, definition }) => judgeImage(definition.image, where, account, settings)),
  ];
}

type Account = string | typeof unknown | undefined;

/**
 * The account that the task runs in. ECS takes only an execution role of its own account, so the role's ARN cannot
 * name another one and still run.
 */
function executionAccount(properties: Known): Account {
  const role = properties.executionRoleArn;
  if (role === unknown) return unknown;
  return typeof role === "string" ? /^arn:aws[a-z-]*:iam::(\d{12}):role\/./.exec(role)?.[1] : undefined;
}

function judgeImage(image: unknown, where: string, account: Account, settings: ImageSettings): Finding[] {
  const remedy = "use REGISTRY/REPOSITORY@sha256:DIGEST, as sluice push prints it";
  if (typeof image !== "string") return [{ where, what: "has no image", remedy }];
  const host = parseImage(image)?.host;
  if (host === undefined) {
    const what = image.includes("@")
      ? `image ${quote(image)} is no REGISTRY/REPOSITORY@sha256:DIGEST without a tag`
      : `image ${quote(image)} is named by tag, and a tag can come to mean another image`;
    return [{ where, what, remedy }];
  }
  return judgeHost(host, where, account, settings);
}

function judgeHost(host: string, where: string, account: Account, settings: ImageSettings): Finding[] {
  const patterns = settings.registries.filter((pattern) => !pattern.includes("{account}"));
  if (patterns.some((pattern) => matchesHost(pattern, host, ""))) return [];
  if (account === unknown) return [undecided(`${where} registry ${quote(host)}, held against executionRoleArn,`)];
  // A loopback registry is one machine's own; in a cloud another container could stand there. No cloud has the
  // sandbox's account, so a task that may use one can run nowhere else.
  const allowed = account === sandboxAccount && settings.loopback ? isLoopback(host) : false;
  const own = account !== undefined && settings.registries.some((pattern) => matchesHost(pattern, host, account));
  if (allowed || own) return [];
  const from = settings.registries.map((pattern) => pattern.replace("{account}", account ?? "ACCOUNT")).join(", ");
  const what =
    account === undefined
      ? `registry ${quote(host)} cannot be judged, for executionRoleArn names no account`
      : `registry ${quote(host)} is not this stack's`;
  const list = account === sandboxAccount && settings.loopback ? "the sandbox's 127.0.0.1:PORT" : from;
  const remedy =
    account === undefined ? "give the task an execution role" : `push the image to ${list} and use it from there`;
  return [{ where, what, remedy }];
}

function isLoopback(host: string): boolean {
  const port = Number(/^127\.0\.0\.1:([1-9]\d{0,4})$/.exec(host)?.[1]);
  return port >= 1 && port <= 65_535;
}

function matchesHost(pattern: string, host: string, account: string): boolean {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("\\{account\\}", account)
    .replaceAll("\\{region\\}", "[a-z]{2}(?:-[a-z]+)+-\\d{1,2}");
  return new RegExp(`^(?:${source})$`).test(host);
}
