/** A task as the scheduler sees it. Times are milliseconds since the epoch. */
export interface TaskView {
  arn: string;
  deploymentId: string;
  /** `stopping` ones have been told to end but have not yet. */
  phase: "starting" | "running" | "stopping";
  health: "pending" | "healthy" | "unhealthy";
  createdAt: number;
  startedAt: number | undefined;
}

export interface DeploymentView {
  id: string;
  rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  failedTasks: number;
  nextStartAt: number;
}

export interface ServiceView {
  desired: number;
  minimumHealthyPercent: number;
  maximumPercent: number;
  graceMs: number;
  breaker: boolean;
  /** The primary one is first. */
  deployments: readonly DeploymentView[];
}

/**
 * A task counts for a completed deployment when it has run this long, in milliseconds: AWS's own checks take longer than that
 * to call a target healthy, and a program that dies right after its first answer is none to send traffic to.
 */
export const SETTLE_MS = 500;

/** What the controller does next. */
export interface Plan {
  /** The primary deployment has failed; nothing else is done before that is recorded. */
  breakerTripped: boolean;
  /** Tasks of the primary deployment to start. */
  start: number;
  /** Tasks to stop because there are newer or enough. */
  stop: string[];
  /** Tasks to stop because they failed their health checks. */
  replace: string[];
  /** Old deployments without any task left. */
  remove: string[];
  /** The primary deployment has every task it should, all healthy, and is alone. */
  settled: boolean;
  /** When to look again even if nothing happens. */
  wakeAt: number | undefined;
}

/**
 * Failed tasks at which the circuit breaker trips (ECS developer guide, "How the circuit breaker detects failures").
 *
 * @example
 * breakerThreshold(1) === 3;
 */
export function breakerThreshold(desired: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desired * 0.5)));
}

/**
 * One look at a service: which tasks to start and stop so that it comes closer to what is desired, within the limits of its
 * deployment configuration. It changes nothing and knows no clock but `now`.
 */
export function planService(service: ServiceView, tasks: readonly TaskView[], now: number): Plan {
  const [primary, ...old] = service.deployments;
  const plan: Plan = {
    breakerTripped: false,
    start: 0,
    stop: [],
    replace: [],
    remove: old.filter((each) => !tasks.some((task) => task.deploymentId === each.id)).map((each) => each.id),
    settled: false,
    wakeAt: undefined,
  };
  if (primary === undefined) return plan;
  if (
    service.breaker &&
    primary.rolloutState === "IN_PROGRESS" &&
    primary.failedTasks >= breakerThreshold(service.desired)
  ) {
    return { ...plan, breakerTripped: true };
  }
  const alive = tasks.filter((task) => task.phase !== "stopping");
  const wake = (at: number) => {
    plan.wakeAt = Math.min(plan.wakeAt ?? at, at);
  };
  for (const task of alive) {
    if (task.health !== "unhealthy") continue;
    const until = (task.startedAt ?? now) + service.graceMs;
    if (until > now) wake(until);
    else plan.replace.push(task.arn);
  }
  const left = alive.filter((task) => !plan.replace.includes(task.arn));
  const own = left.filter((task) => task.deploymentId === primary.id);
  const others = left.filter((task) => task.deploymentId !== primary.id);

  const room = Math.floor((service.desired * service.maximumPercent) / 100) - left.length;
  const missing = primary.rolloutState === "FAILED" ? 0 : Math.max(0, service.desired - own.length);
  if (missing > 0 && primary.nextStartAt > now) wake(primary.nextStartAt);
  else plan.start = Math.max(0, Math.min(missing, room));

  plan.stop = [...surplus(own, service.desired), ...replaced(service, own, others, primary.rolloutState === "FAILED")];
  const whole =
    primary.rolloutState !== "FAILED" &&
    tasks.length === service.desired &&
    own.length === service.desired &&
    own.every((task) => task.health === "healthy");
  const since = Math.max(0, ...own.map((task) => (task.startedAt ?? now) + SETTLE_MS));
  plan.settled = whole && since <= now;
  if (whole && since > now) wake(since);
  return plan;
}

/** Tasks beyond the desired count: those that are not healthy first, then the youngest. */
function surplus(own: readonly TaskView[], desired: number): string[] {
  const order = [...own].sort(
    (a, b) => Number(a.health === "healthy") - Number(b.health === "healthy") || b.createdAt - a.createdAt,
  );
  return order.slice(0, Math.max(0, own.length - desired)).map((task) => task.arn);
}

/** Old tasks that are not needed any more to keep the minimum healthy. */
function replaced(
  service: ServiceView,
  own: readonly TaskView[],
  others: readonly TaskView[],
  stalled: boolean,
): string[] {
  const healthyOf = (tasks: readonly TaskView[]) => tasks.filter((task) => task.health === "healthy");
  const minimum = Math.ceil((service.desired * service.minimumHealthyPercent) / 100);
  const useless = others.filter((task) => task.health !== "healthy");
  if (stalled) return [];
  let spare = healthyOf(own).length + healthyOf(others).length - minimum;
  const oldestFirst = [...healthyOf(others)].sort((a, b) => a.createdAt - b.createdAt);
  const stop = useless.map((task) => task.arn);
  for (const task of oldestFirst) {
    if (spare <= 0) break;
    stop.push(task.arn);
    spare -= 1;
  }
  return stop;
}
