import type { CommandModule } from "../cli.ts";
import { runEngine } from "../engine.ts";
import { createInterruption } from "../interruption.ts";
import { commonOptions, OptionReader, releaseOverrides } from "../options.ts";
import { prepareConfig } from "../prepare.ts";
import { requireTags } from "../registry-tags.ts";
import { ensureStack } from "../stack-lifecycle.ts";
import { openTarget } from "../target.ts";

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const { stack: name, sandbox: asked, json, timeout } = commonOptions(reader);
  const overrides = releaseOverrides(reader);
  reader.done();
  using interruption = createInterruption(timeout);
  const target = await openTarget({ stack: name, sandbox: asked, output });
  const { stack, sandbox, context } = target;
  using config = prepareConfig(target, overrides, output);
  await requireTags(target, config.settings, overrides);
  // An empty stack in the sandbox costs nothing and changes no resource; elsewhere it is the user's to create.
  await ensureStack({ context, stack, create: sandbox, sandbox, output });
  const { log } = await runEngine({ operation: "preview", stack, context, config, output, interruption });
  const steps = log.steps.preview.filter(({ custom }) => custom);
  if (json) {
    output.json({
      stack,
      changes: log.changes.preview ?? {},
      steps: steps.map(({ op, urn, diffs }) => ({ op, urn, diffs })),
    });
  }
  return undefined;
};
