/** What the engine would see if it read every resource again. It writes nothing, the state neither. */
import { type EngineRunArgs, runEngine } from "../engine.ts";
import { SluiceError } from "../errors.ts";

/** A resource that is not as the state has it. */
export interface ChangedResource {
  type: string;
  name: string;
  /** Whether it is not there at all. */
  gone: boolean;
  /** Properties that differ, as paths; properties that the program leaves alone are not compared. */
  fields: string[];
}

/** Compared by the settings themselves, which tells more. */
const elsewhere = (type: string) => type.startsWith("github:");

/**
 * @throws SluiceError where the engine cannot tell, as without credentials
 * @example
 * await readChangedResources({ stack: "prod", context, config, output, interruption })
 */
export async function readChangedResources(
  args: Omit<EngineRunArgs, "operation" | "progress">,
): Promise<ChangedResource[]> {
  const { log } = await runEngine({ ...args, operation: "drift", progress: false });
  if (log.failed.length > 0) {
    throw new SluiceError(`cannot read ${log.failed.map(({ name }) => name).join(", ")}`);
  }
  return log.steps.preview
    .filter(({ custom, type, op }) => custom && op !== "refresh" && !elsewhere(type))
    .map(({ type, name, op, diffs }) => ({ type, name, gone: op === "delete", fields: op === "delete" ? [] : diffs }));
}
