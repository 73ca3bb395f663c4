/** Builds an image and pushes it to a repository of the registry that a stack takes its images from. */
import { configurationError, ExitCode, SluiceError } from "./errors.ts";
import { type Builder, type PushResult, pushImage } from "./image/push.ts";
import type { Output } from "./output.ts";
import { readRegistry } from "./registry-tags.ts";
import { projectSettings, readStackFile } from "./stack-file.ts";
import { adoptCloudEnvironment, type Target } from "./target.ts";

export interface PushArgs {
  target: Target;
  output: Output;
  /** Folder with a Dockerfile. */
  context: string;
  /** Name in the registry's configuration. */
  repository: string;
  tag: string;
  builder?: Builder | undefined;
}

/**
 * @throws SluiceError where the registry or the repository is missing; ImageError where the image cannot be built or the
 *   tag is taken
 * @example
 * await push({ target, output, context: "examples/service", repository: "api", tag: "v1.1.0" });
 */
export async function push({ target, output, context, repository, tag, builder }: PushArgs): Promise<PushResult> {
  const settings = projectSettings(readStackFile(target.context.root, target.stack));
  const registry = await readRegistry(target, settings);
  const foundation = typeof settings.foundation === "string" ? settings.foundation : "foundation";
  if (registry === undefined) {
    throw new SluiceError(`there is no registry to push to for stack ${target.stack}`, {
      exitCode: ExitCode.noStack,
      remedy: `sluice up --stack ${foundation}${target.sandbox ? " --sandbox" : " --create"}`,
    });
  }
  const url = registry[repository]?.url;
  if (url === undefined) {
    throw configurationError(`the registry has no repository ${repository}`, {
      remedy: `name one of: ${Object.keys(registry).join(", ")}; or add it to sluice:registry of stack ${foundation}`,
    });
  }
  adoptCloudEnvironment(target);
  const result = await pushImage({ context, repositoryUrl: url, tag, builder, onProgress: (line) => output.say(line) });
  const base =
    result.omittedBase === undefined ? "" : `, without its base ${result.omittedBase}: the sandbox has its own Node`;
  output.say(result.alreadyThere ? `${repository}:${tag} was there already` : `pushed ${repository}:${tag}${base}`);
  return result;
}
