import { join } from "node:path";
import type * as Sdk from "@aws-sdk/client-ecr";
import { BlobStore } from "../registry/blob-store.ts";
import { digestOf, isDigest } from "../registry/digest.ts";
import { blobsOf, type Manifest, parseManifest } from "../registry/manifest.ts";
import type { StoredRepository } from "./ecr.ts";
import { type ImageDoc, ImageIndex, imageOf } from "./ecr-image-index.ts";
import { checkIds, pageOf } from "./ecr-pages.ts";
import { checkTag, isImmutable } from "./ecr-tags.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";

/**
 * The images of ECR's repositories: what the SDK asks about them, and what the registry's own API stands on.
 *
 * @example
 * cloud.ecrImages.describeImages({ repositoryName: "api", imageIds: [{ imageTag: "v1.0.0" }] });
 */
export class EcrImages {
  /** Bytes of manifests, configs and layers. */
  readonly blobs: BlobStore;
  /** Which repository has which of them. */
  readonly index: ImageIndex;
  readonly #cloud: Inner;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.blobs = new BlobStore(join(cloud.home, "blobs"));
    this.index = new ImageIndex(cloud.store);
  }

  async putImage(input: Sdk.PutImageRequest): Promise<Sdk.PutImageResponse> {
    const repository = this.#repository(input.repositoryName);
    const name = repository.repositoryName;
    const text = input.imageManifest ?? "";
    const bytes = Buffer.from(text);
    const digest = digestOf(bytes);
    if (input.imageDigest !== undefined && input.imageDigest !== digest) {
      throw new CloudError(
        "ImageDigestDoesNotMatchException",
        `The image digest '${digest}' does not match '${input.imageDigest}'`,
      );
    }
    const manifest = this.#parse(text, input.imageManifestMediaType);
    this.#checkContent(name, manifest);
    await this.blobs.put(bytes);
    // From here on nothing is awaited: two pushes of one tag are judged one after the other.
    const tag = input.imageTag === undefined ? undefined : checkTag(input.imageTag);
    this.#checkTag(repository, tag, digest);
    const image = this.index.image(name, digest) ?? imageOf(name, digest, bytes.length, manifest);
    this.index.saveImage(image, tag);
    return { image: this.#shape(repository, image, text, tag) };
  }

  describeImages(input: Sdk.DescribeImagesRequest): Sdk.DescribeImagesResponse {
    const repository = this.#repository(input.repositoryName);
    const name = repository.repositoryName;
    const tags = this.index.tags(name);
    const wanted = (input.imageIds && checkIds(input.imageIds))?.map((id) => {
      const found = this.find(name, id);
      if (found !== undefined) return found;
      const text = `{imageDigest:'${id.imageDigest ?? "null"}', imageTag:'${id.imageTag ?? "null"}'}`;
      const where = `does not exist within the repository with name '${name}' in the registry with id '${this.#cloud.account}'`;
      throw new CloudError("ImageNotFoundException", `The image with imageId ${text} ${where}`);
    });
    const status = input.filter?.tagStatus ?? "ANY";
    const details = [...new Set(wanted ?? this.index.images(name))].map((image): Sdk.ImageDetail => {
      const own = tags.filter((tag) => tag.digest === image.digest).map((tag) => tag.tag);
      return {
        registryId: repository.registryId,
        repositoryName: name,
        imageDigest: image.digest,
        ...(own.length > 0 ? { imageTags: own } : {}),
        imageSizeInBytes: this.#size(image),
        imagePushedAt: new Date(image.pushedAt),
        imageManifestMediaType: image.mediaType,
        artifactMediaType: image.artifactType ?? image.configType,
        ...(image.subject === undefined ? {} : { subjectManifestDigest: image.subject }),
        lastRecordedPullTime: this.index.pulledAt(name, image.digest),
        imageStatus: "ACTIVE",
      };
    });
    const keep = (detail: Sdk.ImageDetail) =>
      status === "ANY" || (status === "TAGGED") === (detail.imageTags !== undefined);
    if (wanted !== undefined) return { imageDetails: details };
    const { items, ...next } = pageOf(details.filter(keep), input);
    return { imageDetails: items, ...next };
  }

  listImages(input: Sdk.ListImagesRequest): Sdk.ListImagesResponse {
    const { repositoryName: name } = this.#repository(input.repositoryName);
    const tags = this.index.tags(name);
    const tagged = new Set(tags.map((tag) => tag.digest));
    const status = input.filter?.tagStatus ?? "ANY";
    const named = tags.map((tag) => ({ imageDigest: tag.digest, imageTag: tag.tag }));
    const unnamed = this.index.images(name).filter((image) => !tagged.has(image.digest));
    const all = [
      ...(status === "UNTAGGED" ? [] : named),
      ...(status === "TAGGED" ? [] : unnamed.map((image) => ({ imageDigest: image.digest }))),
    ];
    const { items, ...next } = pageOf(all, input);
    return { imageIds: items, ...next };
  }

  async batchGetImage(input: Sdk.BatchGetImageRequest): Promise<Sdk.BatchGetImageResponse> {
    const repository = this.#repository(input.repositoryName);
    const images: Sdk.Image[] = [];
    const failures: Sdk.ImageFailure[] = [];
    for (const id of checkIds(input.imageIds)) {
      const image = this.find(repository.repositoryName, id);
      if (image === undefined) failures.push(notFound(id));
      else {
        this.index.notePull(image.repository, image.digest);
        images.push(this.#shape(repository, image, String(await this.blobs.read(image.digest)), id.imageTag));
      }
    }
    return { images, failures };
  }

  async batchDeleteImage(input: Sdk.BatchDeleteImageRequest): Promise<Sdk.BatchDeleteImageResponse> {
    const { repositoryName: name } = this.#repository(input.repositoryName);
    const deleted: Sdk.ImageIdentifier[] = [];
    const failures: Sdk.ImageFailure[] = [];
    const unused: string[] = [];
    // Indexes first: the images that they name can go only after them.
    const order = [...checkIds(input.imageIds)].sort((a, b) => this.#children(name, b) - this.#children(name, a));
    for (const id of order) {
      const image = this.find(name, id);
      const failure = image === undefined ? notFound(id) : this.#deletionProblem(name, id, image);
      if (failure !== undefined || image === undefined) {
        failures.push(failure ?? notFound(id));
        continue;
      }
      const tags = this.index.tags(name).filter((tag) => tag.digest === image.digest);
      const whole = id.imageTag === undefined || tags.length <= 1;
      if (whole) {
        this.index.dropImage(name, image.digest);
        unused.push(...this.index.unlinkUnused(name, [image.digest, ...image.blobs]));
      } else this.index.dropTag(name, id.imageTag ?? "");
      const gone = whole ? tags.map((tag) => tag.tag) : [id.imageTag ?? ""];
      for (const imageTag of gone) deleted.push({ imageDigest: image.digest, imageTag });
      if (gone.length === 0) deleted.push({ imageDigest: image.digest });
    }
    await Promise.all(unused.map((digest) => this.blobs.remove(digest)));
    return { imageIds: deleted, failures };
  }

  /** What a repository takes with it when it is deleted by force. */
  async dropAll(repository: string, digests: readonly string[]): Promise<void> {
    const unused = digests.flatMap((digest) => {
      const image = this.index.image(repository, digest);
      this.index.dropImage(repository, digest);
      return this.index.unlinkUnused(repository, [digest, ...(image?.blobs ?? [])]);
    });
    await Promise.all(unused.map((digest) => this.blobs.remove(digest)));
  }

  /** The image that a digest, a tag, or both name. */
  find(repository: string, id: Sdk.ImageIdentifier): ImageDoc | undefined {
    const tagged = id.imageTag === undefined ? undefined : this.index.digestOfTag(repository, id.imageTag);
    if (id.imageTag !== undefined && tagged === undefined) return undefined;
    if (id.imageDigest !== undefined && tagged !== undefined && tagged !== id.imageDigest) return undefined;
    const digest = id.imageDigest ?? tagged;
    return digest === undefined || !isDigest(digest) ? undefined : this.index.image(repository, digest);
  }

  /** Of an index: the largest of what it names (ECR API, ImageDetail, imageSizeInBytes). */
  #size({ repository, contentSize, manifests }: ImageDoc): number {
    const sizes = manifests.map((digest) => this.index.image(repository, digest)?.contentSize ?? 0);
    return Math.max(contentSize, ...sizes);
  }

  #children(repository: string, id: Sdk.ImageIdentifier): number {
    return this.find(repository, id)?.manifests.length ?? 0;
  }

  #deletionProblem(repository: string, id: Sdk.ImageIdentifier, image: ImageDoc): Sdk.ImageFailure | undefined {
    const parents = this.index.images(repository).filter((each) => each.manifests.includes(image.digest));
    if (parents.length === 0) return undefined;
    const failureReason = `Requested image referenced by manifest list: [${parents.map((each) => each.digest).join(", ")}]`;
    return { imageId: id, failureCode: "ImageReferencedByManifestList", failureReason };
  }

  #repository(name: string | undefined): StoredRepository {
    const found = this.#cloud.store.get<StoredRepository>("ecr-repository", name ?? "");
    if (found !== undefined) return found;
    const message = `The repository with name '${name}' does not exist in the registry with id '${this.#cloud.account}'`;
    throw new CloudError("RepositoryNotFoundException", message);
  }

  #parse(text: string, mediaType: string | undefined): Manifest {
    try {
      return parseManifest(text, mediaType);
    } catch (error) {
      throw new CloudError(
        "InvalidParameterException",
        `Invalid parameter at 'ImageManifest': ${(error as Error).message}`,
      );
    }
  }

  #checkContent(repository: string, manifest: Manifest): void {
    const blobs = blobsOf(manifest).filter((blob) => !this.index.hasBlob(repository, blob.digest));
    if (blobs.length > 0) {
      const digests = blobs.map((blob) => blob.digest).join(", ");
      throw new CloudError(
        "LayersNotFoundException",
        `Layers with digests '${digests}' required for pushing image into repository '${repository}' not found`,
      );
    }
    const images = (manifest.manifests ?? []).filter((each) => this.index.image(repository, each.digest) === undefined);
    if (images.length > 0) {
      const digests = images.map((image) => image.digest).join(", ");
      throw new CloudError(
        "ReferencedImagesNotFoundException",
        `Images with digests '${digests}' required for pushing image into repository '${repository}' not found`,
      );
    }
  }

  #checkTag(repository: StoredRepository, tag: string | undefined, digest: string): void {
    const name = repository.repositoryName;
    const present = tag === undefined ? undefined : this.index.digestOfTag(name, tag);
    const known = this.index.image(name, digest) !== undefined;
    if (known && (tag === undefined || present === digest)) {
      const which = tag === undefined ? `'${digest}'` : `'${digest}' and tag '${tag}'`;
      throw new CloudError(
        "ImageAlreadyExistsException",
        `Image with digest ${which} already exists in the repository with name '${name}' in registry with id '${repository.registryId}'`,
      );
    }
    if (tag === undefined || present === undefined || !isImmutable(repository, tag)) return;
    const message = `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the tag is immutable.`;
    throw new CloudError("ImageTagAlreadyExistsException", message);
  }

  #shape(repository: StoredRepository, image: ImageDoc, text: string, tag: string | undefined): Sdk.Image {
    return {
      registryId: repository.registryId,
      repositoryName: repository.repositoryName,
      imageId: { imageDigest: image.digest, ...(tag === undefined ? {} : { imageTag: tag }) },
      imageManifest: text,
      imageManifestMediaType: image.mediaType,
    };
  }
}

function notFound(id: Sdk.ImageIdentifier): Sdk.ImageFailure {
  return { imageId: id, failureCode: "ImageNotFound", failureReason: "Requested image not found" };
}
