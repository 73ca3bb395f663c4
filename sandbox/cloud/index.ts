/**
 * How the parts of the sandbox plug together.
 *
 * - A **service** is a class `constructor(cloud: Inner)`. It keeps everything that must survive in `cloud.store`. It may use
 *   its siblings (`cloud.elb`) in methods, not in the constructor (they may not be there yet). AWS operations are
 *   methods in camel case (`createService`), taking and returning the shapes of the SDK v3. What is not an AWS
 *   operation must not begin with an AWS verb and a capital letter (`OPERATION` in `faults.ts`).
 * - Loops (controllers, sweepers) begin in `start()` and end in `stop()`, if the class has them.
 * - `createCloud` (in `create.ts`) makes the services and returns the **outer** `Cloud`: the same services behind a wrapper that
 *   counts write calls and injects faults, so every operation returns a promise. Wire handlers and providers get the outer
 *   one; services get the inner one, whose calls among each other are neither counted nor faulted.
 * - What listens or loops is a `Part`, started in `world.ts`: the registry is given the outer cloud, being a caller; the runtime and the
 *   balancers the inner one, being the cloud itself. `createAwsHandler` (in `wire/`) takes the outer one.
 */
import type { EventEmitter } from "node:events";
import type { FaultInjector, Remote } from "../faults.ts";
import type { Store } from "../store.ts";
import type { AutoScaling } from "./autoscaling.ts";
import type { Certificates } from "./certificates.ts";
import type { CloudWatch } from "./cloudwatch.ts";
import type { CloudWatchAlarms } from "./cloudwatch-alarms.ts";
import type { Ec2 } from "./ec2.ts";
import type { Ecr } from "./ecr.ts";
import type { EcrImages } from "./ecr-images.ts";
import type { Ecs } from "./ecs.ts";
import type { Elb } from "./elb.ts";
import type { GitHub } from "./github.ts";
import type { Iam } from "./iam.ts";
import type { Kubernetes } from "./kubernetes.ts";
import type { Logs } from "./logs.ts";
import type { Route53 } from "./route53.ts";
import type { S3 } from "./s3.ts";
import type { SecretsManager } from "./secrets-manager.ts";
import type { Sns } from "./sns.ts";
import type { Ssm } from "./ssm.ts";
import type { Sts } from "./sts.ts";
import type { Tags } from "./tags.ts";
import type { Wafv2 } from "./wafv2.ts";

/** The one account of the sandbox. */
export const ACCOUNT = "000000000000";
/** Where neither request nor provider configuration names a region. */
export const DEFAULT_REGION = "eu-west-1";

/** What every part of the sandbox shares. */
export interface CloudBase {
  /** Folder of the daemon: `state.db`, `blobs/`, `images/`, `tasks/`. */
  readonly home: string;
  readonly store: Store;
  /** In-process news, e.g. `target-group` when targets change. Names and payloads belong to whoever emits. */
  readonly events: EventEmitter;
  readonly faults: FaultInjector;
  readonly account: string;
  readonly region: string;
  /** Registry part of image names, e.g. `127.0.0.1:40001`. */
  readonly registryHost: string;
  /** Appends one line to the daemon's log. */
  log(line: string): void;
}

/** The services by their names in faults and counts. */
export interface Services {
  readonly ecr: Ecr;
  readonly ecrImages: EcrImages;
  readonly elb: Elb;
  readonly ecs: Ecs;
  readonly cloudwatch: CloudWatch;
  readonly alarms: CloudWatchAlarms;
  readonly sns: Sns;
  readonly logs: Logs;
  readonly iam: Iam;
  readonly ec2: Ec2;
  readonly autoscaling: AutoScaling;
  readonly tags: Tags;
  readonly secretsmanager: SecretsManager;
  readonly ssm: Ssm;
  readonly sts: Sts;
  readonly github: GitHub;
  readonly s3: S3;
  readonly acm: Certificates;
  readonly route53: Route53;
  readonly wafv2: Wafv2;
  readonly kubernetes: Kubernetes;
}

/** What services are given. */
export type Inner = CloudBase & Services;
/** What servers and providers are given: operations are counted, faulted, and return promises. */
export type Cloud = CloudBase & { readonly [K in keyof Services]: Remote<Services[K]> };

export interface CloudOptions {
  home: string;
  store: Store;
  registryHost: string;
  /** @default DEFAULT_REGION */
  region?: string;
  log?: (line: string) => void;
}

/** A server or loop of the daemon. */
export interface Part {
  /** Ends it. `final`: the sandbox itself ends or is reset, so tasks are ended too; else (daemon restart) they live on. */
  close(final: boolean): Promise<void>;
  /** What `sandbox status` shows of it, as JSON. */
  status?(): unknown;
}
