/** Reads out of a Pulumi command line what decides how it must be run. */
import { configurationError } from "./errors.ts";
import { project } from "./stack-file.ts";

export interface PulumiInvocation {
  /** The operation under its usual name, e.g. `up` for `update`; empty where there is none. */
  command: string;
  /** Undefined where the command line does not say. */
  stack: string | undefined;
  /** `--sandbox` was given. */
  sandbox: boolean;
  /** `--config-file` was given: the user has a copy of their own. */
  configFile: boolean;
  /** The command line without what is ours. */
  args: string[];
}

const aliases: Readonly<Record<string, string>> = { update: "up", pre: "preview", down: "destroy", dn: "destroy" };

/** Commands that take a stack's name as an argument of their own. */
const named: Readonly<Record<string, readonly string[]>> = {
  stack: ["select", "init", "rm", "remove", "new", "create"],
  cancel: [],
};

/** Flags before the command that have a value. Source: `pulumi --help`, global flags. */
const valued = new Set([
  "-C",
  "--cwd",
  "--color",
  "-v",
  "--verbose",
  "--tracing",
  "--profiling",
  "--memprofilerate",
  "--otel-traces",
]);

/**
 * @throws SluiceError (2) where a path would replace a whole section of the configuration, or a flag the policy pack
 * @example
 * parseInvocation(["up", "-s", "local", "--config", "sluice:imageTag=v1.0.0"]).stack // "local"
 */
export function parseInvocation(argv: readonly string[]): PulumiInvocation {
  const args = argv.filter((argument) => argument !== "--sandbox");
  keepPack(args);
  const words = positionals(args);
  const command = aliases[words[0] ?? ""] ?? words[0] ?? "";
  return {
    command,
    stack: flagValue(args, "-s", "--stack") ?? namedStack(command, words),
    sandbox: args.length < argv.length,
    configFile: flagValue(args, undefined, "--config-file") !== undefined,
    args: args.some((argument) => byPath.test(argument)) ? args.map(safePath) : args,
  };
}

/** The CLI lets these flags replace the variables that attach the pack: what is asked for besides would judge alone. */
function keepPack(args: readonly string[]): void {
  const found = args.find((argument) => /^--policy-pack(?:-config)?(?:=|$)/.test(argument));
  if (found === undefined) return;
  throw configurationError(`${found}: Sluice's own policy pack judges here, and none instead of it`, {
    remedy: "leave it out; what the pack demands stands in policy/config.json",
  });
}

/** The flag alone, or with a value that Go's strconv.ParseBool takes for true. */
const byPath = /^--config-path(?:=(?:1|t|true))?$/i;
/** `KEY.REST=VALUE` below our namespace, with or without it. */
const nestedPath = new RegExp(`^(--config=|-c=?)?(?:${project}:)?([A-Za-z]+)[.[]([^=]*)=(.*)$`, "s");
const releasePath = /^([^.]+)\.(imageTag|candidate\.imageTag|candidate\.weight|release)$/;

/**
 * With `--config-path` the CLI does not merge a nested value into the stack file's section: it replaces the section by
 * an object that holds this value alone (measured, 3.259.0). A service's release is asked for under `releases`, a section
 * of its own, so that this is harmless; anywhere else it would delete what the file declares.
 */
function safePath(argument: string): string {
  const [, flag = "", section = "", rest = "", value = ""] = nestedPath.exec(argument) ?? [];
  if (section === "" || section === "releases") return argument;
  const release = section === "services" ? releasePath.exec(rest) : null;
  if (release !== null) return `${flag}${project}:releases.${release[1]}.${release[2]}=${value}`;
  throw configurationError(
    `--config-path ${section}.${rest}: this would replace the whole section ${project}:${section}`,
    {
      remedy: "change the stack file; by path, only releases are asked for: services.NAME.imageTag=TAG",
    },
  );
}

function flagValue(args: readonly string[], short: string | undefined, long: string): string | undefined {
  for (const [index, argument] of args.entries()) {
    if (argument === "--") return undefined;
    if (argument === long || argument === short) return args[index + 1];
    if (argument.startsWith(`${long}=`)) return argument.slice(long.length + 1);
    if (short !== undefined && argument.startsWith(short) && !argument.startsWith("--"))
      return argument.slice(short.length).replace(/^=/, "");
  }
  return undefined;
}

/** Words that are no flags; only those before a flag with a value of its own are certain, and those are all we need. */
function positionals(args: readonly string[]): string[] {
  const words: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] as string;
    if (valued.has(argument)) index++;
    else if (!argument.startsWith("-")) words.push(argument);
    else if (words.length > 0) break;
  }
  return words;
}

function namedStack(command: string, [, second, third]: readonly string[]): string | undefined {
  const under = named[command];
  if (under === undefined) return undefined;
  if (under.length === 0) return second;
  return second !== undefined && under.includes(second) ? third : undefined;
}
