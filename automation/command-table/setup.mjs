/** Commands about this machine. */
import { json, sandbox, stack } from "./options.mjs";

/** @type {readonly import("../command-table.d.mts").Command[]} */
export const setupCommands = [
  {
    name: "doctor",
    module: "./commands/doctor.ts",
    summary: "check that everything needed is there, and say how to mend what is not",
    options: [stack, sandbox, json],
  },
  {
    name: "env",
    module: "./commands/env.ts",
    summary: 'print what a shell needs so that plain `pulumi` works here: eval "$(npx sluice env)"',
    options: [stack, sandbox, json],
  },
  {
    name: "quickstart",
    module: "./commands/quickstart.ts",
    summary: "foundation, example service and stack local in the sandbox, in one go (npm run up)",
    options: [json],
  },
];
