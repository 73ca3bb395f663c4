import path from "node:path";
import type { CommandModule } from "../cli.ts";
import { createInterruption, type Interruption } from "../interruption.ts";
import type { Output } from "../output.ts";
import { repositoryRoot } from "../paths.ts";
import { push } from "../push.ts";
import { servicesOf } from "../read-back.ts";
import { report } from "../report.ts";
import { readServiceState } from "../service-state.ts";
import { readState } from "../stack-lifecycle.ts";
import { localStack, openTarget } from "../target.ts";
import { update } from "../update.ts";

/** The service that stack `local` shows, and the release that it starts with. */
const example = { service: "api", folder: path.join(repositoryRoot, "examples/service"), tag: "v1.0.0" };

/** `npm run up`: everything that somebody who has just cloned the repository needs to see it work. */
export const run: CommandModule["run"] = async ({ options, output }) => {
  using interruption = createInterruption();
  await bringUpFoundation(output, interruption);
  const target = await openTarget({ stack: localStack, output });
  const state = await readState(target.context, target.stack);
  const running = state !== undefined && readServiceState(state, example.service).active !== undefined;
  if (!running) {
    await push({ target, output, context: example.folder, repository: example.service, tag: example.tag });
  }
  output.say(
    running
      ? "stack local: it keeps the release that runs"
      : `stack local, service ${example.service} at ${example.tag}`,
  );
  const overrides = running ? {} : { services: { [example.service]: { imageTag: example.tag } } };
  const result = await update({ target, output, interruption, overrides });
  report({ target, result, json: options.json === true, output });
  if (options.json !== true) output.data(servicesOf(result.outputs)[example.service]?.url ?? "");
  return undefined;
};

async function bringUpFoundation(output: Output, interruption: Interruption): Promise<void> {
  const target = await openTarget({ stack: "foundation", sandbox: true, output });
  output.say("stack foundation, in the sandbox");
  await update({ target, output, interruption });
}
