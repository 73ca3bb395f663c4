/** What the engine would see if it read every resource again. It writes nothing, the state neither. */
import { type EngineRunArgs, runEngine } from "../engine.ts";
import type { Step } from "../engine-events.ts";
import { SluiceError } from "../errors.ts";

/** A resource that is not as the state has it. */
export interface ChangedResource {
  type: string;
  name: string;
  /** Whether it is not there at all. */
  gone: boolean;
  /** Properties that differ, as paths; properties that the program leaves alone are not compared. */
  fields: string[];
  /** How to mend what an update without a release leaves as it is. */
  remedy?: string;
}

/** An update that names no release moves no traffic, whoever moved it last: weights are mended by naming one. */
function remedyOf(stack: string, { type, name, op }: Step): Pick<ChangedResource, "remedy"> {
  const service = /^(.+)-traffic$/.exec(name)?.[1];
  if (service === undefined || type !== "aws:lb/listenerRule:ListenerRule" || op === "delete") return {};
  return {
    remedy: `name the release that shall have the traffic: sluice up --stack ${stack} --service ${service} --image-tag TAG`,
  };
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
    .map((step) => {
      const { type, name, op, diffs } = step;
      const gone = op === "delete";
      return { type, name, gone, fields: gone ? [] : diffs, ...remedyOf(args.stack, step) };
    });
}
