/** Where `sluice` begins. Help for the whole program needs nothing but this and the table; everything else is loaded on demand. */
import { program, programHelp } from "./command-table.mjs";

const args = process.argv.slice(2);
const [first] = args;

if (first === undefined || first === "--help" || first === "-h" || (first === "help" && args.length === 1)) {
  // Without a command the help is an answer to a mistake, not data.
  (first === undefined ? process.stderr : process.stdout).write(`${programHelp(program)}\n`);
  process.exitCode = first === undefined ? 2 : 0;
} else {
  const { enableCompileCache } = await import("node:module");
  const { homedir } = await import("node:os");
  enableCompileCache(`${process.env.XDG_CACHE_HOME || `${homedir()}/.cache`}/sluice/compiled`);
  const { main } = await import("./cli.ts");
  // The only place that exits: clients that keep connections open must not keep the command.
  process.exit(await main(args));
}
