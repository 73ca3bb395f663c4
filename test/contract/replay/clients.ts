/** Clients of the cloud that is replayed to, and the record of what they were asked. */
import { ACMClient } from "@aws-sdk/client-acm";
import { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { Route53Client } from "@aws-sdk/client-route-53";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { WAFV2Client } from "@aws-sdk/client-wafv2";

/** Names are those that botocore has for the services. */
export interface Clients {
  readonly acm: ACMClient;
  readonly "application-autoscaling": ApplicationAutoScalingClient;
  readonly cloudwatch: CloudWatchClient;
  readonly ec2: EC2Client;
  readonly ecr: ECRClient;
  readonly ecs: ECSClient;
  readonly elbv2: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
  readonly route53: Route53Client;
  readonly s3: S3Client;
  readonly sns: SNSClient;
  readonly wafv2: WAFV2Client;
}

/** A request as it was handed to a client. */
export interface Asked {
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
}

export const region = "eu-west-1";

/**
 * @param asked - every request is appended here
 */
export function createClients(endpoint: string, asked: Asked[] = []): Clients {
  const config = {
    endpoint,
    region,
    credentials: { accessKeyId: "contract", secretAccessKey: "contract" },
    maxAttempts: 1,
  };
  const clients: Clients = {
    acm: new ACMClient(config),
    "application-autoscaling": new ApplicationAutoScalingClient(config),
    cloudwatch: new CloudWatchClient(config),
    ec2: new EC2Client(config),
    ecr: new ECRClient(config),
    ecs: new ECSClient(config),
    elbv2: new ElasticLoadBalancingV2Client(config),
    iam: new IAMClient(config),
    logs: new CloudWatchLogsClient(config),
    route53: new Route53Client(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sns: new SNSClient(config),
    wafv2: new WAFV2Client(config),
  };
  for (const [service, client] of Object.entries(clients)) record(service, client, asked);
  return clients;
}

type MiddlewareStack = { add(middleware: unknown, options: object): void };

function record(service: string, client: { middlewareStack: unknown }, asked: Asked[]): void {
  type Next = (args: { input: unknown }) => Promise<unknown>;
  const middleware = (next: Next, context: { commandName?: string }) => (args: { input: unknown }) => {
    asked.push({ service, operation: (context.commandName ?? "").replace(/Command$/, ""), input: args.input });
    return next(args);
  };
  (client.middlewareStack as MiddlewareStack).add(middleware, { step: "initialize", name: "record" });
}

/** A shape in which every enumeration is a plain string, as states hold them. */
type Loose<T> = T extends string
  ? string
  : T extends Uint8Array | Date
    ? T
    : T extends readonly (infer Item)[]
      ? Loose<Item>[]
      : T extends object
        ? { [key in keyof T]: Loose<T[key]> }
        : T;

type Answer<C> = C extends { resolveMiddleware(...args: never[]): (args: never) => Promise<{ output: infer O }> }
  ? O
  : never;

/**
 * Sends one command. The input is copied, so that everything in it was looked at.
 *
 * @example
 * await call(clients.ecr, CreateRepositoryCommand, { repositoryName: "api" })
 */
export async function call<C extends new (input: never) => object>(
  client: object,
  Command: C,
  input: Loose<NonNullable<ConstructorParameters<C>[0]>>,
): Promise<Answer<InstanceType<C>>> {
  const { send } = client as { send(command: object): Promise<Answer<InstanceType<C>>> };
  return send.call(client, new Command(plain(input) as never));
}

/** A copy without what is undefined. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, plain(member)]));
}

/**
 * The answer of a call that only looks, or nothing where the other cloud does not have the call: what it would have told then
 * counts as not there.
 */
export async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const { $metadata, $response } = error as {
      $metadata?: { httpStatusCode?: number };
      $response?: { statusCode: number };
    };
    if (($metadata?.httpStatusCode ?? $response?.statusCode ?? 0) >= 500) return undefined;
    throw error;
  }
}
