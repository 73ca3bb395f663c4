/** Which images a stack will have with a tag, or has now: all that an update is judged by. */
import { type Colour, otherColour } from "../../model/traffic.ts";
import type { StackState } from "../backend.ts";
import { nameOf } from "../engine-events.ts";
import { configurationError, ExitCode, SluiceError } from "../errors.ts";
import { digestOfTag, type Repository, readRegistry, requireTags } from "../registry-tags.ts";
import { readServiceState } from "../service-state.ts";
import { readState } from "../stack-lifecycle.ts";
import { adoptCloudEnvironment, type Target } from "../target.ts";
import { artifactName, releasedArtifact } from "./artifact.ts";
import { plain } from "./plain.ts";

export interface WantedImage {
  /** Services that would run it. */
  services: readonly string[];
  repository: string;
  /** Tag it was asked for by, where there was one. */
  tag: string | undefined;
  /** `sha256:` and 64 hex digits. */
  digest: string;
  /** Why the stack has it: asked for, live now, standing by for a rollback, beside a service's own. */
  as: "asked" | "active" | "standby" | "sidecar";
}

export interface Choice {
  /** @default what the stack has now */
  tag: string | undefined;
  /** @default all services of the stack */
  service?: string | undefined;
  /** @default all repositories */
  repository?: string | undefined;
  /** File that is released, where it is no image. @default images are meant */
  artifact?: string | undefined;
}

type Settings = Readonly<Record<string, unknown>>;
interface DeclaredService {
  repository?: string;
  sidecars?: Record<string, { image: string }>;
}

/**
 * @throws SluiceError (2) where the choice names nothing, or the registry lacks the tag; (6) where the stack that holds
 *   the registry, or the releases, does not exist
 * @example
 * await wantedImages(target, config.settings, { tag: "v1.1.0" })
 */
export async function wantedImages(target: Target, settings: Settings, choice: Choice): Promise<WantedImage[]> {
  if (choice.artifact !== undefined) return [await releasedArtifact(choice.artifact, choice.repository)];
  const services = chosenServices(target.stack, settings, choice);
  if (services.length === 0) {
    // Of no image every gate would hold.
    throw configurationError(`stack ${target.stack} declares no service: there is no image to judge`, {
      remedy: "name what is released: --artifact FILE, such as dist/checksums.txt",
    });
  }
  const state = await readState(target.context, target.stack);
  const { tag } = choice;
  if (state === undefined && tag === undefined) {
    throw new SluiceError(`stack ${target.stack} does not exist in this backend: nothing runs`, {
      exitCode: ExitCode.noStack,
      remedy: "name the release that is to run: --image-tag TAG",
    });
  }
  const asked = tag === undefined ? [] : await askedImages(target, settings, services, tag);
  const kept = services.flatMap(({ service }) => {
    const own = asked.find((one) => one.as === "asked" && one.services.includes(service));
    return keptImages(state ?? {}, service, own);
  });
  const images = merge([...asked, ...kept]);
  const { repository } = choice;
  const found = images.filter((one) => (repository ?? one.repository) === one.repository);
  if (found.length > 0 || repository === undefined) return found;
  throw configurationError(`stack ${target.stack} takes no image from repository ${repository}`, {
    remedy: `name one of: ${[...new Set(images.map((one) => one.repository))].join(", ") || "(it has none)"}`,
  });
}

/** Repositories that the services in question take their own images from. */
export function repositoriesOf(stack: string, settings: Settings, choice: Choice): string[] {
  if (settings.services === undefined) return [choice.repository ?? artifactName];
  const all = [...new Set(chosenServices(stack, settings, choice).map(({ repository }) => repository))];
  const chosen = all.filter((one) => (choice.repository ?? one) === one);
  if (chosen.length > 0 || choice.repository === undefined) return chosen;
  throw configurationError(`no service of stack ${stack} takes its image from ${plain(choice.repository)}`, {
    remedy: `name one of: ${all.join(", ") || "(the stack declares no service)"}`,
  });
}

