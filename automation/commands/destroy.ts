import type { StackState } from "../backend.ts";
import type { CommandModule } from "../cli.ts";
import { runEngine } from "../engine.ts";
import { nameOf } from "../engine-events.ts";
import { configurationError } from "../errors.ts";
import { createInterruption } from "../interruption.ts";
import { commonOptions, OptionReader } from "../options.ts";
import { createRunConfig } from "../run-config.ts";
import { ensureStack } from "../stack-lifecycle.ts";
import { openTarget } from "../target.ts";

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const { stack: name, sandbox: asked, json, yes, lockTimeout, timeout } = commonOptions(reader);
  reader.done();
  using interruption = createInterruption(timeout);
  const target = await openTarget({ stack: name, sandbox: asked, output });
  const { stack, context, sandbox, places } = target;
  if (!sandbox && !yes) {
    throw configurationError(`destroying ${stack} deletes what its users are served from; nothing was changed`, {
      remedy: `sluice destroy --stack ${stack} --yes`,
    });
  }
  const state = await ensureStack({ context, stack, create: false, sandbox, output });
  requireDeletable(stack, state);
  using config = createRunConfig({ stack, root: context.root, runs: places.runs, sandbox });
  const { log } = await runEngine({
    operation: "destroy",
    stack,
    context,
    config,
    output,
    interruption,
    ...(lockTimeout === undefined ? {} : { lockTimeout }),
  });
  if (json) output.json({ stack, changes: log.changes.update ?? {} });
  return undefined;
};

/** What the engine or the cloud would refuse half-way, after much else is gone. */
function requireDeletable(stack: string, { resources = [] }: StackState): void {
  const kept = resources.filter(({ protect }) => protect === true).map(({ urn }) => nameOf(urn));
  if (kept.length > 0) {
    throw configurationError(`${stack} has protected resources; nothing was changed`, {
      details: kept,
      remedy: `lift the protection first: npm run pulumi -- state unprotect --all --stack ${stack}`,
    });
  }
  const guarded = resources.filter(({ outputs }) => outputs?.enableDeletionProtection === true);
  if (guarded.length > 0) {
    throw configurationError(`${stack} has what AWS will not delete; nothing was changed`, {
      details: guarded.map(({ urn }) => `${nameOf(urn)}: its deletion protection is on`),
      remedy: `set deletionProtection: false under sluice:cluster in its stack file, sluice up --stack ${stack}, then destroy it (production's policy refuses that, see balancers-protected in docs/policies.md)`,
    });
  }
}
