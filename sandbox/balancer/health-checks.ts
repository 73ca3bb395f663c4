import { get } from "node:http";
import type { TargetHealth } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TargetDoc, TargetGroupDoc } from "../cloud/elb-model.ts";
import { identityOf } from "./routing.ts";

/**
 * The sandbox checks faster than declared, so that tests need not wait: at most this often apart, in milliseconds. Targets in
 * their first checks are looked at even more often, but their failures count at this pace.
 */
export const MAX_INTERVAL_MS = 1000;
const INITIAL_INTERVAL_MS = 100;
/**
 * A new target that refuses connections is still starting: it is not called unhealthy before the declared time (interval
 * times threshold), but after this many milliseconds at most.
 */
export const MAX_START_MS = 15_000;

/** One check's result; `status` undefined when there was no HTTP answer. */
interface Check {
  ok: boolean;
  reason?: TargetHealth;
  refused: boolean;
}

interface Watch {
  target: TargetDoc;
  group: TargetGroupDoc;
  successes: number;
  failures: number;
  lastFailureAt: number;
  timer: NodeJS.Timeout | undefined;
  stopped: boolean;
}

/** Checks targets, each on its own clock: a slow one holds up no other. */
export class HealthChecks {
  readonly #watches = new Map<string, Watch>();
  readonly #note: (target: TargetDoc, health: TargetHealth) => void;

  constructor(note: (target: TargetDoc, health: TargetHealth) => void) {
    this.#note = note;
  }

  /** Begins and ends watches so that exactly these targets are checked, by their groups' present settings. */
  keepOnly(targets: readonly { target: TargetDoc; group: TargetGroupDoc }[]): void {
    const wanted = new Map(targets.map((each) => [identityOf(each.target), each]));
    for (const [identity, watch] of this.#watches) {
      if (wanted.has(identity)) continue;
      stopWatch(watch);
      this.#watches.delete(identity);
    }
    for (const [identity, { target, group }] of wanted) {
      const known = this.#watches.get(identity);
      if (known !== undefined) {
        Object.assign(known, { target, group });
        continue;
      }
      const watch: Watch = {
        target,
        group,
        successes: 0,
        failures: 0,
        lastFailureAt: 0,
        timer: undefined,
        stopped: false,
      };
      this.#watches.set(identity, watch);
      void this.#run(watch);
    }
  }

  close(): void {
    this.keepOnly([]);
  }

  async #run(watch: Watch): Promise<void> {
    const check = await checkOnce(watch.target, watch.group);
    if (watch.stopped) return;
    const found = judge(watch, check, Date.now());
    if (found !== undefined) {
      // Set at once, so that the next judgement does not depend on when the balancer reads its documents again.
      watch.target = { ...watch.target, health: found };
      this.#note(watch.target, found);
    }
    if (watch.stopped) return;
    watch.timer = setTimeout(() => void this.#run(watch), intervalOf(watch));
  }
}

function stopWatch(watch: Watch): void {
  watch.stopped = true;
  clearTimeout(watch.timer);
}

function intervalOf(watch: Watch): number {
  if (watch.target.health.State === "initial") return INITIAL_INTERVAL_MS;
  return Math.min((watch.group.shape.HealthCheckIntervalSeconds ?? 30) * 1000, MAX_INTERVAL_MS);
}

/** The new health, when it changes. */
function judge(watch: Watch, check: Check, now: number): TargetHealth | undefined {
  const { shape } = watch.group;
  const state = watch.target.health.State;
  if (check.ok) {
    watch.successes += 1;
    watch.failures = 0;
    // A new target passes with its first success, one that has failed needs the threshold.
    const needed = state === "unhealthy" ? (shape.HealthyThresholdCount ?? 5) : 1;
    return state !== "healthy" && watch.successes >= needed ? { State: "healthy" } : undefined;
  }
  watch.successes = 0;
  if (now - watch.lastFailureAt >= MAX_INTERVAL_MS - INITIAL_INTERVAL_MS) {
    watch.failures += 1;
    watch.lastFailureAt = now;
  }
  const threshold = shape.UnhealthyThresholdCount ?? 2;
  const declared = (shape.HealthCheckIntervalSeconds ?? 30) * threshold * 1000;
  const starting =
    state === "initial" && check.refused && now - watch.target.registeredAt < Math.min(declared, MAX_START_MS);
  if (starting || watch.failures < threshold || state === "unhealthy") return undefined;
  return { State: "unhealthy", ...check.reason };
}

function checkOnce(target: TargetDoc, group: TargetGroupDoc): Promise<Check> {
  const { shape } = group;
  const declaredPort = shape.HealthCheckPort ?? "traffic-port";
  const port = declaredPort === "traffic-port" ? target.port : Number(declaredPort);
  const timeout = (shape.HealthCheckTimeoutSeconds ?? 5) * 1000;
  return new Promise((resolve) => {
    const request = get({
      host: target.ip,
      port,
      path: shape.HealthCheckPath ?? "/",
      agent: false,
      headers: { Host: `${target.ip}:${port}`, "User-Agent": "ELB-HealthChecker/2.0", Connection: "close" },
    });
    const timer = setTimeout(() => {
      resolve({ ok: false, refused: false, reason: { Reason: "Target.Timeout", Description: "Request timed out" } });
      request.destroy();
    }, timeout);
    request.once("response", (answered) => {
      clearTimeout(timer);
      answered.resume();
      const status = answered.statusCode ?? 0;
      if (matches(shape.Matcher?.HttpCode ?? "200", status)) return resolve({ ok: true, refused: false });
      const description = `Health checks failed with these codes: [${status}]`;
      resolve({
        ok: false,
        refused: false,
        reason: { Reason: "Target.ResponseCodeMismatch", Description: description },
      });
    });
    request.on("error", () => {
      clearTimeout(timer);
      resolve({
        ok: false,
        refused: true,
        reason: { Reason: "Target.FailedHealthChecks", Description: "Health checks failed" },
      });
    });
  });
}

/**
 * Whether a status is in a matcher such as `200,202` or `200-399`.
 *
 * @example
 * matches("200-299,304", 304) === true;
 */
export function matches(matcher: string, status: number): boolean {
  return matcher.split(",").some((part) => {
    const [low = "", high = low] = part.trim().split("-");
    return status >= Number(low) && status <= Number(high);
  });
}
