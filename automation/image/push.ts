/** `sluice push`: from a folder with a Dockerfile to a digest in a registry. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { downloadBlob } from "./base-image.ts";
import { bytesBlob, fileBlob } from "./blob-upload.ts";
import { dockerProblem, pushWithDocker } from "./docker-builder.ts";
import { credentialsFor } from "./ecr-credentials.ts";
import { type BuiltImage, buildImage } from "./image-build.ts";
import { ImageError } from "./image-error.ts";
import { parsePlatform } from "./oci-image.ts";
import { checkTag, isLoopback, parseRepository, type Repository } from "./reference.ts";
import type { CredentialSource } from "./registry-auth.ts";
import { RegistryClient } from "./registry-client.ts";
import { RegistryRefusal } from "./registry-http.ts";
import { guardTag, tagTaken } from "./tag-guard.ts";

export type Builder = "docker" | "oci";

export interface PushOptions {
  /** The folder to build from. */
  readonly context: string;
  /** @default `Dockerfile` in the context */
  readonly dockerfile?: string;
  /** `host[:port]/name`, as the registry's `repositoryUrl` output gives it. */
  readonly repositoryUrl: string;
  readonly tag: string;
  /** @default `oci` for a registry on this machine; else `docker` where a daemon answers, `oci` where none does */
  readonly builder?: Builder | undefined;
  /** Only for the builder `oci`. @default `omit` for a registry on this machine, else `pull` */
  readonly base?: "pull" | "omit" | undefined;
  /** @default ["linux/amd64"], whatever this machine is: the cloud decides what runs, not who builds */
  readonly platform?: readonly string[] | undefined;
  /** @default what `credentialsFor` finds: ECR's token, or none */
  readonly credentials?: CredentialSource | undefined;
  /** More build arguments; VERSION is the tag unless it is set here. @default none */
  readonly args?: Readonly<Record<string, string>> | undefined;
  /** GITHUB_* name the commit in the image's labels, SOURCE_DATE_EPOCH its time. @default process.env */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Told what is going on, a line at a time. @default nothing is told */
  readonly onProgress?: ((line: string) => void) | undefined;
}

export interface PushResult {
  readonly digest: string;
  /** `host/name@sha256:...`, what a task definition takes. */
  readonly reference: string;
  readonly builder: Builder;
  /** The registry held this very content under this tag before; nothing was changed. */
  readonly alreadyThere: boolean;
  /** What FROM names and is not in the image, because it was left out. */
  readonly omittedBase?: string;
}

/**
 * Builds an image and pushes it. The same content under the same tag is a success that says so; other content under a tag
 * that is taken is refused, before anything is sent, and again when someone else was faster.
 *
 * @throws {ImageError} `usage`, `build`, `auth`, `tag-taken`, `not-found` or `registry`
 * @example
 * const { digest } = await pushImage({ context: "examples/service", repositoryUrl, tag: "v1.1.0" });
 */
export async function pushImage(options: PushOptions): Promise<PushResult> {
  const repository = parseRepository(options.repositoryUrl);
  checkTag(options.tag);
  const platforms = (options.platform ?? ["linux/amd64"]).map(parsePlatform);
  const builder = options.builder ?? (await chooseBuilder(repository));
  const credentials = options.credentials ?? credentialsFor(repository.host, options.environment);
  const registry = new RegistryClient(repository.host, credentials ? { credentials } : {});
  const environment = options.environment ?? process.env;
  const request = {
    ...options,
    repository,
    registry,
    platforms,
    args: { VERSION: options.tag, ...options.args },
    labels: imageLabels(options.tag, environment),
    createdSeconds: sourceDate(environment),
    onProgress: options.onProgress ?? (() => {}),
  };
  const pushed =
    builder === "docker" ? await pushWithDocker({ ...request, credentials }) : await pushWithoutEngine(request);
  return { reference: `${options.repositoryUrl}@${pushed.digest}`, builder, ...pushed };
}

async function chooseBuilder(repository: Repository): Promise<Builder> {
  if (isLoopback(repository.host)) return "oci";
  return (await dockerProblem()) === undefined ? "docker" : "oci";
}

/**
 * The image's standard labels. Without a CI's variables only the version stands there: a commit read from the checkout would
 * give unchanged content a new digest with every commit.
 *
 * @example
 * imageLabels("v1", {}); // { "org.opencontainers.image.version": "v1" }
 */
