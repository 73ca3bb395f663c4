/** One-off tasks of a release: what they are started with, and whether they did what they should. Pure. */
import { createHash } from "node:crypto";
import type { MigrationConfig } from "./config/migration.ts";

/** What ECS calls `overrides`: what differs from the release's task definition. */
export interface TaskOverrides {
  cpu?: string;
  memory?: string;
  containerOverrides: { name: string; command: string[]; environment: { name: string; value: string }[] }[];
}

/**
 * Source of the limit: ECS API reference, TaskOverride: 8192 characters, those of the JSON included.
 */
export const overridesLimit = 8192;

/**
 * @param container the release's main container
 * @example
 * migrationOverrides("api", { command: ["node", "migrate.js"], timeout: 900, environment: {} })
 */
export function migrationOverrides(container: string, config: MigrationConfig): TaskOverrides {
  const { command, environment, cpu, memory } = config;
  const variables = Object.entries(environment).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(cpu === undefined ? {} : { cpu: String(cpu) }),
    ...(memory === undefined ? {} : { memory: String(memory) }),
    containerOverrides: [
      { name: container, command: [...command], environment: variables.map(([name, value]) => ({ name, value })) },
    ],
  };
}

/**
 * By what the tasks of a release's migration are found again, whoever started them: ECS's `startedBy`. At most 36 letters,
 * digits, hyphens and underscores, which every version of the API takes.
 *
 * @example
 * migrationMark("api", "0123456789abcdef") // "migration-…"
 */
export function migrationMark(service: string, releaseId: string): string {
  return `migration-${digest(service, releaseId).slice(0, 24)}`;
}

/**
 * ECS's `clientToken`: a request that is repeated with it starts nothing new. At most 64 characters.
 *
 * @param run counts the runs of this attempt that ended, from 0
 */
export function migrationToken(revision: string, run: number): string {
  return digest(revision, String(run));
}

const digest = (...parts: string[]): string => createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/** What ECS says of a task that has stopped. */
export interface StoppedTask {
  stopCode?: string | undefined;
  stoppedReason?: string | undefined;
  containers?:
    | readonly { name?: string | undefined; exitCode?: number | undefined; reason?: string | undefined }[]
    | undefined;
}

/**
 * Why a stopped task did not do what it should. Exit code 0 of its container, which ended by itself, is the only success.
 *
 * @returns undefined where it did
 * @example
 * judgeTask({ stopCode: "EssentialContainerExited", containers: [{ name: "api", exitCode: 1 }] }, "api") // "api exited with 1"
 */
export function judgeTask(task: StoppedTask, container: string): string | undefined {
  const found = task.containers?.find(({ name }) => name === container);
  const byItself = task.stopCode === undefined || task.stopCode === "EssentialContainerExited";
  if (byItself && found?.exitCode === 0) return undefined;
  const exit =
    found?.exitCode === undefined ? `${container} has no exit code` : `${container} exited with ${found.exitCode}`;
  return [
    exit,
    found?.reason,
    byItself && found?.exitCode !== undefined ? undefined : (task.stoppedReason ?? "no reason given"),
  ]
    .filter((part) => part !== undefined)
    .join("; ");
}
