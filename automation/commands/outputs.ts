import type { CommandModule } from "../cli.ts";
import { commonOptions, OptionReader } from "../options.ts";
import { serviceLines } from "../report.ts";
import { readOutputs } from "../stack-lifecycle.ts";
import { openTarget } from "../target.ts";

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const { stack, sandbox, json } = commonOptions(reader);
  reader.done();
  const target = await openTarget({ stack, sandbox, output, running: false });
  const { outputs, corrected } = await readOutputs(target.context, target.stack, target.sandbox);
  if (corrected.length > 0) {
    output.warn(`the last update left outputs that are not true; told from the resources: ${corrected.join(", ")}`);
  }
  if (json) {
    output.json(outputs);
    return undefined;
  }
  for (const line of serviceLines(outputs)) output.data(line);
  const { services: _, ...others } = outputs;
  for (const [name, value] of Object.entries(others)) {
    output.data(`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  return undefined;
};
