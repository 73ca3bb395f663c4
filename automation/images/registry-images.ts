/** The images of ECR's repositories, as `sluice images` reads and deletes them. */
import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  ECRClient,
  GetRepositoryPolicyCommand,
  type ImageDetail,
  paginateDescribeImages,
} from "@aws-sdk/client-ecr";
import { z } from "zod/mini";
import type { StoredImage } from "../../model/images/retention.ts";

/** What could not be deleted, in ECR's words. */
export interface DeletionFailure {
  readonly digest: string;
  readonly reason: string;
}

export interface RegistryImages extends Disposable {
  images(repository: string): Promise<StoredImage[]>;
  /** The document that says which other accounts may use it; undefined where there is none. */
  policy(repository: string): Promise<string | undefined>;
  /** By how much the registry's clock is ahead of ours, in milliseconds, where that is more than minutes. */
  clockOffset(): number;
  /** Deletes images with all their tags; at most {@link maximumBatch} of them. What is gone already counts as deleted. */
  remove(repository: string, digests: readonly string[]): Promise<{ deleted: string[]; failures: DeletionFailure[] }>;
}

/** ECR API, BatchDeleteImage and BatchGetImage: image ids of one call. */
export const maximumBatch = 100;

const indexTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const manifestTypes = [
  ...indexTypes,
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
/** Configs of images that run; whatever has another is an artifact, and may be about an image. */
const imageConfigs = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

const manifestSchema = z.object({
  manifests: z.optional(z.array(z.object({ digest: z.string() }))),
  subject: z.optional(z.object({ digest: z.string() })),
});

/**
 * @param account the registry's: never that of the caller, should they differ
 * @example
 * using registry = openRegistryImages("eu-west-1", "123456789012");
 */
export function openRegistryImages(region: string, account: string): RegistryImages {
  const client = new ECRClient({ region, maxAttempts: 8 });
  return {
    images: (repository) => readImages(client, account, repository),
    policy: (repository) => readPolicy(client, account, repository),
    // The SDK learns it from the dates of answers, since AWS refuses requests of another time.
    clockOffset: () => client.config.systemClockOffset,
    remove: (repository, digests) => removeImages(client, account, repository, digests),
    [Symbol.dispose]: () => client.destroy(),
  };
}

async function readImages(client: ECRClient, registryId: string, repositoryName: string): Promise<StoredImage[]> {
  const details = new Map<string, ImageDetail>();
  const pages = paginateDescribeImages(
    { client, pageSize: 1000 },
    { registryId, repositoryName, filter: { imageStatus: "ANY" } },
  );
  for await (const { imageDetails = [] } of pages) {
    for (const detail of imageDetails) if (detail.imageDigest !== undefined) details.set(detail.imageDigest, detail);
  }
  const composed = new Set([...details].filter(([, detail]) => namesOthers(detail)).map(([digest]) => digest));
  const manifests = await readManifests(client, registryId, repositoryName, [...composed]);
  return [...details].map(([digest, detail]) => imageOf(digest, detail, composed.has(digest), manifests));
}

async function readPolicy(client: ECRClient, registryId: string, repositoryName: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetRepositoryPolicyCommand({ registryId, repositoryName }))).policyText;
  } catch (error) {
    if ((error as Error).name === "RepositoryPolicyNotFoundException") return undefined;
    throw error;
  }
}

/** Only these have a manifest that must be read: reading one counts as a pull. */
function namesOthers({ imageManifestMediaType = "", artifactMediaType }: ImageDetail): boolean {
  const artifact = artifactMediaType !== undefined && !imageConfigs.includes(artifactMediaType);
  return artifact || !manifestTypes.includes(imageManifestMediaType) || indexTypes.includes(imageManifestMediaType);
}

type Manifests = ReadonlyMap<string, z.infer<typeof manifestSchema>>;

async function readManifests(
  client: ECRClient,
  registryId: string,
  repositoryName: string,
  digests: readonly string[],
): Promise<Manifests> {
  const manifests = new Map<string, z.infer<typeof manifestSchema>>();
  for (let start = 0; start < digests.length; start += maximumBatch) {
    const imageIds = digests.slice(start, start + maximumBatch).map((imageDigest) => ({ imageDigest }));
    const { images = [] } = await client.send(
      new BatchGetImageCommand({ registryId, repositoryName, imageIds, acceptedMediaTypes: manifestTypes }),
    );
    for (const { imageId, imageManifest = "" } of images) {
      const manifest = parse(imageManifest);
      if (imageId?.imageDigest !== undefined && manifest !== undefined) manifests.set(imageId.imageDigest, manifest);
    }
  }
  return manifests;
}

function parse(text: string): z.infer<typeof manifestSchema> | undefined {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function imageOf(digest: string, detail: ImageDetail, composed: boolean, manifests: Manifests): StoredImage {
  const manifest = manifests.get(digest);
  const { imageTags = [], imagePushedAt, imageSizeInBytes = 0, imageManifestMediaType = "", imageStatus } = detail;
  // What we read ourselves counts as pulled, and would never be old; what runs is pulled by its own digest too.
  const pulledAt = composed ? undefined : detail.lastRecordedPullTime?.getTime();
  return {
    digest,
    tags: [...imageTags].sort(),
    pushedAt: imagePushedAt?.getTime(),
    pulledAt,
    // An index tells the size of its largest image, which is counted with that image.
    bytes: indexTypes.includes(imageManifestMediaType) ? 0 : imageSizeInBytes,
    children: composed ? manifest && (manifest.manifests ?? []).map((one) => one.digest) : [],
    subject: manifest?.subject?.digest ?? detail.subjectManifestDigest,
    archived: imageStatus !== undefined && imageStatus !== "ACTIVE",
  };
}

async function removeImages(
  client: ECRClient,
  registryId: string,
  repositoryName: string,
  digests: readonly string[],
): Promise<{ deleted: string[]; failures: DeletionFailure[] }> {
  const imageIds = digests.map((imageDigest) => ({ imageDigest }));
  const answer = await client.send(new BatchDeleteImageCommand({ registryId, repositoryName, imageIds }));
  const failed = new Map(
    (answer.failures ?? [])
      .filter(({ failureCode }) => failureCode !== "ImageNotFound")
      .map(({ imageId, failureCode, failureReason }) => [
        imageId?.imageDigest ?? "",
        `${failureCode}: ${failureReason ?? ""}`,
      ]),
  );
  return {
    deleted: digests.filter((digest) => !failed.has(digest)),
    failures: [...failed].map(([digest, reason]) => ({ digest, reason })),
  };
}
