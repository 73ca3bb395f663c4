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
  const outputs = await readOutputs(target.context, target.stack, target.sandbox);
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
