import { blobsOf, type Manifest } from "../registry/manifest.ts";
import type { Store } from "../store.ts";

/** An image (or index, or artifact) of a repository; its bytes are in the blob store. */
export interface ImageDoc {
  repository: string;
  digest: string;
  mediaType: string;
  /** Bytes of the manifest. */
  manifestSize: number;
  /** Bytes of everything that the manifest names. */
  contentSize: number;
  pushedAt: string;
  /** Media type of the config: what ECR calls the artifact's media type. */
  configType?: string;
  artifactType?: string;
  annotations?: Record<string, string>;
  /** Digest of the manifest that this one says something about. */
  subject?: string;
  blobs: string[];
  manifests: string[];
}

interface Link {
  repository: string;
  digest: string;
}

interface TagDoc extends Link {
  tag: string;
}

const IMAGE = "ecr-image";
const TAG = "ecr-tag";
const BLOB = "ecr-blob";
const PULL = "ecr-pull";

/** Which images, tags and blobs each repository has. */
export class ImageIndex {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  images(repository: string): ImageDoc[] {
    return this.#store.list<ImageDoc>(IMAGE).filter((image) => image.repository === repository);
  }

  image(repository: string, digest: string): ImageDoc | undefined {
    return this.#store.get(IMAGE, `${repository}@${digest}`);
  }

  /** Tags in the order of their names. */
  tags(repository: string): TagDoc[] {
    const own = this.#store.list<TagDoc>(TAG).filter((tag) => tag.repository === repository);
    return own.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  }

  digestOfTag(repository: string, tag: string): string | undefined {
    return this.#store.get<TagDoc>(TAG, `${repository}:${tag}`)?.digest;
  }

  saveImage(image: ImageDoc, tag: string | undefined): void {
    this.#store.transaction(() => {
      const id = `${image.repository}@${image.digest}`;
      if (this.#store.get(IMAGE, id) === undefined) this.#store.put(IMAGE, id, image);
      if (tag === undefined) return;
      this.#store.put(TAG, `${image.repository}:${tag}`, { repository: image.repository, tag, digest: image.digest });
    });
  }

  /** When somebody last asked for the manifest itself. */
  pulledAt(repository: string, digest: string): Date | undefined {
    const pull = this.#store.get<{ at: string }>(PULL, `${repository}@${digest}`);
    return pull && new Date(pull.at);
  }

  notePull(repository: string, digest: string): void {
    this.#store.put(PULL, `${repository}@${digest}`, { at: new Date().toISOString() });
  }

  dropTag(repository: string, tag: string): void {
    this.#store.delete(TAG, `${repository}:${tag}`);
  }

  dropImage(repository: string, digest: string): void {
    this.#store.transaction(() => {
      for (const tag of this.tags(repository)) {
        if (tag.digest === digest) this.dropTag(repository, tag.tag);
      }
      this.#store.delete(IMAGE, `${repository}@${digest}`);
      this.#store.delete(PULL, `${repository}@${digest}`);
    });
  }

  hasBlob(repository: string, digest: string): boolean {
    return this.#store.get(BLOB, `${repository}@${digest}`) !== undefined;
  }

  linkBlob(repository: string, digest: string): void {
    this.#store.put(BLOB, `${repository}@${digest}`, { repository, digest });
  }

  /**
   * Unlinks the blobs that no image of the repository names any more.
   *
   * @param candidates digests that may have become unused
   * @returns those that no repository links any more: their files can go
   */
  unlinkUnused(repository: string, candidates: readonly string[]): string[] {
    return this.#store.transaction(() => {
      const used = new Set(this.images(repository).flatMap((image) => [image.digest, ...image.blobs]));
      const unused = candidates.filter((digest) => !used.has(digest));
      for (const digest of unused) this.#store.delete(BLOB, `${repository}@${digest}`);
      const linked = new Set(this.#store.list<Link>(BLOB).map((link) => link.digest));
      for (const image of this.#store.list<ImageDoc>(IMAGE)) linked.add(image.digest);
      return unused.filter((digest) => !linked.has(digest));
    });
  }
}

/** What is remembered of a manifest that is pushed now. */
export function imageOf(repository: string, digest: string, manifestSize: number, manifest: Manifest): ImageDoc {
  const blobs = blobsOf(manifest);
  const { config, artifactType, annotations, subject } = manifest;
  return {
    repository,
    digest,
    mediaType: manifest.mediaType,
    manifestSize,
    contentSize: blobs.reduce((sum, blob) => sum + blob.size, 0),
    pushedAt: new Date().toISOString(),
    ...(config === undefined ? {} : { configType: config.mediaType }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(subject === undefined ? {} : { subject: subject.digest }),
    blobs: blobs.map((blob) => blob.digest),
    manifests: (manifest.manifests ?? []).map((each) => each.digest),
  };
}