export function imageLabels(tag: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  const { GITHUB_SHA: revision, GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = environment;
  return {
    "org.opencontainers.image.version": tag,
    ...(revision ? { "org.opencontainers.image.revision": revision } : {}),
    ...(server && repository ? { "org.opencontainers.image.source": `${server}/${repository}` } : {}),
  };
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function sourceDate(environment: NodeJS.ProcessEnv): number | undefined {
  const value = environment.SOURCE_DATE_EPOCH;
  if (value === undefined || value === "") return undefined;
  if (/^\d{1,11}$/.test(value)) return Number(value);
  throw new ImageError("usage", `SOURCE_DATE_EPOCH is ${JSON.stringify(value)}, not a count of seconds`);
}

type Request = Omit<PushOptions, "platform" | "args" | "environment"> & {
  readonly repository: Repository;
  readonly registry: RegistryClient;
  readonly platforms: ReturnType<typeof parsePlatform>[];
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdSeconds: number | undefined;
  readonly onProgress: (line: string) => void;
};

async function pushWithoutEngine(request: Request) {
  const { repository, registry, tag, onProgress } = request;
  const base = request.base ?? (isLoopback(repository.host) ? "omit" : "pull");
  if (base === "omit" && !isLoopback(repository.host)) {
    throw new ImageError("usage", `an image without its base cannot run where ${repository.host} is pulled from`, {
      hint: "Leave the base out only for the sandbox's registry",
    });
  }
  const scratch = await mkdtemp(path.join(tmpdir(), "sluice-image-"));
  try {
    const image = await buildImage({
      context: request.context,
      ...(request.dockerfile === undefined ? {} : { dockerfile: request.dockerfile }),
      args: request.args,
      labels: request.labels,
      platforms: request.platforms,
      base,
      ...(request.createdSeconds === undefined ? {} : { createdSeconds: request.createdSeconds }),
      scratch,
      clientFor: (host) => (host === registry.host ? registry : baseClient(host)),
    });
    const omitted = base === "omit" && image.baseName !== undefined ? { omittedBase: image.baseName } : {};
    if (base === "omit" && image.baseName) onProgress(`left out the base image ${image.baseName}`);
    const existing = await guardTag(registry, repository.name, tag, image.root);
    if (existing) return { digest: existing.digest, alreadyThere: true, ...omitted };
    await uploadBlobs(request, image, scratch);
    await putManifests(request, image);
    return { digest: image.root.digest, alreadyThere: false, ...omitted };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function baseClient(host: string): RegistryClient {
  const credentials = credentialsFor(host);
  return new RegistryClient(host, credentials ? { credentials } : {});
}

async function uploadBlobs({ repository, registry, onProgress }: Request, image: BuiltImage, scratch: string) {
  const { name } = repository;
  for (const base of image.bases) {
    for (const layer of base.layers) {
      if (await registry.hasBlob(name, layer.digest)) continue;
      onProgress(`copying base layer ${layer.digest} (${layer.size} bytes)`);
      const file = path.join(scratch, layer.digest.replace(":", "-"));
      const open = async () => (await downloadBlob(base.client, base.repository.name, layer, file)).open();
      const mount = base.repository.host === repository.host ? { mountFrom: base.repository.name } : {};
      await registry.uploadBlob(name, { digest: layer.digest, size: layer.size, open }, mount);
    }
  }
  for (const { file, digest, size } of image.layers) {
    const result = await registry.uploadBlob(name, fileBlob(file, digest, size));
    onProgress(`layer ${digest} (${size} bytes): ${result}`);
  }
  for (const { config, manifest } of image.images) {
    const digest = manifest.document.config?.digest as string;
    await registry.uploadBlob(name, bytesBlob(config, digest));
  }
}

async function putManifests({ repository, registry, tag, onProgress }: Request, image: BuiltImage): Promise<void> {
  const { name } = repository;
  const children = image.images.map(({ manifest }) => manifest).filter((manifest) => manifest !== image.root);
  for (const child of children) await registry.putManifest(name, child.digest, child);
  try {
    await registry.putManifest(name, tag, image.root);
  } catch (error) {
    if (!(error instanceof RegistryRefusal)) throw error;
    // The registry refuses to move a tag that was free a moment ago: what counts is what stands there now.
    if (await guardTag(registry, name, tag, image.root)) return;
    throw error;
  }
  const stored = await registry.manifest(name, tag);
  if (stored?.digest !== image.root.digest) {
    throw tagTaken(`${registry.host}/${name}`, tag, stored?.digest ?? "nothing", image.root.digest);
  }
  onProgress(`tag ${tag} names ${image.root.digest}`);
}
