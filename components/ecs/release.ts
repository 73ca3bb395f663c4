/** Turns what a configuration asks for into what the traffic plan is given: tags become digests, once. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ReleaseRequest } from "../../model/config/request.ts";
import type { ServiceConfig } from "../../model/config/service.ts";
import { type Release, releaseId } from "../../model/release.ts";
import { releaseOptions, secretValues } from "../../model/release-options.ts";
import type { Desired } from "../../model/traffic.ts";
import type { RepositoryOutputs } from "../registry.ts";

/**
 * What is asked of one service.
 *
 * @throws Error where the tag is not in the registry
 */
export async function resolveDesired(
  name: string,
  config: ServiceConfig,
  request: ReleaseRequest,
  repository: RepositoryOutputs,
): Promise<Desired> {
  if (request.release !== undefined) return { kind: "recall", id: request.release };
  if (request.candidate !== undefined) {
    const { imageTag, weight } = request.candidate;
    return { kind: "candidate", release: await resolveRelease(name, config, imageTag, repository), weight };
  }
  if (request.imageTag === undefined) return { kind: "keep" };
  return { kind: "release", release: await resolveRelease(name, config, request.imageTag, repository) };
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
  const { environment, cpu, memory, port, architecture, stopTimeout, health } = config;
  const secrets = secretValues(config.secrets);
  const options = releaseOptions(config);
  return {
    id: releaseId({ digest, environment, secrets, cpu, memory, port, architecture, stopTimeout, health, options }),
    tag,
    digest,
  };
}
