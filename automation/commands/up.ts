import type { CommandModule } from "../cli.ts";
import { confirm } from "../confirm.ts";
import { createInterruption } from "../interruption.ts";
import { commonOptions, OptionReader, releaseOverrides } from "../options.ts";
import { report } from "../report.ts";
import { openTarget } from "../target.ts";
import { update } from "../update.ts";

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const { stack, sandbox, json, yes, create, lockTimeout, timeout } = commonOptions(reader);
  const overrides = releaseOverrides(reader);
  const refresh = reader.flag("refresh");
  reader.done();
  using interruption = createInterruption(timeout);
  const target = await openTarget({ stack, sandbox, output });
  if (!target.sandbox && !yes) await confirm(`update stack ${target.stack}?`);
  const result = await update({ target, output, interruption, overrides, create, refresh, lockTimeout });
  report({ target, result, json, output });
  return undefined;
};
