/** Turns what a configuration asks for into what the traffic plan is given: tags become digests, once. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceConfig } from "../model/config-sections.ts";
import { type Release, releaseId } from "../model/release.ts";
import type { Desired } from "../model/traffic.ts";
import type { RepositoryOutputs } from "./registry.ts";

/**
 * What is asked for, for one service: its own `imageTag`, candidate or release, else the tag for all services.
 *
 * @throws Error where the tag is not in the registry
 */
export async function resolveDesired(
  name: string,
  config: ServiceConfig,
  tagForAll: string | undefined,
  repository: RepositoryOutputs,
): Promise<Desired> {
  if (config.release !== undefined) return { kind: "recall", id: config.release };
  if (config.candidate !== undefined) {
    const { imageTag, weight } = config.candidate;
    return { kind: "candidate", release: await resolveRelease(name, config, imageTag, repository), weight };
  }
  const tag = config.imageTag ?? tagForAll;
  if (tag === undefined) return { kind: "keep" };
  return { kind: "release", release: await resolveRelease(name, config, tag, repository) };
}

async function resolveRelease(
  name: string,
  config: ServiceConfig,
  imageTag: string,
  { name: repositoryName, registryId }: RepositoryOutputs,
): Promise<Release> {
  const digest = await aws.ecr
    .getImage({ repositoryName, registryId, imageTag })
    .then(({ imageDigest }) => imageDigest)
    .catch((error: Error) => {
      throw new pulumi.RunError(
        `configuration error:\n  services.${name}.imageTag: an image in repository ${repositoryName}; got "${imageTag}"; ` +
          `push it first (sluice push), or name another tag (${error.message.split("\n")[0]})`,
      );
    });
  return releaseOf(config, { tag: imageTag, digest });
}

/** The release that an image makes with a service's configuration. */
export function releaseOf(config: ServiceConfig, image: { tag: string; digest: string }): Release {
  const { digest, tag } = image;
  const { environment, secrets, cpu, memory, port, architecture, stopTimeout, health } = config;
  return {
    id: releaseId({ digest, environment, secrets, cpu, memory, port, architecture, stopTimeout, health }),
    tag,
    digest,
  };
}
