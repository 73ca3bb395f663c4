import { setTimeout } from "node:timers/promises";
import { CloudError, isRetryable } from "../cloud/error.ts";
import type { Cloud } from "../cloud/index.ts";
import { withSignal } from "../cloud/region.ts";
import { OPERATION } from "../faults.ts";

/**
 * The real provider's SDK tries 25 times with growing pauses; eight with short ones (2 s in all) show the same without
 * keeping anyone waiting.
 */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 400;

/** Services whose operations go through the SDK. */
const NAMES: Record<string, string> = {
  ecr: "ECR",
  ecrImages: "ECR",
  elb: "Elastic Load Balancing v2",
  ecs: "ECS",
  cloudwatch: "CloudWatch",
  logs: "CloudWatch Logs",
  iam: "IAM",
  ec2: "EC2",
  autoscaling: "Application Auto Scaling",
  tags: "Resource Groups Tagging API",
  sts: "STS",
  github: "GitHub",
};

/**
 * The cloud as one call of the engine may use it: every operation is refused once the signal is aborted, throttling and 5xx are
 * retried, and errors read as the SDK of the real provider writes them.
 */
export function restrained(cloud: Cloud, signal: AbortSignal): Cloud {
  const get = (target: Cloud, key: string | symbol) => {
    const value = Reflect.get(target, key, target) as unknown;
    const label = typeof key === "string" ? NAMES[key] : undefined;
    return label === undefined ? value : service(label, value as object, signal);
  };
  return new Proxy(cloud, { get });
}

function service(label: string, target: object, signal: AbortSignal): object {
  const get = (inner: object, key: string | symbol) => {
    const value = Reflect.get(inner, key, inner) as unknown;
    if (typeof value !== "function" || typeof key !== "string" || !OPERATION.test(key)) return value;
    return (...args: unknown[]) =>
      retried(`${label}: ${key.charAt(0).toUpperCase()}${key.slice(1)}`, signal, () => value(...args));
  };
  return new Proxy(target, { get });
}

async function retried(what: string, signal: AbortSignal, run: () => Promise<unknown>): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await withSignal(signal, run);
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      if (!isRetryable(error) || attempt === ATTEMPTS) throw described(what, error, attempt);
      await setTimeout(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt), undefined, { signal });
    }
  }
}

function described(what: string, error: CloudError, attempts: number): CloudError {
  const tries = attempts > 1 ? `exceeded maximum number of attempts, ${attempts}, ` : "";
  const text = `operation error ${what}, ${tries}https response error StatusCode: ${error.httpStatus}, ${error.code}: ${error.message}`;
  return new CloudError(error.code, text, error.httpStatus);
}
