/** Builds the command line from the table, runs one command, and turns whatever it throws into words and an exit code. */
import { Command, CommanderError, Option } from "commander";
import type { Command as Declared } from "./command-table.d.mts";
import { program as table } from "./command-table.mjs";
import { ExitCode, errorDocument, exitCodeOf } from "./errors.ts";
import { createOutput, type Output } from "./output.ts";

/** What a command is given. Options are as the command line has them: strings and true. */
export interface Invocation {
  /** Name of the command, e.g. `start` of `sluice sandbox start`. */
  command: string;
  args: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
  output: Output;
}

export interface CommandModule {
  /** @returns the exit code, or nothing for 0 */
  run(invocation: Invocation): Promise<number | undefined>;
}

/**
 * @returns the exit code; it never throws
 * @example
 * process.exit(await main(["up", "--stack", "local"]));
 */
export async function main(argv: readonly string[], output: Output = createOutput()): Promise<number> {
  let code = 0;
  const root = new Command(table.name).description(table.summary).helpCommand(true);
  configure(root);
  for (const declared of table.commands) {
    addCommand(root, declared, output, (result) => {
      code = result;
    });
  }
  try {
    await root.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.configuration;
    output.fail(error);
    if (argv.includes("--json")) output.json({ error: errorDocument(error) });
    if (process.env.SLUICE_DEBUG && error instanceof Error) output.say(error.stack ?? "");
    return exitCodeOf(error);
  }
}

function configure(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError(`(${commandPath(command)} --help says more)`)
    .showSuggestionAfterError();
}

function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

function addCommand(parent: Command, declared: Declared, output: Output, done: (code: number) => void): void {
  const command = parent.command(declared.name).summary(declared.summary);
  command.description([capital(declared.summary), ...(declared.details ?? [])].join("\n"));
  for (const { name, summary } of declared.args ?? []) command.argument(name, summary);
  for (const { flags, summary, required = false, choices } of declared.options ?? []) {
    const option = new Option(flags, summary).makeOptionMandatory(required);
    command.addOption(choices === undefined ? option : option.choices([...choices]));
  }
  configure(command);
  for (const inner of declared.commands ?? []) addCommand(command, inner, output, done);
  const { module } = declared;
  if (module === undefined) return;
  command.action(async () => {
    const { run } = (await import(new URL(module, import.meta.url).href)) as CommandModule;
    done((await run({ command: declared.name, args: command.args, options: command.opts(), output })) ?? ExitCode.ok);
  });
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
