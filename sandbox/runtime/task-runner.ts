import { mkdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { type ContainerDoc, KIND, type TaskDefinitionDoc, type TaskDoc } from "../cloud/ecs-model.ts";
import type { Inner } from "../cloud/index.ts";
import { allocateAddress } from "./addresses.ts";
import { type Launch, launchOf } from "./command.ts";
import { watchContainerHealth } from "./container-health.ts";
import { Images, PullError, type UnpackedImage } from "./images.ts";
import { adopt, findMarked, isAlive, type Started, signalGroup, start } from "./processes.ts";
import { logFile } from "./task-logs.ts";
import { stopProcesses } from "./task-stop.ts";
import { dropOldTasks, TaskTable } from "./task-table.ts";

/** How often faults of the kind `die` are looked for, in milliseconds. */
const FAULT_MS = 500;

export interface StopOptions {
  reason: string;
  code: NonNullable<TaskDoc["stopCode"]>;
  /** It counts against the deployment. */
  failure: boolean;
}

/** Starts, watches and ends the processes of tasks; what is known of them is in the store before anything follows from it. */
export class TaskRunner {
  readonly #cloud: Inner;
  readonly #images: Images;
  readonly #table: TaskTable;
  /** Processes by task and container. */
  readonly #live = new Map<string, Map<string, Started>>();
  readonly #watches = new Map<string, { stop(): void }[]>();
  readonly #stopping = new Set<string>();
  /** Starts and ends under way. */
  readonly #begins = new Set<Promise<void>>();
  readonly #ends = new Set<Promise<void>>();
  #closed = false;
  #faults: NodeJS.Timeout | undefined;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#images = new Images(cloud);
    this.#table = new TaskTable(cloud);
  }

  /** Takes over what an earlier daemon left: live tasks go on, dead ones have exited, strays of unknown tasks are ended. */
  async recover(): Promise<void> {
    await this.#images.sweep();
    const tasks = this.#cloud.ecs.tasks().filter((task) => task.lastStatus !== "STOPPED");
    const known = new Set(
      tasks
        .filter((task) => task.lastStatus !== "PROVISIONING" && task.lastStatus !== "PENDING")
        .map((task) => task.id),
    );
    for (const { ref, marker } of findMarked(this.#marker(""))) {
      // A task that had not fully started begins anew, so its first processes go as well.
      if (!known.has(marker.split("|")[1] ?? "")) signalGroup(ref, "SIGKILL");
    }
    for (const task of tasks) {
      if (!known.has(task.id)) {
        this.#table.reset(task.taskArn);
        if (task.desiredStatus === "RUNNING") this.begin(task.taskArn);
        else
          this.stop(task.taskArn, {
            reason: task.stoppedReason ?? "",
            code: task.stopCode ?? "UserInitiated",
            failure: false,
          });
      } else this.#adopt(task);
    }
    this.#faults = setInterval(() => this.#playFaults(), FAULT_MS);
  }

  begin(taskArn: string): void {
    this.#track(this.#begins, this.#begin(taskArn), (error) => {
      const known = error instanceof PullError || /^(?:Cannot|Resource)\w+Error/.test(error.message);
      if (!known) this.#cloud.log(`runtime: ${taskArn}: ${error.stack}`);
      this.stop(taskArn, { reason: error.message, code: "TaskFailedToStart", failure: true });
    });
  }

  /** Ends a task: it leaves its target groups, then its processes get SIGTERM and at last SIGKILL. */
  stop(taskArn: string, options: StopOptions): void {
    const task = this.#table.get(taskArn);
    if (task === undefined || task.lastStatus === "STOPPED" || this.#stopping.has(taskArn)) return;
    this.#stopping.add(taskArn);
    this.#table.update(taskArn, (doc) => ({
      ...doc,
      desiredStatus: "STOPPED",
      lastStatus: doc.lastStatus === "RUNNING" ? "DEACTIVATING" : doc.lastStatus,
      stoppingAt: doc.stoppingAt ?? Date.now(),
      stopCode: doc.stopCode ?? options.code,
      stoppedReason: doc.stoppedReason ?? options.reason,
      failure: doc.failure || options.failure,
    }));
    this.#track(this.#ends, this.#end(taskArn), (error) =>
      this.#cloud.log(`runtime: end of ${taskArn}: ${error.stack}`),
    );
  }

  #track(set: Set<Promise<void>>, work: Promise<void>, failed: (error: Error) => void): void {
    const tracked = work.catch((error) => {
      if (!this.#closed) failed(error);
    });
    set.add(tracked);
    void tracked.then(() => set.delete(tracked));
  }

  /** @param final end all tasks; else they go on without a daemon */
  async close(final: boolean): Promise<void> {
    clearInterval(this.#faults);
    for (const watches of this.#watches.values()) for (const watch of watches) watch.stop();
    this.#closed = true;
    this.#table.close();
    await Promise.all(this.#begins);
    // Ends wait for processes, which go on without us: the next daemon takes both over.
    if (!final) return;
    const open = this.#cloud.ecs.tasks().filter((task) => task.lastStatus !== "STOPPED");
    const processes = open.flatMap((task) => [...(this.#live.get(task.taskArn)?.values() ?? [])]);
    await stopProcesses(processes, 5000);
    await Promise.all(this.#ends);
    for (const { ref } of findMarked(this.#marker(""))) signalGroup(ref, "SIGKILL");
    for (const task of open) {
      await this.#table.finish(task.taskArn, { reason: "The sandbox was stopped", code: "UserInitiated" });
    }
  }

  async #begin(taskArn: string): Promise<void> {
    const task = this.#table.get(taskArn);
    if (task === undefined || task.desiredStatus === "STOPPED") return;
    const definition = this.#cloud.ecs.taskDefinition(task.taskDefinitionArn);
    const containers = definition.containerDefinitions ?? [];
    const secret = containers.flatMap((each) => each.secrets ?? [])[0];
    if (secret !== undefined) {
      throw new Error(
        `ResourceInitializationError: unable to pull secrets: the sandbox has no secret '${secret.valueFrom}'`,
      );
    }
    const port = containers.flatMap((each) => each.portMappings ?? [])[0]?.containerPort ?? 0;
    const ip = await this.#table.address(taskArn, port, allocateAddress);
    this.#table.update(taskArn, (doc) => ({ ...doc, lastStatus: "PENDING", pullStartedAt: Date.now() }));
    const images = await this.#pull(containers);
    this.#table.update(taskArn, (doc) => ({ ...doc, pullStoppedAt: Date.now() }));
    await Promise.all(containers.map((each) => this.#startContainer(taskArn, ip, each, images.get(each.image ?? ""))));
    if (this.#closed || this.#table.get(taskArn)?.desiredStatus !== "RUNNING") return;
    this.#table.update(taskArn, (doc) => ({ ...doc, lastStatus: "RUNNING", startedAt: Date.now() }));
    await this.#register(taskArn);
  }

  async #pull(containers: readonly ContainerDefinition[]): Promise<Map<string, UnpackedImage>> {
    const names = [...new Set(containers.map((each) => each.image ?? ""))];
    const images = await Promise.all(names.map(async (name) => [name, await this.#images.pull(name)] as const));
    return new Map(images);
  }

  async #register(taskArn: string): Promise<void> {
    const task = this.#table.get(taskArn);
    if (task?.ip === undefined || task.loadBalancers.length === 0) return;
    // Noted before the call: whoever stops the task must know that it may be a target.
    this.#table.update(taskArn, (doc) => ({ ...doc, registered: true }));
    for (const { targetGroupArn, containerPort } of task.loadBalancers) {
      await this.#cloud.elb.registerTargets({
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: task.ip, Port: containerPort }],
      });
    }
    this.#table.serviceEvent(
      task,
      `registered 1 targets in ${task.loadBalancers.map((each) => `(target-group ${each.targetGroupArn})`).join(" ")}`,
    );
  }

  async #startContainer(
    taskArn: string,
    ip: string,
    definition: ContainerDefinition,
    image: UnpackedImage | undefined,
  ): Promise<void> {
    const name = definition.name ?? "";
    await this.#dependencies(taskArn, definition);
    const task = this.#table.get(taskArn);
    if (this.#closed || image === undefined || task?.desiredStatus !== "RUNNING") return;
    const override = task.overrides.containerOverrides?.find((each) => each.name === name);
    const merged: ContainerDefinition = {
      ...definition,
      command: override?.command ?? definition.command,
      environment: [...(definition.environment ?? []), ...(override?.environment ?? [])],
    };
    const marker = this.#marker(`${task.id}|${name}`);
    const { rootfs, config, digest } = image;
    const launch = launchOf({ definition: merged, config, rootfs, ip, marker, path: process.env.PATH ?? "" });
    const log = logFile(this.#cloud.home, task.id, name);
    mkdirSync(dirname(log), { recursive: true });
    await mkdir(launch.cwd, { recursive: true });
    if (this.#closed) return;
    const started = await start({ ...launch, log }).catch((error) => {
      throw new Error(`CannotStartContainerError: ${(error as Error).message}`);
    });
    this.#table.container(taskArn, name, { ref: started.ref, imageDigest: digest, lastStatus: "RUNNING" });
    this.#watch(taskArn, name, started);
    if (this.#table.get(taskArn)?.desiredStatus !== "RUNNING") {
      // It was stopped while its process came up: whoever stopped it did not see this one.
      signalGroup(started.ref, "SIGKILL");
      return;
    }
    this.#watchHealth(taskArn, definition, launch, rootfs);
  }

  /** Waits for the containers that this one depends on. */
  async #dependencies(taskArn: string, definition: ContainerDefinition): Promise<void> {
    for (const { containerName, condition } of definition.dependsOn ?? []) {
      const met = (doc: ContainerDoc) =>
        condition === "HEALTHY"
          ? doc.health === "HEALTHY"
          : condition === "START"
            ? doc.lastStatus !== "PENDING"
            : doc.lastStatus === "STOPPED";
      const found = await this.#table.until(taskArn, (task) => {
        const other = task.containers.find((each) => each.name === containerName);
        return task.desiredStatus === "STOPPED" || other === undefined || met(other);
      });
      const other = found?.containers.find((each) => each.name === containerName);
      if (condition === "SUCCESS" && other?.lastStatus === "STOPPED" && other.exitCode !== 0) {
        throw new Error(
          `CannotStartContainerError: container '${containerName}' exited with ${other.exitCode}, '${definition.name}' needs its success`,
        );
      }
    }
  }

  #watch(taskArn: string, name: string, started: Started): void {
    const own = this.#live.get(taskArn) ?? new Map<string, Started>();
    own.set(name, started);
    this.#live.set(taskArn, own);
    void started.exited.then(({ code }) => {
      if (this.#closed) return;
      const task = this.#table.get(taskArn);
      if (task === undefined) return;
      // As in a container, nothing outlives the first process.
      for (const { ref } of findMarked(this.#marker(`${task.id}|${name}`))) signalGroup(ref, "SIGKILL");
      const container = task.containers.find((each) => each.name === name);
      this.#table.container(taskArn, name, {
        lastStatus: "STOPPED",
        ...(code === undefined
          ? { reason: "The exit code is unknown: the sandbox was not running" }
          : { exitCode: code }),
      });
      if (task.desiredStatus === "STOPPED") return;
      const last = task.containers.every((each) => each.name === name || each.lastStatus === "STOPPED");
      if (container?.essential !== false || last) {
        this.stop(taskArn, {
          reason: "Essential container in task exited",
          code: "EssentialContainerExited",
          failure: true,
        });
      }
    });
  }

  #watchHealth(taskArn: string, definition: ContainerDefinition, launch: Launch, rootfs: string): void {
    if (definition.healthCheck === undefined) return;
    const watch = watchContainerHealth(definition.healthCheck, launch, rootfs, (health) => {
      if (!this.#closed) this.#table.container(taskArn, definition.name ?? "", { health });
    });
    this.#watches.set(taskArn, [...(this.#watches.get(taskArn) ?? []), watch]);
  }

  #adopt(task: TaskDoc): void {
    const definition = this.#cloud.ecs.taskDefinition(task.taskDefinitionArn);
    for (const container of task.containers) {
      if (container.ref === undefined || container.lastStatus === "STOPPED") continue;
      this.#watch(task.taskArn, container.name, adopt(container.ref));
      void this.#readopt(task, definition, container);
    }
    if (task.desiredStatus === "STOPPED") {
      this.stop(task.taskArn, {
        reason: task.stoppedReason ?? "",
        code: task.stopCode ?? "UserInitiated",
        failure: task.failure,
      });
    } else if (!task.registered) {
      void this.#register(task.taskArn);
    }
  }

  /** Goes on with a container's health checks. */
  async #readopt(task: TaskDoc, definition: TaskDefinitionDoc, container: ContainerDoc): Promise<void> {
    const own = definition.containerDefinitions?.find((each) => each.name === container.name);
    if (own?.healthCheck === undefined || container.ref === undefined || !isAlive(container.ref)) return;
    const image = await this.#images.pull(own.image ?? "").catch(() => undefined);
    if (image === undefined || task.ip === undefined || this.#closed) return;
    const { rootfs, config } = image;
    const marker = this.#marker(`${task.id}|${container.name}`);
    const launch = launchOf({ definition: own, config, rootfs, ip: task.ip, marker, path: process.env.PATH ?? "" });
    this.#watchHealth(task.taskArn, own, launch, rootfs);
  }

  async #end(taskArn: string): Promise<void> {
    const task = this.#table.get(taskArn);
    if (task === undefined) return;
    const definition = this.#cloud.ecs.taskDefinition(task.taskDefinitionArn);
    // A task that died by itself has no requests to finish.
    await this.#table.drain(task, task.stopCode !== "EssentialContainerExited");
    if (this.#closed) return;
    this.#table.update(taskArn, (doc) => ({ ...doc, lastStatus: "STOPPING" }));
    const seconds = Math.max(...(definition.containerDefinitions ?? []).map((each) => each.stopTimeout ?? 30));
    await stopProcesses([...(this.#live.get(taskArn)?.values() ?? [])], seconds * 1000);
    for (const { ref } of findMarked(this.#marker(`${task.id}|`))) signalGroup(ref, "SIGKILL");
    for (const watch of this.#watches.get(taskArn) ?? []) watch.stop();
    if (this.#closed) return;
    this.#live.delete(taskArn);
    this.#watches.delete(taskArn);
    await this.#table.finish(taskArn);
    this.#stopping.delete(taskArn);
    await dropOldTasks(this.#cloud, task.group);
  }

  #playFaults(): void {
    if (!this.#cloud.faults.list().some((fault) => fault.kind === "die")) return;
    for (const task of this.#cloud.store.list<TaskDoc>(KIND.task)) {
      if (task.lastStatus !== "RUNNING" || task.desiredStatus !== "RUNNING") continue;
      const input = [task.taskArn, task.serviceArn ?? "", task.group, task.taskDefinitionArn];
      if (this.#cloud.faults.take(["die"], { service: "ecs", operation: "task", input }) === undefined) continue;
      for (const { ref } of this.#live.get(task.taskArn)?.values() ?? []) signalGroup(ref, "SIGKILL");
    }
  }

  /** Marks processes of this sandbox, and of no other on the machine. */
  #marker(rest: string): string {
    return `${this.#cloud.home}|${rest}`;
  }
}
