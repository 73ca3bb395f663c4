import path from "node:path";
import type { CommandModule } from "../cli.ts";
import { packVariables, shimFolder } from "../engine-context.ts";
import { commonOptions, OptionReader } from "../options.ts";
import { shellExports } from "../shell.ts";
import { openTarget } from "../target.ts";

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const { stack, sandbox: asked, json } = commonOptions(reader);
  reader.done();
  const { context, sandbox } = await openTarget({ stack, sandbox: asked, output });
  const { policyPack, env } = context;
  const changed: NodeJS.ProcessEnv = {
    ...env,
    PATH: `${shimFolder}${path.delimiter}${env.PATH}`,
    ...(sandbox ? { SLUICE_SANDBOX: "1" } : {}),
    ...packVariables(policyPack),
  };
  const difference = Object.fromEntries(Object.entries(changed).filter(([name, value]) => process.env[name] !== value));
  if (json) output.json(Object.fromEntries(Object.entries(difference).map(([name, value]) => [name, value ?? null])));
  else for (const line of shellExports(difference)) output.data(line);
  return undefined;
};
