import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { KIND, type TaskDoc } from "../cloud/ecs-model.ts";
import type { Inner } from "../cloud/index.ts";
import { allocateAddress } from "./addresses.ts";
import { Containers } from "./containers.ts";
import { Images, type UnpackedImage } from "./images.ts";
import { findMarked, signalGroup } from "./processes.ts";
import { fetchSecrets } from "./secrets.ts";
import { stopOrder, stopProcesses } from "./task-stop.ts";
import { dropOldTasks, TaskTable } from "./task-table.ts";
import { removeVolumes } from "./volumes.ts";

/** How often faults of the kind `die` are looked for, in milliseconds. */
const FAULT_MS = 500;
/** How long tasks may take to end when the sandbox itself ends, in milliseconds. */
const CLOSE_MS = 5000;
/** Reasons that ECS has a name for; anything else is a fault of the sandbox and goes to its log. */
const KNOWN_REASON = /^(?:Cannot|Resource)\w+Error:/;

export interface StopOptions {
  reason: string;
  code: NonNullable<TaskDoc["stopCode"]>;
  /** It counts against the deployment. */
  failure: boolean;
}

/** Starts, watches and ends tasks; what is known of them is in the store before anything follows from it. */
export class TaskRunner {
  readonly #cloud: Inner;
  readonly #images: Images;
  readonly #table: TaskTable;
  readonly #containers: Containers;
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
    this.#containers = new Containers(cloud, this.#images, this.#table, (task, name) => this.#exited(task, name));
  }

  /** Takes over what an earlier daemon left: live tasks go on, dead ones have exited, strays of unknown tasks are ended. */
  async recover(): Promise<void> {
    await this.#images.sweep();
    const tasks = this.#cloud.ecs.tasks().filter((task) => task.lastStatus !== "STOPPED");
    const started = tasks.filter((task) => task.lastStatus !== "PROVISIONING" && task.lastStatus !== "PENDING");
    const known = new Set(started.map((task) => task.id));
    for (const { ref, marker } of findMarked(this.#containers.marker(""))) {
      // A task that had not fully started begins anew, so its first processes go as well.
      if (!known.has(marker.split("|")[1] ?? "")) signalGroup(ref, "SIGKILL");
    }
    for (const task of tasks) {
      if (known.has(task.id)) {
        this.#containers.adopt(task, this.#cloud.ecs.taskDefinition(task.taskDefinitionArn));
        if (task.desiredStatus === "RUNNING" && !task.registered) void this.#register(task.taskArn);
      } else {
        this.#table.reset(task.taskArn);
        if (task.desiredStatus === "RUNNING") this.begin(task.taskArn);
      }
      // Its reason stands in its document already.
      if (task.desiredStatus === "STOPPED")
        this.stop(task.taskArn, { reason: "", code: "UserInitiated", failure: false });
    }
    this.#faults = setInterval(() => this.#playFaults(), FAULT_MS);
  }

  begin(taskArn: string): void {
    this.#track(this.#begins, this.#begin(taskArn), (error) => {
      if (!KNOWN_REASON.test(error.message)) this.#cloud.log(`runtime: ${taskArn}: ${error.stack}`);
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

  /** @param final end all tasks; else they go on without a daemon */
  async close(final: boolean): Promise<void> {
    clearInterval(this.#faults);
    this.#closed = true;
    this.#containers.close();
    this.#table.close();
    await Promise.all(this.#begins);
    // Ends wait for processes, which go on without us: the next daemon takes both over.
    if (!final) return;
    const open = this.#cloud.ecs.tasks().filter((task) => task.lastStatus !== "STOPPED");
    await stopProcesses(
      open.flatMap((task) => this.#containers.processesOf(task.taskArn)),
      CLOSE_MS,
    );
    await Promise.all(this.#ends);
    for (const { ref } of findMarked(this.#containers.marker(""))) signalGroup(ref, "SIGKILL");
    for (const task of open) {
      await this.#table.finish(task.taskArn, { reason: "The sandbox was stopped", code: "UserInitiated" });
    }
  }

  #track(set: Set<Promise<void>>, work: Promise<void>, failed: (error: Error) => void): void {
    const tracked = work.catch((error) => {
      if (!this.#closed) failed(error);
    });
    set.add(tracked);
    void tracked.then(() => set.delete(tracked));
  }

  async #begin(taskArn: string): Promise<void> {
    const task = this.#table.get(taskArn);
    if (task === undefined || task.desiredStatus === "STOPPED") return;
    const containers = this.#cloud.ecs.taskDefinition(task.taskDefinitionArn).containerDefinitions ?? [];
    const secrets = fetchSecrets(this.#cloud, containers);
    const port = containers.flatMap((each) => each.portMappings ?? [])[0]?.containerPort ?? 0;
    const ip = await this.#table.address(taskArn, port, allocateAddress);
    this.#table.update(taskArn, (doc) => ({ ...doc, lastStatus: "PENDING", pullStartedAt: Date.now() }));
    const images = await this.#pull(containers);
    this.#table.update(taskArn, (doc) => ({ ...doc, pullStoppedAt: Date.now() }));
    const start = { taskArn, ip, secrets };
    await Promise.all(images.map(([container, image]) => this.#containers.start(start, container, image)));
    if (this.#closed || this.#table.get(taskArn)?.desiredStatus !== "RUNNING") return;
    this.#table.update(taskArn, (doc) => ({ ...doc, lastStatus: "RUNNING", startedAt: Date.now() }));
    await this.#register(taskArn);
  }

  #pull(containers: readonly ContainerDefinition[]): Promise<(readonly [ContainerDefinition, UnpackedImage])[]> {
    return Promise.all(containers.map(async (each) => [each, await this.#images.pull(each.image ?? "")] as const));
  }

  async #register(taskArn: string): Promise<void> {
    const task = this.#table.get(taskArn);
    const ip = task?.ip;
    if (task === undefined || ip === undefined || task.loadBalancers.length === 0) return;
    // Noted before the call: whoever stops the task must know that it may be a target.
    this.#table.update(taskArn, (doc) => ({ ...doc, registered: true }));
    for (const { targetGroupArn, containerPort } of task.loadBalancers) {
      const Targets = [{ Id: ip, Port: containerPort }];
      await this.#cloud.elb.registerTargets({ TargetGroupArn: targetGroupArn, Targets });
    }
    const groups = task.loadBalancers.map((each) => `(target-group ${each.targetGroupArn})`);
    this.#table.serviceEvent(task, `registered 1 targets in ${groups.join(" ")}`);
  }

  /** The end of an essential container is the end of its task; so is that of the last one. */
  #exited(taskArn: string, name: string): void {
    const task = this.#table.get(taskArn);
    if (task === undefined || task.desiredStatus === "STOPPED") return;
    const essential = task.containers.find((each) => each.name === name)?.essential;
    if (essential === false && task.containers.some((each) => each.lastStatus !== "STOPPED")) return;
    const reason = "Essential container in task exited";
    this.stop(taskArn, { reason, code: "EssentialContainerExited", failure: true });
  }

  async #end(taskArn: string): Promise<void> {
    const task = this.#table.get(taskArn);
    if (task === undefined) return;
    const definition = this.#cloud.ecs.taskDefinition(task.taskDefinitionArn);
    // A task that died by itself has no requests to finish.
    await this.#table.drain(task, task.stopCode !== "EssentialContainerExited");
    if (this.#closed) return;
    this.#table.update(taskArn, (doc) => ({ ...doc, lastStatus: "STOPPING" }));
    for (const wave of stopOrder(definition.containerDefinitions ?? [])) {
      const seconds = Math.max(...wave.map((each) => each.stopTimeout ?? 30));
      const names = wave.map((each) => each.name ?? "");
      await stopProcesses(this.#containers.processesOf(taskArn, names), seconds * 1000);
    }
    if (this.#closed) return;
    this.#containers.sweep(task);
    await this.#table.finish(taskArn);
    await removeVolumes(this.#cloud.home, task.id);
    this.#stopping.delete(taskArn);
    await dropOldTasks(this.#cloud, task.group);
  }

  #playFaults(): void {
    if (!this.#cloud.faults.list().some((fault) => fault.kind === "die")) return;
    for (const task of this.#cloud.store.list<TaskDoc>(KIND.task)) {
      if (task.lastStatus !== "RUNNING" || task.desiredStatus !== "RUNNING") continue;
      const input = [task.taskArn, task.serviceArn ?? "", task.group, task.taskDefinitionArn];
      if (this.#cloud.faults.take(["die"], { service: "ecs", operation: "task", input }) === undefined) continue;
      for (const { ref } of this.#containers.processesOf(task.taskArn)) signalGroup(ref, "SIGKILL");
    }
  }
}
