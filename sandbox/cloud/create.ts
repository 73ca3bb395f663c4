import { EventEmitter } from "node:events";
import { FaultInjector } from "../faults.ts";
import { AutoScaling } from "./autoscaling.ts";
import { Certificates } from "./certificates.ts";
import { CloudWatch } from "./cloudwatch.ts";
import { CloudWatchAlarms } from "./cloudwatch-alarms.ts";
import { Ec2 } from "./ec2.ts";
import { Ecr } from "./ecr.ts";
import { EcrImages } from "./ecr-images.ts";
import { Ecs } from "./ecs.ts";
import { Elb } from "./elb.ts";
import { GitHub } from "./github.ts";
import { Iam } from "./iam.ts";
import {
  ACCOUNT,
  type Cloud,
  type CloudBase,
  type CloudOptions,
  DEFAULT_REGION,
  type Inner,
  type Services,
} from "./index.ts";
import { Kubernetes } from "./kubernetes.ts";
import { Logs } from "./logs.ts";
import { requestedRegion } from "./region.ts";
import { Route53 } from "./route53.ts";
import { S3 } from "./s3.ts";
import { SecretsManager } from "./secrets-manager.ts";
import { Sns } from "./sns.ts";
import { Ssm } from "./ssm.ts";
import { Sts } from "./sts.ts";
import { Tags } from "./tags.ts";
import { Wafv2 } from "./wafv2.ts";

/**
 * Makes all services. `inner` is for loops and servers that act as the cloud itself, `outer` for whoever calls it from outside.
 *
 * @example
 * const { outer } = createCloud({ home, store: new Store(":memory:"), registryHost: "127.0.0.1:5000" });
 * await outer.iam.createRole({ RoleName: "deployer", AssumeRolePolicyDocument: "..." });
 */
export function createCloud(options: CloudOptions): { inner: Inner; outer: Cloud } {
  const faults = new FaultInjector(options.store);
  const base: CloudBase = {
    home: options.home,
    store: options.store,
    events: new EventEmitter().setMaxListeners(0),
    faults,
    account: ACCOUNT,
    get region() {
      return requestedRegion() ?? options.region ?? DEFAULT_REGION;
    },
    registryHost: options.registryHost,
    log: options.log ?? (() => {}),
  };
  // Services look at each other through this object, which is complete before any of their operations is called.
  const inner = Object.create(base) as Inner;
  const services: Services = {
    ecr: new Ecr(inner),
    ecrImages: new EcrImages(inner),
    elb: new Elb(inner),
    ecs: new Ecs(inner),
    cloudwatch: new CloudWatch(inner),
    alarms: new CloudWatchAlarms(inner),
    sns: new Sns(inner),
    logs: new Logs(inner),
    iam: new Iam(inner),
    ec2: new Ec2(inner),
    autoscaling: new AutoScaling(inner),
    tags: new Tags(inner),
    secretsmanager: new SecretsManager(inner),
    ssm: new Ssm(inner),
    sts: new Sts(inner),
    github: new GitHub(inner),
    s3: new S3(inner),
    acm: new Certificates(inner),
    route53: new Route53(inner),
    wafv2: new Wafv2(inner),
    kubernetes: new Kubernetes(inner),
  };
  Object.assign(inner, services);
  const outer = Object.create(base) as Cloud;
  for (const [name, service] of Object.entries(services)) Object.assign(outer, { [name]: faults.wrap(name, service) });
  return { inner, outer };
}
