import { addEvent, newDeployment } from "./ecs.ts";
import { type DeploymentDoc, KIND, type ServiceDoc, type TaskDoc } from "./ecs-model.ts";
import { type Plan, planService } from "./ecs-plan.ts";
import { healthOf, newTask } from "./ecs-tasks.ts";
import { targetsOf, viewService, viewTask } from "./ecs-views.ts";
import type { Inner } from "./index.ts";

/** Time until a failed task is replaced: it doubles with every failure in a row, within these limits; in milliseconds. */
const BACKOFF_MS = { first: 250, most: 15_000 };
/** A task that lived longer than this ends the row of failures, in milliseconds. */
const PROVEN_MS = 10_000;

/** What the controller asks of the runtime. */
export interface TaskControl {
  begin(taskArn: string): void;
  stop(taskArn: string, options: { reason: string; code: "ServiceSchedulerInitiated"; failure: boolean }): void;
}

/**
 * Keeps services as their documents say. It looks at a service whenever something happens to it (a call, a task's new state,
 * a target's new health), and when a wait is over; each look is one synchronous step, so no two of them mix.
 */
export class EcsController {
  readonly #cloud: Inner;
  readonly #control: TaskControl;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #due = new Set<string>();
  #stopped = false;

  constructor(cloud: Inner, control: TaskControl) {
    this.#cloud = cloud;
    this.#control = control;
  }

