/** Whether the registry has the images that a run asks for, asked before any engine starts. */
import type { ImageDetail, ImageIdentifier } from "@aws-sdk/client-ecr";
import { outputsOf } from "./backend.ts";
import { configurationError } from "./errors.ts";
import type { Overrides } from "./run-config.ts";
import { readState } from "./stack-lifecycle.ts";
import { adoptCloudEnvironment, type Target } from "./target.ts";

/** A repository, as the foundation's outputs name it. */
export interface Repository {
  name: string;
  /** Registry host and name, as image references have it. */
  url: string;
  arn: string;
}

/** The repositories of the stack that a stack takes its images from (itself, where it declares a registry). */
export async function readRegistry(
  { context, stack }: Pick<Target, "context" | "stack">,
  settings: Readonly<Record<string, unknown>>,
): Promise<Record<string, Repository> | undefined> {
  const foundation = typeof settings.foundation === "string" ? settings.foundation : "foundation";
  const state = await readState(context, settings.registry === undefined ? foundation : stack);
  return state && (outputsOf(state).registry as Record<string, Repository> | undefined);
}

interface Wanted {
  field: string;
  repository: string;
  tag: string;
}

/**
 * @throws SluiceError (2) naming every tag that its repository does not have
 * @example
 * await requireTags(target, config.settings, { all: { imageTag: "v9.9.9" } });
 */
export async function requireTags(
  target: Target,
  settings: Readonly<Record<string, unknown>>,
  overrides: Overrides,
): Promise<void> {
  const wanted = wantedTags(settings, overrides);
  if (wanted.length === 0) return;
  const registry = (await readRegistry(target, settings)) ?? {};
  adoptCloudEnvironment(target);
  const problems = await Promise.all(
    wanted.map(async ({ field, repository, tag }) => {
      const { arn, name } = registry[repository] ?? {};
      // An unknown repository is the program's to report: it knows every rule about them.
      if (arn === undefined || name === undefined) return undefined;
      const known = await knownTags(arn, name, tag);
      if (known === undefined) return undefined;
      const some = known.length === 0 ? "none yet" : known.slice(-10).join(", ");
      return `${field}: an image in repository ${repository}; got "${tag}"; it has: ${some}`;
    }),
  );
  const details = problems.filter((problem) => problem !== undefined);
  if (details.length === 0) return;
  throw configurationError("no such image; nothing was changed", {
    details,
    remedy: "push it first (sluice push), or name another tag",
  });
}

function wantedTags(settings: Readonly<Record<string, unknown>>, { all, services }: Overrides): Wanted[] {
  const declared = (settings.services ?? {}) as Record<string, { repository?: string } | null>;
  return Object.entries(declared).flatMap(([service, declaredService]) => {
    const override = { ...all, ...services?.[service] };
    const repository = declaredService?.repository ?? service;
    const fields = { imageTag: override.imageTag, "candidate.imageTag": override.candidate?.imageTag };
    return Object.entries(fields).flatMap(([field, tag]) =>
      tag === undefined ? [] : [{ field: `services.${service}.${field}`, repository, tag }],
    );
  });
}

/** @returns undefined where the tag is there, else the tags that are, oldest first */
async function knownTags(arn: string, repositoryName: string, tag: string): Promise<string[] | undefined> {
  using registry = await openRegistry(arn);
  if ((await registry.describe(repositoryName, { imageTag: tag })) !== undefined) return undefined;
  return registry.tags(repositoryName);
}

/**
 * @returns the digest that a tag names, undefined where the repository has no such tag
 * @example
 * await digestOfTag(registry.api, "v1.1.0") // "sha256:…"
 */
export async function digestOfTag(
  { arn, name }: Pick<Repository, "arn" | "name">,
  imageTag: string,
): Promise<string | undefined> {
  using images = await openRegistry(arn);
  return (await images.describe(name, { imageTag }))?.imageDigest;
}

/** @returns whether a repository holds an image */
export async function hasDigest(
  { arn, name }: Pick<Repository, "arn" | "name">,
  imageDigest: string,
): Promise<boolean> {
  using images = await openRegistry(arn);
  return (await images.describe(name, { imageDigest })) !== undefined;
}

/**
 * @param digests by service
 * @throws SluiceError (2) naming every image that is gone
 */
export async function requireDigests(
  target: Target,
  settings: Readonly<Record<string, unknown>>,
  digests: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(digests).length === 0) return;
  const registry = (await readRegistry(target, settings)) ?? {};
  const declared = (settings.services ?? {}) as Record<string, { repository?: string } | null>;
  adoptCloudEnvironment(target);
  const problems = await Promise.all(
    Object.entries(digests).map(async ([service, imageDigest]) => {
      const { arn, name } = registry[declared[service]?.repository ?? service] ?? {};
      if (arn === undefined || name === undefined) return `${service}: its repository is not in the registry any more`;
      return (await hasDigest({ arn, name }, imageDigest)) ? undefined : `${service}: ${name}@${imageDigest}`;
    }),
  );
  const details = problems.filter((problem) => problem !== undefined);
  if (details.length === 0) return;
  throw configurationError("the image to go back to is gone from the registry; nothing was changed", {
    details,
    remedy: "name a tag that the registry has: --to TAG",
  });
}

/**
 * Loaded here: an update that names no tag never asks, and must not wait for the client.
 *
 * @param arn of a repository: region and account are the registry's, which may be another than the stack's own
 */
async function openRegistry(arn: string) {
  const [, , , region = "", registryId = ""] = arn.split(":");
  const { DescribeImagesCommand, ECRClient, paginateDescribeImages } = await import("@aws-sdk/client-ecr");
  const client = new ECRClient({ region, maxAttempts: 5 });
  return {
    async describe(repositoryName: string, image: ImageIdentifier): Promise<ImageDetail | undefined> {
      try {
        const found = await client.send(new DescribeImagesCommand({ registryId, repositoryName, imageIds: [image] }));
        return found.imageDetails?.[0];
      } catch (error) {
        if ((error as Error).name === "ImageNotFoundException") return undefined;
        throw error;
      }
    },
    async tags(repositoryName: string): Promise<string[]> {
      const images = [];
      for await (const page of paginateDescribeImages(
        { client },
        { registryId, repositoryName, filter: { tagStatus: "TAGGED" } },
      )) {
        images.push(...(page.imageDetails ?? []));
      }
      images.sort((a, b) => Number(a.imagePushedAt ?? 0) - Number(b.imagePushedAt ?? 0));
      return images.flatMap(({ imageTags = [] }) => imageTags);
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}
