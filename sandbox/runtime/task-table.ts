import { rm } from "node:fs/promises";
import { join } from "node:path";
import { addEvent } from "../cloud/ecs.ts";
import { type ContainerDoc, KIND, type ServiceDoc, type TaskDoc } from "../cloud/ecs-model.ts";
import type { Inner } from "../cloud/index.ts";
import { releaseAddress } from "./addresses.ts";

/** Stopped tasks that are kept for a look at why they stopped, per service or family. */
const KEPT_STOPPED = 20;
/** Longer than any deregistration delay: what is not drained by then never will be, in milliseconds. */
const DRAIN_SLACK_MS = 5000;

/** The tasks' documents. Every change is news (`ecs-task`). */
export class TaskTable {
  readonly #cloud: Inner;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
  }

  /** No change is news any more, and nobody waits for one. */
  close(): void {
    this.#closed = true;
    for (const give of this.#waiting) give();
  }

  get(taskArn: string): TaskDoc | undefined {
    return this.#cloud.store.get<TaskDoc>(KIND.task, taskArn);
  }

  update(taskArn: string, change: (task: TaskDoc) => TaskDoc): void {
    const task = this.get(taskArn);
    if (task === undefined) return;
    this.#cloud.store.put(KIND.task, taskArn, change(task));
    if (this.#closed) return;
    this.#cloud.events.emit("ecs-task", {
      taskArn,
      ...(task.serviceArn === undefined ? {} : { serviceArn: task.serviceArn }),
    });
  }

  container(taskArn: string, name: string, change: Partial<ContainerDoc>): void {
    this.update(taskArn, (task) => ({
      ...task,
      containers: task.containers.map((each) => (each.name === name ? { ...each, ...change } : each)),
    }));
  }

  /** Containers as before their first start. */
  reset(taskArn: string): void {
    this.update(taskArn, (task) => ({
      ...task,
      lastStatus: "PROVISIONING",
      containers: task.containers.map(({ ref: _ref, exitCode: _exit, ...each }) => ({
        ...each,
        lastStatus: "PENDING",
      })),
    }));
  }

  /** Resolves with the task once it is as wished, or with undefined when it is gone or the table is closed. */
  until(taskArn: string, wished: (task: TaskDoc) => boolean): Promise<TaskDoc | undefined> {
    return new Promise((resolve) => {
      const give = (task?: TaskDoc) => {
        this.#waiting.delete(give);
        this.#cloud.events.off("ecs-task", look);
        resolve(task);
      };
      const look = (news?: { taskArn: string }) => {
        if (news !== undefined && news.taskArn !== taskArn) return;
        const task = this.get(taskArn);
        if (task === undefined || wished(task)) give(task);
      };
      this.#cloud.events.on("ecs-task", look);
      this.#waiting.add(give);
      look();
    });
  }

  /** The address of the task, a new one if it has none. */
  async address(
    taskArn: string,
    port: number,
    allocate: (store: Inner["store"], owner: string, port: number) => Promise<string>,
  ): Promise<string> {
    const known = this.get(taskArn)?.ip;
    if (known !== undefined) return known;
    const ip = await allocate(this.#cloud.store, taskArn, port);
    this.update(taskArn, (doc) => ({ ...doc, ip }));
    return ip;
  }

  /** Takes the task out of its target groups; waits for its requests in flight, if they can still be answered. */
  async drain(task: TaskDoc, wait: boolean): Promise<void> {
    const { ip } = task;
    if (!task.registered || ip === undefined) return;
    const groups = this.#cloud.elb.targetGroups();
    const own = task.loadBalancers.filter((each) =>
      groups.some((group) => group.shape.TargetGroupArn === each.targetGroupArn),
    );
    for (const { targetGroupArn, containerPort } of own) {
      await this.#cloud.elb.deregisterTargets({
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: ip, Port: containerPort }],
      });
    }
    const names = own.map((each) => `(target-group ${each.targetGroupArn})`).join(" ");
    if (names !== "") this.serviceEvent(task, `deregistered 1 targets in ${names}`);
    if (!wait || own.length === 0) return;
    this.serviceEvent(task, "has begun draining connections on 1 tasks.");
    const delays = groups.map((group) => Number(group.attributes["deregistration_delay.timeout_seconds"] ?? "300"));
    await this.#drained(ip, Math.max(0, ...delays) * 1000 + DRAIN_SLACK_MS);
  }

  /** The end of a task's document: nothing of it is held any more. */
  async finish(taskArn: string, late?: { reason: string; code: NonNullable<TaskDoc["stopCode"]> }): Promise<void> {
    const task = this.get(taskArn);
    if (task === undefined) return;
    if (late !== undefined) await this.drain(task, false);
    if (task.ip !== undefined) releaseAddress(this.#cloud.store, task.ip);
    const now = Date.now();
    this.update(taskArn, (doc) => ({
      ...doc,
      desiredStatus: "STOPPED",
      lastStatus: "STOPPED",
      stoppingAt: doc.stoppingAt ?? now,
      stoppedAt: now,
      ...(late === undefined
        ? {}
        : { stopCode: doc.stopCode ?? late.code, stoppedReason: doc.stoppedReason ?? late.reason }),
      containers: doc.containers.map((each) => ({ ...each, lastStatus: "STOPPED" })),
    }));
  }

  serviceEvent(task: TaskDoc, message: string): void {
    const service = this.#cloud.store.get<ServiceDoc>(KIND.service, task.serviceArn ?? "");
    if (service === undefined) return;
    addEvent(service, message);
    this.#cloud.store.put(KIND.service, service.serviceArn, service);
  }

  #drained(ip: string, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        this.#waiting.delete(over);
        this.#cloud.events.off("target-drained", look);
        resolve();
      };
      const look = () => {
        if (!this.#cloud.elb.targets().some((target) => target.ip === ip)) over();
      };
      const timer = setTimeout(over, limitMs);
      this.#cloud.events.on("target-drained", look);
      this.#waiting.add(over);
      look();
    });
  }
}

/** Forgets the oldest stopped tasks of a group, with their logs. */
export async function dropOldTasks(cloud: Inner, group: string): Promise<void> {
  const stopped = cloud.ecs.tasks().filter((task) => task.group === group && task.lastStatus === "STOPPED");
  const settled = stopped.filter((task) => task.counted || !task.failure || task.serviceArn === undefined);
  settled.sort((a, b) => (b.stoppedAt ?? 0) - (a.stoppedAt ?? 0));
  for (const task of settled.slice(KEPT_STOPPED)) {
    cloud.store.delete(KIND.task, task.taskArn);
    await rm(join(cloud.home, "tasks", task.id), { recursive: true, force: true });
  }
}
