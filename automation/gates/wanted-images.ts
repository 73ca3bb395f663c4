/** Which images a stack would run with a tag, or runs now: what gates are asked about. */
import type { Deployed } from "../../model/release.ts";
import type { StackState } from "../backend.ts";
import { configurationError, ExitCode, SluiceError } from "../errors.ts";
import { digestOfTag, type Repository, readRegistry, requireTags } from "../registry-tags.ts";
import { readServiceState } from "../service-state.ts";
import { readState } from "../stack-lifecycle.ts";
import { adoptCloudEnvironment, type Target } from "../target.ts";

export interface WantedImage {
  /** Services that would run it. */
  services: readonly string[];
  repository: string;
  tag: string | undefined;
  /** `sha256:` and 64 hex digits. */
  digest: string;
}

export interface Choice {
  /** @default what runs now */
  tag: string | undefined;
  /** @default all services of the stack */
  service?: string | undefined;
  /** @default all repositories */
  repository?: string | undefined;
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * @throws SluiceError (2) where the choice names nothing, or the registry lacks the tag; (6) where the stack that holds
 *   the registry, or the releases, does not exist
 * @example
 * await wantedImages(target, config.settings, { tag: "v1.1.0" })
 */
export async function wantedImages(target: Target, settings: Settings, choice: Choice): Promise<WantedImage[]> {
  const services = chosenServices(target.stack, settings, choice);
  const found =
    choice.tag === undefined ? await running(target, services) : await tagged(target, settings, services, choice.tag);
  return merge(found);
}

/** Repositories that the services in question take their images from. */
export function repositoriesOf(stack: string, settings: Settings, choice: Choice): string[] {
  return [...new Set(chosenServices(stack, settings, choice).map(({ repository }) => repository))];
}

interface ChosenService {
  service: string;
  repository: string;
}

function chosenServices(stack: string, settings: Settings, { service, repository }: Choice): ChosenService[] {
  const declared = Object.entries((settings.services ?? {}) as Record<string, { repository?: string } | null>);
  const all = declared.map(([name, value]) => ({ service: name, repository: value?.repository ?? name }));
  const chosen = all.filter(
    (one) => (service ?? one.service) === one.service && (repository ?? one.repository) === one.repository,
  );
  if (chosen.length > 0 || (service === undefined && repository === undefined)) return chosen;
  throw configurationError(
    service === undefined
      ? `no service of stack ${stack} takes its image from repository ${repository}`
      : `stack ${stack} has no service ${service}${repository === undefined ? "" : ` with an image from repository ${repository}`}`,
    {
      remedy: `name one of: ${all.map((one) => `${one.service} (${one.repository})`).join(", ") || "(the stack declares none)"}`,
    },
  );
}

async function tagged(
  target: Target,
  settings: Settings,
  services: readonly ChosenService[],
  tag: string,
): Promise<WantedImage[]> {
  const overrides = Object.fromEntries(services.map(({ service }) => [service, { imageTag: tag }]));
  await requireTags(target, settings, { services: overrides });
  const registry = await requireRegistry(target, settings);
  adoptCloudEnvironment(target);
  return Promise.all(
    services.map(async ({ service, repository }) => {
      const found = registry[repository];
      const digest = found && (await digestOfTag(found, tag));
      if (digest !== undefined) return { services: [service], repository, tag, digest };
      throw configurationError(`repository ${repository} has no image ${tag}`, {
        remedy: "push it first: sluice push",
      });
    }),
  );
}

/** Whatever carries traffic, by the state of the resources. */
async function running(target: Target, services: readonly ChosenService[]): Promise<WantedImage[]> {
  const state = await readState(target.context, target.stack);
  if (state === undefined) {
    throw new SluiceError(`stack ${target.stack} does not exist in this backend: nothing runs`, {
      exitCode: ExitCode.noStack,
      remedy: "name the release that is to run: --image-tag TAG",
    });
  }
  return services.flatMap(({ service, repository }) =>
    liveReleases(state, service).map(({ tag, digest }) => ({ services: [service], repository, tag, digest })),
  );
}

function liveReleases(state: StackState, service: string): Deployed[] {
  const { weights, releases } = readServiceState(state, service);
  if (weights === undefined) return [];
  return (["blue", "green"] as const).flatMap((colour) => (weights[colour] > 0 ? (releases[colour] ?? []) : []));
}

/** Two services with the same image are judged once. */
function merge(images: readonly WantedImage[]): WantedImage[] {
  const merged = new Map<string, WantedImage>();
  for (const image of images) {
    const key = `${image.repository}@${image.digest}`;
    const found = merged.get(key);
    merged.set(key, { ...image, services: [...new Set([...(found?.services ?? []), ...image.services])] });
  }
  return [...merged.values()];
}

/**
 * The registry that a stack takes its images from.
 *
 * @throws SluiceError (6) where it has none yet
 */
export async function requireRegistry(target: Target, settings: Settings): Promise<Record<string, Repository>> {
  const registry = await readRegistry(target, settings);
  if (registry !== undefined) return registry;
  throw new SluiceError(`stack ${target.stack} has no registry`, {
    exitCode: ExitCode.noStack,
    remedy: `sluice up --stack foundation${target.sandbox ? " --sandbox" : " --create"}`,
  });
}
