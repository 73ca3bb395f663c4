/**
 * Every command of `sluice`, with its help. Plain JavaScript that imports nothing but its own parts, so that
 * `sluice --help` starts as fast as Node itself; the command line parser is built from the same table.
 */
import { gateCommands } from "./command-table/gates.mjs";
import { imageCommands } from "./command-table/images.mjs";
import { sandboxCommands } from "./command-table/sandbox.mjs";
import { setupCommands } from "./command-table/setup.mjs";
import { stackCommands } from "./command-table/stacks.mjs";

/** @type {import("./command-table.d.mts").Program} */
export const program = {
  name: "sluice",
  summary: "Deliver services with Pulumi: blue-green switches, weighted splits and rollbacks that lose no request.",
  commands: [...stackCommands, ...imageCommands, ...gateCommands, ...sandboxCommands, ...setupCommands],
  exitCodes: [
    "0 done",
    "1 error",
    "2 configuration or usage",
    "3 authentication",
    "4 a resource failed, or is not what was asked for",
    "5 refused by policy",
    "6 no such stack",
    "8 cancelled",
    "9 took too long",
    "20 waiting for approval",
    "21 rolled back",
    "22 held",
  ],
};

/**
 * The help of the program itself.
 *
 * @param {import("./command-table.d.mts").Program} table
 */
export function programHelp(table = program) {
  const width = Math.max(...table.commands.map(({ name }) => name.length)) + 2;
  return [
    `Usage: ${table.name} <command> [options]`,
    "",
    table.summary,
    "",
    "Commands:",
    ...table.commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    `Start here: npm run up, then ${table.name} <command> --help.`,
    `Exit codes: ${table.exitCodes.join(", ")}.`,
  ].join("\n");
}
