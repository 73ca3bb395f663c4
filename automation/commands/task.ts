import type { CommandModule } from "../cli.ts";
import { confirm } from "../confirm.ts";
import { configurationError } from "../errors.ts";
import { createInterruption } from "../interruption.ts";
import { runTask, taskPlace } from "../one-off-task.ts";
import { commonOptions, OptionReader } from "../options.ts";
import { projectSettings, readStackFile } from "../stack-file.ts";
import { ensureStack } from "../stack-lifecycle.ts";
import { adoptCloudEnvironment, openTarget } from "../target.ts";

/** Seconds: a task that nobody waits for any more costs money until somebody ends it. */
const defaultTimeout = 3600;

export const run: CommandModule["run"] = async ({ args, options, output }) => {
  const reader = new OptionReader(options);
  const { stack: name, sandbox: asked, json, yes, timeout } = commonOptions(reader);
  const service = reader.text("service") ?? "";
  reader.done();
  using interruption = createInterruption(timeout ?? defaultTimeout);
  const target = await openTarget({ stack: name, sandbox: asked, output });
  const { stack, context, sandbox } = target;
  const declared = Object.keys(projectSettings(readStackFile(context.root, stack)).services ?? {});
  if (!declared.includes(service)) {
    throw configurationError(`stack ${stack} has no service ${service}`, {
      remedy: `name one of: ${declared.join(", ") || "(the stack declares none)"}`,
    });
  }
  const place = taskPlace(await ensureStack({ context, stack, create: false, sandbox, output }), service);
  if (!sandbox && !yes) await confirm(`run ${JSON.stringify(args)} as ${service} ${place.tag} of stack ${stack}?`);
  adoptCloudEnvironment(target);
  output.say(`${service} ${place.tag}: ${args.join(" ")}`);
  const result = await runTask(place, [...args], interruption);
  if (json) output.json(result);
  else for (const line of result.lines) output.data(line);
  return undefined;
};
