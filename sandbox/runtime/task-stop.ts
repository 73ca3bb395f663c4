import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { isAlive, type Started, signalGroup } from "./processes.ts";

/** Asks processes to end, waits, and makes them. Resolves when all have ended. */
export async function stopProcesses(processes: readonly Started[], graceMs: number): Promise<void> {
  const living = processes.filter(({ ref }) => isAlive(ref));
  for (const { ref } of living) signalGroup(ref, "SIGTERM");
  const ended = Promise.all(processes.map((each) => each.exited));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), graceMs);
  });
  if ((await Promise.race([ended, late])) === "late") {
    for (const { ref } of living) signalGroup(ref, "SIGKILL");
    await ended;
  }
  clearTimeout(timer);
}

/**
 * The containers of a task in the order in which they end: whoever waited for another at the start goes before it.
 *
 * @example
 * stopOrder([{ name: "api", dependsOn: [{ containerName: "proxy", condition: "START" }] }, { name: "proxy" }])
 */
export function stopOrder(containers: readonly ContainerDefinition[]): ContainerDefinition[][] {
  const waves: ContainerDefinition[][] = [];
  let left = [...containers];
  while (left.length > 0) {
    const needed = new Set(left.flatMap(({ dependsOn = [] }) => dependsOn.map(({ containerName }) => containerName)));
    const free = left.filter(({ name }) => !needed.has(name));
    const wave = free.length > 0 ? free : left;
    waves.push(wave);
    left = left.filter((one) => !wave.includes(one));
  }
  return waves;
}