interface ChosenService {
  service: string;
  repository: string;
  sidecars: string[];
}

function chosenServices(stack: string, settings: Settings, { service }: Choice): ChosenService[] {
  const declared = Object.entries((settings.services ?? {}) as Record<string, DeclaredService | null>);
  const all = declared.map(([name, value]) => ({
    service: name,
    repository: value?.repository ?? name,
    sidecars: Object.values(value?.sidecars ?? {}).map(({ image }) => image),
  }));
  const chosen = all.filter((one) => (service ?? one.service) === one.service);
  if (chosen.length > 0 || service === undefined) return chosen;
  throw configurationError(`stack ${stack} has no service ${service}`, {
    remedy: `name one of: ${all.map((one) => one.service).join(", ") || "(the stack declares none)"}`,
  });
}

async function askedImages(
  target: Target,
  settings: Settings,
  services: readonly ChosenService[],
  tag: string,
): Promise<WantedImage[]> {
  const overrides = Object.fromEntries(services.map(({ service }) => [service, { imageTag: tag }]));
  await requireTags(target, settings, { services: overrides });
  const registry = await requireRegistry(target, settings);
  adoptCloudEnvironment(target);
  const found = await Promise.all(
    services.map(async ({ service, repository, sidecars }): Promise<WantedImage[]> => {
      const images = registry[repository];
      const digest = images && (await digestOfTag(images, tag));
      if (digest === undefined) {
        const remedy = "push it first: sluice push";
        throw configurationError(`repository ${repository} has no image ${tag}`, { remedy });
      }
      const beside = sidecars.map((image) => ({ ...partsOf(image), services: [service], tag: undefined }));
      return [
        { services: [service], repository, tag, digest, as: "asked" },
        ...beside.map((one) => ({ ...one, as: "sidecar" as const })),
      ];
    }),
  );
  return found.flat();
}

/** What stays whatever is asked for: the release that was live stands by then, and what stood by makes room for it. */
function keptImages(state: StackState, service: string, asked: WantedImage | undefined): WantedImage[] {
  const { weights, active, releases } = readServiceState(state, service);
  if (weights === undefined) return [];
  const splits = weights.blue > 0 && weights.green > 0;
  const first = active ?? "blue";
  const all = asked === undefined || active === undefined || splits || releases[active]?.digest === asked.digest;
  const colours = all ? [first, otherColour(first)] : [first];
  return colours.flatMap((colour) =>
    imagesOn(state, service, colour).map((image): WantedImage => {
      const parts = partsOf(image);
      const own = releases[colour]?.digest === parts.digest;
      const as = own ? (weights[colour] > 0 ? "active" : "standby") : "sidecar";
      return { ...parts, services: [service], tag: own ? releases[colour]?.tag : undefined, as };
    }),
  );
}

/** Images of all containers on a colour, as REGISTRY/REPOSITORY@DIGEST. */
function imagesOn(state: StackState, service: string, colour: Colour): string[] {
  const task = state.resources?.find(
    ({ type, urn, delete: gone }) =>
      type === "aws:ecs/taskDefinition:TaskDefinition" && nameOf(urn) === `${service}-${colour}-task` && gone !== true,
  );
  const definitions = task?.outputs?.containerDefinitions;
  if (typeof definitions !== "string") return [];
  const containers = JSON.parse(definitions) as { image?: string }[];
  return [...new Set(containers.flatMap(({ image }) => image ?? []))].map((image) =>
    image.slice(image.indexOf("/") + 1),
  );
}

function partsOf(image: string): Pick<WantedImage, "repository" | "digest"> {
  const [repository = "", digest = ""] = image.split("@");
  return { repository, digest };
}

/** An image is judged once, whoever runs it; the first reason for it counts. */
function merge(images: readonly WantedImage[]): WantedImage[] {
  const merged = new Map<string, WantedImage>();
  for (const image of images) {
    const key = `${image.repository}@${image.digest}`;
    const found = merged.get(key);
    const services = [...new Set([...(found?.services ?? []), ...image.services])];
    merged.set(key, { ...(found ?? image), services });
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
