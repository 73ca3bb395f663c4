import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";

/** A path of a container that is a folder of the machine. */
export interface Mount {
  containerPath: string;
  folder: string;
}

const volumesOf = (home: string, taskId: string) => join(home, "tasks", taskId, "volumes");

/** Where a container's writable paths are: volumes of the task, which its containers may share, and its own tmpfs. */
export function mountsOf(home: string, taskId: string, container: ContainerDefinition): Mount[] {
  const folder = volumesOf(home, taskId);
  const volumes = (container.mountPoints ?? []).map(({ sourceVolume = "", containerPath = "" }) => ({
    containerPath,
    folder: join(folder, "disk", sourceVolume),
  }));
  const memory = (container.linuxParameters?.tmpfs ?? []).map(({ containerPath = "" }, index) => ({
    containerPath,
    folder: join(folder, "tmpfs", container.name ?? "", String(index)),
  }));
  return [...volumes, ...memory];
}

export async function makeFolders(mounts: readonly Mount[]): Promise<void> {
  for (const { folder } of mounts) await mkdir(folder, { recursive: true });
}

/** What was written goes with the task; its logs stay. */
export async function removeVolumes(home: string, taskId: string): Promise<void> {
  await rm(volumesOf(home, taskId), { recursive: true, force: true });
}

/**
 * Text in which paths below a mount lead to its folder: there is no mount namespace, so whoever is told a path must be told
 * the folder.
 *
 * @example
 * mounted("/tmp/cache", [{ containerPath: "/tmp", folder: "/h/tasks/1/volumes/disk/tmp" }]) // "/h/…/tmp/cache"
 */
export function mounted(text: string, mounts: readonly Mount[]): string {
  const found = mounts.find(({ containerPath }) => `${text}/`.startsWith(`${containerPath}/`));
  return found === undefined ? text : join(found.folder, text.slice(found.containerPath.length));
}
