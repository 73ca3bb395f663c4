import type { CommandModule } from "../cli.ts";
import { commonOptions, OptionReader } from "../options.ts";
import { type PushArgs, push } from "../push.ts";
import { openTarget } from "../target.ts";

export const run: CommandModule["run"] = async ({ args, options, output }) => {
  const reader = new OptionReader(options);
  const { stack, sandbox, json } = commonOptions(reader);
  const tag = reader.tag("tag") ?? "";
  reader.done();
  const target = await openTarget({ stack, sandbox, output });
  const builder = reader.text("builder") as PushArgs["builder"];
  const context = args[0] ?? ".";
  const pushed = await push({ target, output, context, repository: reader.text("repository") ?? "", tag, builder });
  if (json) output.json(pushed);
  else output.data(pushed.digest);
  return undefined;
};
