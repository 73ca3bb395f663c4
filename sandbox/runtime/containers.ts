import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { ContainerDoc, TaskDefinitionDoc, TaskDoc } from "../cloud/ecs-model.ts";
import type { Inner } from "../cloud/index.ts";
import { atTask, type Launch, launchOf } from "./command.ts";
import { watchContainerHealth } from "./container-health.ts";
import type { Images, UnpackedImage } from "./images.ts";
import { adopt, findMarked, isAlive, type Started, signalGroup, start } from "./processes.ts";
import { fetchSecrets, type SecretValues } from "./secrets.ts";
import { logFile } from "./task-logs.ts";
import type { TaskTable } from "./task-table.ts";
import { makeFolders, mountsOf } from "./volumes.ts";

/** The containers of tasks as processes, with their health checks. */
export class Containers {
  readonly #cloud: Inner;
  readonly #images: Images;
  readonly #table: TaskTable;
  readonly #exited: (taskArn: string, name: string) => void;
  /** Processes by task and container. */
  readonly #live = new Map<string, Map<string, Started>>();
  readonly #watches = new Map<string, { stop(): void }[]>();
  #closed = false;

  /** @param exited told of every process that ends, when that is on record */
  constructor(cloud: Inner, images: Images, table: TaskTable, exited: (taskArn: string, name: string) => void) {
    this.#cloud = cloud;
    this.#images = images;
    this.#table = table;
    this.#exited = exited;
  }

