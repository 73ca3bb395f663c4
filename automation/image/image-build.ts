/** Builds an image from a Dockerfile and its context, without a container engine. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type BaseImage, pullBase } from "./base-image.ts";
import { type BuildContext, collectCopy, type LayerEntry, openContext } from "./context-files.ts";
import { type ParsedDockerfile, parseDockerfile } from "./dockerfile.ts";
import { ImageError } from "./image-error.ts";
import { type Layer, writeLayer } from "./layers.ts";
import {
  type AssembledImage,
  assembleImage,
  assembleIndex,
  environmentOf,
  formatPlatform,
  type Platform,
} from "./oci-image.ts";
import type { Manifest } from "./oci-types.ts";
import { type CopyStep, DEFAULT_PATH, type Recipe, readBase, readRecipe } from "./recipe.ts";
import type { RegistryClient } from "./registry-client.ts";

export interface BuildOptions {
  /** The folder to build from. */
  readonly context: string;
  /** Path of the Dockerfile. @default `Dockerfile` in the context */
  readonly dockerfile?: string;
  /** Build arguments. Those of the platform (TARGETARCH, ...) are added. */
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly platforms: readonly Platform[];
  /** `omit` leaves out what FROM names: such an image runs only where something else brings the program. */
  readonly base: "pull" | "omit";
  readonly createdSeconds?: number;
  /** An empty folder for layers; whoever made it removes it. */
  readonly scratch: string;
  readonly clientFor: (host: string) => RegistryClient;
}

export interface BuiltImage {
  /** What the tag is to name: the one manifest, or the index over several. */
  readonly root: Manifest;
  readonly images: readonly AssembledImage[];
  readonly layers: readonly Layer[];
  readonly bases: readonly BaseImage[];
  /** What FROM names, when it names something. */
  readonly baseName?: string;
}

/**
 * Builds the image and leaves its layers in `scratch`.
 *
 * @throws {ImageError} `usage` for the Dockerfile, `build` for the context, `not-found` and others for the base image
 * @example
 * const image = await buildImage({ context: "examples/service", args: { VERSION: "v1" }, ...rest });
 */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const file = options.dockerfile ?? path.join(options.context, "Dockerfile");
  const context = await openContext(options.context, file);
  const dockerfile = parseDockerfile(await readDockerfile(file));
  const store = new LayerStore(context, options.scratch);
  const images: AssembledImage[] = [];
  const bases: BaseImage[] = [];
  let baseName: string | undefined;
  for (const platform of options.platforms) {
    const args = { ...platformArgs(platform), ...options.args };
    baseName = readBase(dockerfile, args);
    const wanted = baseName !== undefined && options.base === "pull";
    const base = wanted ? await pullBase(baseName as string, platform, options.clientFor) : undefined;
    if (base) bases.push(base);
    const recipe = recipeOf(dockerfile, args, base);
    const layers = await store.layersOf(recipe, base !== undefined);
    const { labels, createdSeconds } = options;
    const created = createdSeconds === undefined ? {} : { createdSeconds };
    images.push(assembleImage({ platform, recipe, layers, labels, ...created, ...(base ? { base } : {}) }));
  }
  const [first] = images;
  if (!first) throw new ImageError("usage", "no platform was named to build for");
  return {
    root: images.length === 1 ? first.manifest : assembleIndex(images),
    images,
    layers: store.all(),
    bases,
    ...(baseName === undefined ? {} : { baseName }),
  };
}

async function readDockerfile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new ImageError("usage", `there is no Dockerfile to read at ${file}`, { cause: error });
  }
}

/** https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
function platformArgs(platform: Platform): Record<string, string> {
  return {
    TARGETPLATFORM: formatPlatform(platform),
    TARGETOS: platform.os,
    TARGETARCH: platform.architecture,
    TARGETVARIANT: platform.variant ?? "",
  };
}

function recipeOf(dockerfile: ParsedDockerfile, args: Record<string, string>, base: BaseImage | undefined): Recipe {
  const config = base?.config.config ?? {};
  const environment = base ? environmentOf(config) : { PATH: DEFAULT_PATH };
  const workingDirectory = config.WorkingDir;
  return readRecipe(dockerfile, args, { environment, ...(workingDirectory ? { workingDirectory } : {}) });
}

/** Layers by what they are made of: platforms share those that are the same. */
class LayerStore {
  readonly #context: BuildContext;
  readonly #scratch: string;
  readonly #layers = new Map<string, Promise<Layer>>();
  readonly #done: Layer[] = [];
  #count = 0;

  constructor(context: BuildContext, scratch: string) {
    this.#context = context;
    this.#scratch = scratch;
  }

  all(): readonly Layer[] {
    return this.#done;
  }

  /** One layer for each COPY, so that what did not change is not sent again. */
  async layersOf(recipe: Recipe, hasBase: boolean): Promise<{ layer: Layer; createdBy: string }[]> {
    const layers: { layer: Layer; createdBy: string }[] = [];
    // A program cannot start in a folder that is not there; over a base, the runtime makes it.
    const folder = hasBase ? undefined : recipe.workingDirectory;
    for (const [index, copy] of recipe.copies.entries()) {
      const isLast = index === recipe.copies.length - 1;
      const createdBy = `COPY ${[...copy.sources, copy.destination].join(" ")}`;
      layers.push({ layer: await this.#layer(copy, isLast ? folder : undefined, hasBase), createdBy });
    }
    // Some registries refuse an image without layers.
    if (layers.length > 0) return layers;
    return [{ layer: await this.#layer(undefined, folder, hasBase), createdBy: `WORKDIR ${folder ?? "/"}` }];
  }

  #layer(copy: CopyStep | undefined, folder: string | undefined, hasBase: boolean): Promise<Layer> {
    const key = JSON.stringify([copy, folder, hasBase]);
    let layer = this.#layers.get(key);
    if (layer === undefined) {
      layer = this.#write(copy, folder, hasBase);
      this.#layers.set(key, layer);
    }
    return layer;
  }

  async #write(copy: CopyStep | undefined, folder: string | undefined, hasBase: boolean): Promise<Layer> {
    this.#count += 1;
    const file = path.join(this.#scratch, `layer-${this.#count}.tar.gz`);
    const entries: LayerEntry[] = copy ? await collectCopy(this.#context, copy) : [];
    if (folder !== undefined && folder !== "/") entries.push({ type: "directory", path: folder.slice(1) });
    const layer = await writeLayer(entries, file, { parents: !hasBase });
    this.#done.push(layer);
    return layer;
  }
}
