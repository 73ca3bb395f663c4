/** A registry of the sandbox with images in it, and the environment that leads AWS's clients there. */
import { createHash } from "node:crypto";
import { repositoryPolicy } from "../../../model/images/repository-policy.ts";
import { serveWorld, type TestWorld } from "../../sandbox/wire/world.ts";

const OCI = "application/vnd.oci.image";
const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export class RegistryFixture {
  readonly world: TestWorld;
  readonly #before: NodeJS.ProcessEnv;

  private constructor(world: TestWorld) {
    this.world = world;
    const cloud = { AWS_ENDPOINT_URL: world.endpoint, AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" };
    this.#before = { ...process.env };
    Object.assign(process.env, cloud);
  }

  static async open(...repositories: string[]): Promise<RegistryFixture> {
    const fixture = new RegistryFixture(await serveWorld());
    for (const repositoryName of repositories) await fixture.world.cloud.ecr.createRepository({ repositoryName });
    return fixture;
  }

  repository(name: string) {
    return { name, url: `registry.test/${name}`, arn: `arn:aws:ecr:eu-west-1:000000000000:repository/${name}` };
  }

  /** An image without layers, whose content is its note. @returns its digest */
  async image(repository: string, note: string, tag?: string, subject?: string): Promise<string> {
    const { ecrImages } = this.world.cloud;
    const config = JSON.stringify({ note });
    await ecrImages.blobs.put(Buffer.from(config));
    ecrImages.index.linkBlob(repository, sha256(config));
    const type = subject === undefined ? `${OCI}.config.v1+json` : "application/vnd.example.signature";
    const manifest = {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: { mediaType: type, digest: sha256(config), size: config.length },
      layers: [],
      ...(subject === undefined ? {} : { subject: { mediaType: `${OCI}.index.v1+json`, digest: subject, size: 1 } }),
    };
    return await this.#put(repository, manifest, tag);
  }

  /** @returns its digest */
  index(repository: string, children: readonly string[], tag?: string): Promise<string> {
    const manifests = children.map((digest) => ({ mediaType: `${OCI}.manifest.v1+json`, digest, size: 1 }));
    return this.#put(repository, { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests }, tag);
  }

  async #put(
    repositoryName: string,
    manifest: { mediaType: string; [key: string]: unknown },
    imageTag?: string,
  ): Promise<string> {
    const imageManifest = JSON.stringify(manifest);
    await this.world.cloud.ecrImages.putImage({
      repositoryName,
      imageManifest,
      imageManifestMediaType: manifest.mediaType,
      imageTag,
    });
    return sha256(imageManifest);
  }

  /** Lets another account pull. */
  async share(repositoryName: string, account: string): Promise<void> {
    const policyText = repositoryPolicy({ pullFrom: [account], pushFrom: [] }, "eu-west-1");
    await this.world.cloud.ecr.setRepositoryPolicy({ repositoryName, policyText });
  }

  /** What is really there, asked of the store and not of the API. */
  digests(repository: string): Set<string> {
    return new Set(this.world.cloud.ecrImages.index.images(repository).map(({ digest }) => digest));
  }

  async close(): Promise<void> {
    for (const name of Object.keys(process.env)) if (!(name in this.#before)) delete process.env[name];
    Object.assign(process.env, this.#before);
    await this.world.close();
  }
}
