/** Promotion: an image goes from one repository to another by digest, with what refers to it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { downloadBlob } from "./base-image.ts";
import { credentialsFor } from "./ecr-credentials.ts";
import { ImageError } from "./image-error.ts";
import type { Descriptor, Manifest } from "./oci-types.ts";
import { checkDigest, checkTag, parseRepository, type Repository } from "./reference.ts";
import { linkReferrer } from "./referrers.ts";
import type { CredentialSource } from "./registry-auth.ts";
import { RegistryClient } from "./registry-client.ts";
import { RegistryRefusal } from "./registry-http.ts";
import { tagTaken } from "./tag-guard.ts";

export interface CopyOptions {
  readonly from: { readonly repositoryUrl: string; readonly digest: string };
  /** @param tag the tag to give it there. @default none: it is known by digest only */
  readonly to: { readonly repositoryUrl: string; readonly tag?: string | undefined };
  /** Credentials by registry. @default what `credentialsFor` finds */
  readonly credentials?: ((host: string) => CredentialSource | undefined) | undefined;
  /** Also copy signatures, bills of materials and whatever else names the image as its subject. @default true */
  readonly referrers?: boolean | undefined;
}

export interface CopyResult {
  readonly digest: string;
  readonly reference: string;
  /** The target named this very image by this tag, or without a tag held it, before. */
  readonly alreadyThere: boolean;
  /** Digests of what was copied along. */
  readonly referrers: readonly string[];
}

interface Side {
  readonly repository: Repository;
  readonly registry: RegistryClient;
}

/**
 * Copies an image by digest, byte for byte: its digest, and what was signed about it, stay true.
 *
 * @throws {ImageError} `not-found` when the source lacks it, `tag-taken` when the target's tag names other content
 * @example
 * await copyImage({ from: { repositoryUrl: staging, digest }, to: { repositoryUrl: prod, tag: "v1.1.0" } });
 */
export async function copyImage(options: CopyOptions): Promise<CopyResult> {
  const digest = checkDigest(options.from.digest);
  const tag = options.to.tag === undefined ? undefined : checkTag(options.to.tag);
  const from = side(options.from.repositoryUrl, options.credentials);
  const to = side(options.to.repositoryUrl, options.credentials);
  const scratch = await mkdtemp(path.join(tmpdir(), "sluice-copy-"));
  try {
    const copier = new Copier(from, to, scratch);
    const root = await copier.read(digest);
    const alreadyThere = await isThere(to, tag ?? digest, digest);
    await copier.copy(root);
    if (tag !== undefined && !alreadyThere) await tagImage(to, tag, root);
    const referrers = options.referrers === false ? [] : await copier.copyReferrers(digest);
    const reference = `${options.to.repositoryUrl}@${digest}`;
    return { digest, reference, alreadyThere, referrers };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function side(url: string, credentials: (host: string) => CredentialSource | undefined = credentialsFor): Side {
  const repository = parseRepository(url);
  const source = credentials(repository.host);
  return { repository, registry: new RegistryClient(repository.host, source ? { credentials: source } : {}) };
}

/** Stricter than a push: a promotion is of a digest, and equal content under another digest is not what was approved. */
async function isThere({ registry, repository }: Side, reference: string, digest: string): Promise<boolean> {
  const existing = await registry.manifest(repository.name, reference);
  if (existing === undefined || existing.digest === digest) return existing !== undefined;
  throw tagTaken(`${registry.host}/${repository.name}`, reference, existing.digest, digest);
}

async function tagImage(to: Side, tag: string, root: Manifest): Promise<void> {
  try {
    await to.registry.putManifest(to.repository.name, tag, root);
  } catch (error) {
    if (!(error instanceof RegistryRefusal)) throw error;
    // Someone else was faster: their content decides.
    if (!(await isThere(to, tag, root.digest))) throw error;
  }
}

class Copier {
  readonly #from: Side;
  readonly #to: Side;
  readonly #scratch: string;

  constructor(from: Side, to: Side, scratch: string) {
    this.#from = from;
    this.#to = to;
    this.#scratch = scratch;
  }

  async read(digest: string): Promise<Manifest> {
    const { registry, repository } = this.#from;
    const manifest = await registry.manifest(repository.name, digest);
    if (manifest) return manifest;
    throw new ImageError("not-found", `${registry.host}/${repository.name} holds no image ${digest}`);
  }

  /** Children first: a registry refuses a manifest whose parts it lacks. One that it holds has all its parts. */
  async copy(manifest: Manifest): Promise<void> {
    const { registry, repository } = this.#to;
    if (await registry.manifest(repository.name, manifest.digest)) return;
    const { document } = manifest;
    for (const child of document.manifests ?? []) await this.copy(await this.read(child.digest));
    for (const blob of [...(document.config ? [document.config] : []), ...(document.layers ?? [])]) {
      await this.#copyBlob(blob);
    }
    await registry.putManifest(repository.name, manifest.digest, manifest);
  }

  /** Copies what refers to an image, and what refers to that. */
  async copyReferrers(subject: string): Promise<string[]> {
    const copied: string[] = [];
    for (const referrer of await this.#from.registry.referrers(this.#from.repository.name, subject)) {
      await this.copy(await this.read(referrer.digest));
      await linkReferrer({ registry: this.#to.registry, name: this.#to.repository.name }, subject, referrer);
      copied.push(referrer.digest, ...(await this.copyReferrers(referrer.digest)));
    }
    return copied;
  }

  async #copyBlob(blob: Descriptor): Promise<void> {
    const file = path.join(this.#scratch, blob.digest.replace(":", "-"));
    const open = async () => (await downloadBlob(this.#from.registry, this.#from.repository.name, blob, file)).open();
    const sameHost = this.#from.repository.host === this.#to.repository.host;
    const mount = sameHost ? { mountFrom: this.#from.repository.name } : {};
    await this.#to.registry.uploadBlob(this.#to.repository.name, { digest: blob.digest, size: blob.size, open }, mount);
    await rm(file, { force: true });
  }
}