  /** Starts nothing any more, and tells of nothing. */
  close(): void {
    this.#closed = true;
    for (const watches of this.#watches.values()) for (const watch of watches) watch.stop();
  }

  /** @param names of containers. @default all of the task */
  processesOf(taskArn: string, names?: readonly string[]): Started[] {
    const own = [...(this.#live.get(taskArn) ?? [])];
    return own.filter(([name]) => names?.includes(name) ?? true).map(([, started]) => started);
  }

  /** Ends whatever still carries a task's mark, and forgets the task. */
  sweep(task: TaskDoc): void {
    for (const { ref } of findMarked(this.marker(`${task.id}|`))) signalGroup(ref, "SIGKILL");
    for (const watch of this.#watches.get(task.taskArn) ?? []) watch.stop();
    this.#live.delete(task.taskArn);
    this.#watches.delete(task.taskArn);
  }

  /** Marks processes of this sandbox, and of no other on the machine. */
  marker(rest: string): string {
    return `${this.#cloud.home}|${rest}`;
  }

  /** Starts one container once those that it depends on are as it needs them. */
  async start(
    { taskArn, ip, secrets }: { taskArn: string; ip: string; secrets: SecretValues },
    definition: ContainerDefinition,
    image: UnpackedImage,
  ): Promise<void> {
    const name = definition.name ?? "";
    await this.#dependencies(taskArn, definition);
    const task = this.#table.get(taskArn);
    if (task === undefined) return;
    const launch = this.#launchOf(task, ip, definition, image, secrets);
    await makeFolders(mountsOf(this.#cloud.home, task.id, definition));
    const log = logFile(this.#cloud.home, task.id, name);
    await mkdir(dirname(log), { recursive: true });
    await mkdir(launch.cwd, { recursive: true });
    if (this.#closed || this.#table.get(taskArn)?.desiredStatus !== "RUNNING") return;
    const started = await start({ ...launch, log }).catch((error) => {
      throw new Error(`CannotStartContainerError: ${(error as Error).message}`);
    });
    this.#table.container(taskArn, name, { ref: started.ref, imageDigest: image.digest, lastStatus: "RUNNING" });
    this.#watch(taskArn, name, started);
    if (this.#table.get(taskArn)?.desiredStatus !== "RUNNING") {
      // It was stopped while its process came up: whoever stopped it did not see this one.
      signalGroup(started.ref, "SIGKILL");
      return;
    }
    this.#watchHealth(taskArn, definition, launch, image.rootfs);
  }

  /** Takes over the processes that an earlier daemon started. */
  adopt(task: TaskDoc, definition: TaskDefinitionDoc): void {
    for (const container of task.containers) {
      if (container.ref === undefined || container.lastStatus === "STOPPED") continue;
      this.#watch(task.taskArn, container.name, adopt(container.ref));
      void this.#adoptHealth(task, definition, container);
    }
  }

  #launchOf(
    task: TaskDoc,
    ip: string,
    definition: ContainerDefinition,
    { rootfs, config }: UnpackedImage,
    secrets: SecretValues,
  ): Launch {
    const override = task.overrides.containerOverrides?.find((each) => each.name === definition.name);
    const merged: ContainerDefinition = {
      ...definition,
      command: override?.command ?? definition.command,
      environment: [...(definition.environment ?? []), ...(override?.environment ?? [])],
    };
    return launchOf({
      definition: merged,
      config,
      rootfs,
      ip,
      marker: this.marker(`${task.id}|${definition.name}`),
      path: process.env.PATH ?? "",
      secrets: secrets.get(definition.name ?? "") ?? {},
      mounts: mountsOf(this.#cloud.home, task.id, definition),
      shared: task.containers.length > 1,
    });
  }

  async #dependencies(taskArn: string, definition: ContainerDefinition): Promise<void> {
    for (const { containerName, condition } of definition.dependsOn ?? []) {
      const met = (container: ContainerDoc) => {
        if (condition === "HEALTHY") return container.health !== "UNKNOWN" || container.lastStatus === "STOPPED";
        return condition === "START" ? container.lastStatus !== "PENDING" : container.lastStatus === "STOPPED";
      };
      const task = await this.#table.until(taskArn, (doc) => {
        const other = doc.containers.find((each) => each.name === containerName);
        return doc.desiredStatus === "STOPPED" || other === undefined || met(other);
      });
      const other = task?.containers.find((each) => each.name === containerName);
      const failed =
        (condition === "SUCCESS" && other?.lastStatus === "STOPPED" && other.exitCode !== 0) ||
        (condition === "HEALTHY" && other !== undefined && other.health !== "HEALTHY");
      if (failed && task?.desiredStatus === "RUNNING") {
        const order = `container ordering dependency [${containerName}] for container [${definition.name}]`;
        throw new Error(`CannotStartContainerError: dependency graph: ${order} did not start successfully.`);
      }
    }
  }

  #watch(taskArn: string, name: string, started: Started): void {
    const own = this.#live.get(taskArn) ?? new Map<string, Started>();
    own.set(name, started);
    this.#live.set(taskArn, own);
    void started.exited.then(({ code }) => {
      const task = this.#closed ? undefined : this.#table.get(taskArn);
      if (task === undefined) return;
      // As in a container, nothing outlives the first process.
      for (const { ref } of findMarked(this.marker(`${task.id}|${name}`))) signalGroup(ref, "SIGKILL");
      const unknown = { reason: "The exit code is unknown: the sandbox was not running" };
      this.#table.container(taskArn, name, {
        lastStatus: "STOPPED",
        ...(code === undefined ? unknown : { exitCode: code }),
      });
      this.#exited(taskArn, name);
    });
  }

  #watchHealth(taskArn: string, definition: ContainerDefinition, launch: Launch, rootfs: string): void {
    const { healthCheck } = definition;
    const ip = this.#table.get(taskArn)?.ip;
    if (healthCheck === undefined || ip === undefined) return;
    const command = healthCheck.command?.map((argument) => atTask(argument, ip));
    const watch = watchContainerHealth({ ...healthCheck, command }, launch, rootfs, (health) => {
      if (!this.#closed) this.#table.container(taskArn, definition.name ?? "", { health });
    });
    this.#watches.set(taskArn, [...(this.#watches.get(taskArn) ?? []), watch]);
  }

  async #adoptHealth(task: TaskDoc, definition: TaskDefinitionDoc, { name, ref }: ContainerDoc): Promise<void> {
    const own = definition.containerDefinitions?.find((each) => each.name === name);
    if (own?.healthCheck === undefined || task.ip === undefined || ref === undefined || !isAlive(ref)) return;
    const image = await this.#images.pull(own.image ?? "").catch(() => undefined);
    if (image === undefined || this.#closed) return;
    // The program keeps the values that it was started with; its check gets those of today.
    const secrets = secretsOrNone(this.#cloud, own);
    this.#watchHealth(task.taskArn, own, this.#launchOf(task, task.ip, own, image, secrets), image.rootfs);
  }
}

function secretsOrNone(cloud: Inner, definition: ContainerDefinition): SecretValues {
  try {
    return fetchSecrets(cloud, [definition]);
  } catch {
    return new Map();
  }
}
