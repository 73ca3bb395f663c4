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
