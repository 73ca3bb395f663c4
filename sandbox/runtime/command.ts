import { existsSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import type { ImageConfig } from "./images.ts";
import { MARKER } from "./processes.ts";
import { type Mount, mounted } from "./volumes.ts";

/** What is needed to start a container's program. */
export interface Launch {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
}

export interface LaunchInput {
  definition: ContainerDefinition;
  config: ImageConfig;
  rootfs: string;
  ip: string;
  marker: string;
  /** `PATH` of the daemon. */
  path: string;
  /** Values of the definition's secrets. @default none */
  secrets?: Readonly<Record<string, string>>;
  /** @default nothing is writable but what the machine lets be */
  mounts?: readonly Mount[];
  /** Its containers reach each other on `localhost`, which here is the task's address. @default false */
  shared?: boolean;
}

/**
 * How a container's program runs without a container: paths of the image become paths of its unpacked files, and programs
 * that the image does not have are the machine's, this Node first.
 *
 * @throws Error when neither image nor definition name a program
 * @example
 * launchOf({ definition: { command: ["/app/server.js"] }, config: {}, rootfs, ip: "127.64.0.1", marker: "", path: "/bin" });
 */
export function launchOf(input: LaunchInput): Launch {
  const { definition, config, rootfs } = input;
  const argv = argvOf(definition, config);
  if (argv.length === 0) throw new Error("CannotStartContainerError: no command specified");
  return {
    argv: rewriteArgv(
      argv.map((argument) => placed(argument, input)),
      rootfs,
    ),
    cwd: join(rootfs, definition.workingDirectory ?? config.WorkingDir ?? "/"),
    env: environmentOf(input),
  };
}

/** As Docker has it: an entry point of the definition's own takes the image's command with it. */
function argvOf(definition: ContainerDefinition, config: ImageConfig): string[] {
  if (definition.entryPoint?.length) return [...definition.entryPoint, ...(definition.command ?? [])];
  const command = definition.command?.length ? definition.command : (config.Cmd ?? []);
  return [...(config.Entrypoint ?? []), ...command];
}

/** Absolute paths that exist in the image are meant there. */
export function rewriteArgv(argv: readonly string[], rootfs: string): string[] {
  return argv.map((argument, index) => {
    const absolute = argument.startsWith("/") && argument !== "/";
    if (absolute && existsSync(join(rootfs, argument))) return join(rootfs, argument);
    // A program that only the left-out base image has, such as /usr/local/bin/node, is looked for by its name.
    return absolute && index === 0 ? basename(argument) : argument;
  });
}

/** A path or an address as it is without the container's namespaces. */
function placed(text: string, { mounts = [], shared, ip }: LaunchInput): string {
  const path = mounted(text, mounts);
  return shared === true ? atTask(path, ip) : path;
}

/** Text in which `localhost` is the task's address. */
export function atTask(text: string, ip: string): string {
  return text.replace(/(?<![\w.-])(?:localhost|127\.0\.0\.1)(?![\w.-])/g, ip);
}

/** The daemon's own variables stay with it, but for where programs are. */
function environmentOf(input: LaunchInput): Record<string, string> {
  const { definition, config, rootfs, ip, marker, path, secrets = {}, mounts = [] } = input;
  const port = definition.portMappings?.[0]?.containerPort;
  const image = (config.Env ?? []).map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]);
  const own = (definition.environment ?? []).map((pair) => [pair.name ?? "", placed(pair.value ?? "", input)]);
  const temporary = mounts.find(({ containerPath }) => containerPath === "/tmp")?.folder;
  return {
    HOME: rootfs,
    ...(temporary === undefined ? {} : { TMPDIR: temporary }),
    ...Object.fromEntries(image),
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...Object.fromEntries(own),
    ...secrets,
    HOST: ip,
    PATH: [dirname(process.execPath), path].join(delimiter),
    [MARKER]: marker,
  };
}