  start(): void {
    const { events } = this.#cloud;
    events.on("ecs-service", this.#onService);
    events.on("ecs-task", this.#onTask);
    events.on("target-health", this.#onTarget);
    events.on("target-drained", this.#onTarget);
    for (const service of this.#cloud.ecs.services()) this.#soon(service.serviceArn);
  }

  stop(): void {
    this.#stopped = true;
    const { events } = this.#cloud;
    events.off("ecs-service", this.#onService);
    events.off("ecs-task", this.#onTask);
    events.off("target-health", this.#onTarget);
    events.off("target-drained", this.#onTarget);
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  readonly #onService = (news: { serviceArn: string }) => this.#soon(news.serviceArn);
  readonly #onTask = (news: { serviceArn?: string }) => {
    if (news.serviceArn !== undefined) this.#soon(news.serviceArn);
  };
  readonly #onTarget = (news: { targetGroupArn: string }) => {
    for (const service of this.#cloud.ecs.services()) {
      const uses = service.loadBalancers.some((each) => each.targetGroupArn === news.targetGroupArn);
      if (uses) this.#soon(service.serviceArn);
    }
  };

  /** Once after the present event, however many there are. */
  #soon(serviceArn: string): void {
    if (this.#due.has(serviceArn)) return;
    this.#due.add(serviceArn);
    setImmediate(() => {
      this.#due.delete(serviceArn);
      if (this.#stopped) return;
      try {
        this.#look(serviceArn);
      } catch (error) {
        this.#cloud.log(`ecs: ${serviceArn}: ${(error as Error).stack ?? error}`);
      }
    });
  }

  #look(serviceArn: string): void {
    const service = this.#cloud.store.get<ServiceDoc>(KIND.service, serviceArn);
    if (service === undefined || service.status === "INACTIVE") return;
    const before = JSON.stringify(service);
    const all = this.#cloud.ecs.tasks(serviceArn);
    this.#account(service, all);
    const tasks = all.filter((task) => task.lastStatus !== "STOPPED");
    const plan = planService(
      viewService(service),
      tasks.map((task) => viewTask(this.#cloud, task)),
      Date.now(),
    );
    if (plan.breakerTripped) this.#trip(service);
    else this.#apply(service, plan);
    if (service.status === "DRAINING" && tasks.length === 0) service.status = "INACTIVE";
    if (JSON.stringify(service) !== before) this.#cloud.store.put(KIND.service, serviceArn, service);
    if (plan.breakerTripped) this.#soon(serviceArn);
    this.#wake(serviceArn, plan.wakeAt);
    this.#carryOut(service, plan, all);
  }

  /** Puts failed tasks to the account of their deployments, each once. */
  #account(service: ServiceDoc, tasks: readonly TaskDoc[]): void {
    for (const task of tasks) {
      if (task.counted || !task.failure || (task.lastStatus !== "STOPPED" && task.desiredStatus === "RUNNING"))
        continue;
      this.#cloud.store.put(KIND.task, task.taskArn, { ...task, counted: true });
      const deployment = service.deployments.find((each) => each.id === task.deploymentId);
      if (deployment === undefined) continue;
      const lived = task.startedAt === undefined ? 0 : (task.stoppingAt ?? Date.now()) - task.startedAt;
      deployment.inRow = lived > PROVEN_MS ? 1 : deployment.inRow + 1;
      const wait = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** (deployment.inRow - 1));
      deployment.nextStartAt = Date.now() + wait;
      deployment.updatedAt = Date.now();
      if (deployment.rolloutState === "IN_PROGRESS") deployment.failedTasks += 1;
      service.steady = false;
    }
  }

  /** The circuit breaker: the deployment has failed, and goes back to what last completed if it may. */
  #trip(service: ServiceDoc): void {
    const [failed] = service.deployments;
    if (failed === undefined) return;
    failed.rolloutState = "FAILED";
    failed.rolloutStateReason = "ECS deployment circuit breaker: tasks failed to start.";
    failed.updatedAt = Date.now();
    addEvent(service, `(deployment ${failed.id}) deployment failed: tasks failed to start.`);
    const rollback = service.deploymentConfiguration?.deploymentCircuitBreaker?.rollback === true;
    const target = service.lastCompleted;
    if (!rollback || target === undefined || target === failed.taskDefinition) return;
    const made = newDeployment(target);
    made.rolloutStateReason = `ECS deployment circuit breaker: rolling back to deploymentId ${made.id}.`;
    service.deployments = [made, ...service.deployments.map((each): DeploymentDoc => ({ ...each, status: "ACTIVE" }))];
    addEvent(service, `rolling back to deployment ${made.id}.`);
  }

  /** The part of a plan that is documents. */
  #apply(service: ServiceDoc, plan: Plan): void {
    const [primary] = service.deployments;
    if (primary === undefined) return;
    service.deployments = service.deployments.filter((each) => !plan.remove.includes(each.id));
    if (plan.start > 0 || plan.stop.length > 0 || plan.replace.length > 0) service.steady = false;
    if (!plan.settled || service.deployments.length > 1) return;
    if (primary.rolloutState === "IN_PROGRESS") {
      primary.rolloutState = "COMPLETED";
      primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
      primary.failedTasks = 0;
      primary.updatedAt = Date.now();
      service.lastCompleted = primary.taskDefinition;
      addEvent(service, `(deployment ${primary.id}) deployment completed.`);
    }
    if (service.steady || service.status !== "ACTIVE") return;
    service.steady = true;
    addEvent(service, "has reached a steady state.");
  }

  /** The part of a plan that is tasks. */
  #carryOut(service: ServiceDoc, plan: Plan, tasks: readonly TaskDoc[]): void {
    const [primary] = service.deployments;
    if (plan.breakerTripped || primary === undefined) return;
    const begun = Array.from({ length: plan.start }, () => this.#newTask(service, primary));
    const idOf = (arn: string) => `(task ${arn.slice(arn.lastIndexOf("/") + 1)})`;
    this.#say(
      service,
      begun.map((task) => idOf(task.taskArn)),
      "has started",
    );
    this.#say(service, plan.stop.map(idOf), "has stopped");
    for (const task of begun) this.#control.begin(task.taskArn);
    for (const arn of plan.stop) {
      const reason = `Scaling activity initiated by (deployment ${primary.id})`;
      this.#control.stop(arn, { reason, code: "ServiceSchedulerInitiated", failure: false });
    }
    for (const arn of plan.replace) {
      const task = tasks.find((each) => each.taskArn === arn);
      const reason = task === undefined ? "Task failed health checks" : this.#unhealthReason(service, task);
      this.#control.stop(arn, { reason, code: "ServiceSchedulerInitiated", failure: true });
    }
  }

  #say(service: ServiceDoc, tasks: readonly string[], what: "has started" | "has stopped"): void {
    if (tasks.length === 0) return;
    const running = what === "has stopped" ? "running " : "";
    addEvent(service, `${what} ${tasks.length} ${running}tasks: ${tasks.join(" ")}.`);
    this.#cloud.store.put(KIND.service, service.serviceArn, service);
  }

  #newTask(service: ServiceDoc, deployment: DeploymentDoc): TaskDoc {
    const definition = this.#cloud.ecs.taskDefinition(deployment.taskDefinition);
    const task = newTask(service.clusterArn, definition, {
      group: `service:${service.serviceName}`,
      serviceArn: service.serviceArn,
      deploymentId: deployment.id,
      startedBy: deployment.id,
      loadBalancers: service.loadBalancers.map((each) => ({
        targetGroupArn: each.targetGroupArn ?? "",
        containerPort: each.containerPort ?? 0,
      })),
    });
    this.#cloud.store.put(KIND.task, task.taskArn, task);
    return task;
  }

  /** In ECS's words, and an event as ECS makes it. */
  #unhealthReason(service: ServiceDoc, task: TaskDoc): string {
    if (healthOf(task) === "UNHEALTHY") return "Task failed container health checks";
    const target = targetsOf(this.#cloud, task).find((each) => each.health.State === "unhealthy");
    if (target === undefined) return "Task failed health checks";
    const why = target.health.Description ?? target.health.Reason;
    addEvent(
      service,
      `(port ${target.port}) is unhealthy in (target-group ${target.targetGroupArn}) due to (reason ${why})`,
    );
    this.#cloud.store.put(KIND.service, service.serviceArn, service);
    return `Task failed ELB health checks in (target-group ${target.targetGroupArn}): ${why}`;
  }

  #wake(serviceArn: string, at: number | undefined): void {
    clearTimeout(this.#timers.get(serviceArn));
    this.#timers.delete(serviceArn);
    if (at === undefined) return;
    const wait = Math.max(0, at - Date.now()) + 1;
    this.#timers.set(
      serviceArn,
      setTimeout(() => this.#soon(serviceArn), wait),
    );
  }
}
