import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { checkRepositoryPolicy, maximumPolicyLength } from "../../../sandbox/cloud/ecr-policy.ts";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import type { ProviderServer } from "../../../sandbox/providers/server.ts";
import { bareCloud, Engine, serve, urnOf } from "./harness.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const indexOf = (note: string, manifests: object[] = [], more: object = {}) =>
  JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests, annotations: { note }, ...more });
const descriptor = (text: string) => ({ mediaType: INDEX, digest: sha256(text), size: text.length });

describe("ECR of the sandbox", () => {
  let cloud: Cloud;
  let dispose: () => void;
  const repositoryName = "api";

  beforeEach(async () => {
    ({ cloud, dispose } = bareCloud());
    await cloud.ecr.createRepository({ repositoryName });
  });
  afterEach(() => dispose());

  const put = (imageManifest: string, imageTag?: string) =>
    cloud.ecrImages.putImage({ repositoryName, imageManifest, imageManifestMediaType: INDEX, imageTag });

  it("lists images by pages, each once", async () => {
    for (let n = 0; n < 7; n++) await put(indexOf(String(n)), `v${n}`);
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    const sizes: number[] = [];
    do {
      const page = await cloud.ecrImages.describeImages({ repositoryName, maxResults: 3, nextToken });
      sizes.push(page.imageDetails?.length ?? 0);
      seen.push(...(page.imageDetails ?? []).map(({ imageDigest }) => imageDigest));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    assert.deepEqual([sizes, new Set(seen).size], [[3, 3, 1], 7]);
    assert.equal((await cloud.ecrImages.listImages({ repositoryName, maxResults: 5 })).imageIds?.length, 5);
  });

  it("refuses pages and batches that ECR refuses", async () => {
    const code = "InvalidParameterException";
    await assert.rejects(cloud.ecrImages.describeImages({ repositoryName, maxResults: 1001 }), { code });
    await assert.rejects(cloud.ecrImages.listImages({ repositoryName, nextToken: "elsewhere" }), { code });
    const imageIds = Array.from({ length: 101 }, (_, n) => ({ imageDigest: sha256(String(n)) }));
    await assert.rejects(cloud.ecrImages.batchDeleteImage({ repositoryName, imageIds }), { code });
    await assert.rejects(cloud.ecrImages.batchDeleteImage({ repositoryName, imageIds: [] }), { code });
    await assert.rejects(cloud.ecrImages.batchGetImage({ repositoryName, imageIds }), { code });
  });

  it("keeps what an index refers to until the index is gone, and deletes only what is named", async () => {
    const child = indexOf("child");
    await put(child);
    await put(indexOf("parent", [descriptor(child)]), "v1");
    const remove = (imageDigest: string) =>
      cloud.ecrImages.batchDeleteImage({ repositoryName, imageIds: [{ imageDigest }] });
    const refused = await remove(sha256(child));
    assert.equal(refused.failures?.[0]?.failureCode, "ImageReferencedByManifestList");
    await remove(sha256(indexOf("parent", [descriptor(child)])));
    const { imageIds } = await cloud.ecrImages.listImages({ repositoryName });
    assert.deepEqual(imageIds, [{ imageDigest: sha256(child) }]);
    assert.deepEqual((await remove(sha256(child))).failures, []);
  });

  it("says which image an artifact is about", async () => {
    const subject = indexOf("subject");
    await put(subject, "v1");
    await put(indexOf("signature", [], { subject: descriptor(subject) }));
    const { imageDetails = [] } = await cloud.ecrImages.describeImages({
      repositoryName,
      filter: { tagStatus: "UNTAGGED" },
    });
    assert.deepEqual(
      imageDetails.map(({ subjectManifestDigest }) => subjectManifestDigest),
      [sha256(subject)],
    );
  });

  it("remembers when an image was last pulled, and forgets it with the image", async () => {
    await put(indexOf("pulled"), "v1");
    const pulled = async () =>
      (await cloud.ecrImages.describeImages({ repositoryName })).imageDetails?.[0]?.lastRecordedPullTime;
    assert.equal(await pulled(), undefined);
    const imageIds = [{ imageTag: "v1" }];
    await cloud.ecrImages.batchGetImage({ repositoryName, imageIds });
    assert.ok((await pulled()) instanceof Date);
    await cloud.ecrImages.batchDeleteImage({ repositoryName, imageIds });
    await put(indexOf("pulled"), "v1");
    assert.equal(await pulled(), undefined);
  });

  it("moves only tags that are excluded from immutability", async () => {
    await cloud.ecr.putImageTagMutability({
      repositoryName,
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filter: "dev-*", filterType: "WILDCARD" }],
    });
    for (const tag of ["dev-1", "v1"]) await put(indexOf(`first ${tag}`), tag);
    await put(indexOf("second dev-1"), "dev-1");
    await assert.rejects(put(indexOf("second v1"), "v1"), { code: "ImageTagAlreadyExistsException" });
  });

  it("deletes a repository of more images than one call takes, if by force", async () => {
    for (let n = 0; n < 120; n++) await put(indexOf(String(n)));
    await assert.rejects(cloud.ecr.deleteRepository({ repositoryName }), { code: "RepositoryNotEmptyException" });
    await cloud.ecr.deleteRepository({ repositoryName, force: true });
    await cloud.ecr.createRepository({ repositoryName });
    assert.deepEqual((await cloud.ecrImages.listImages({ repositoryName })).imageIds, []);
  });

  describe("repository policies", () => {
    const statement = { Effect: "Allow", Principal: { AWS: "210987654321" }, Action: "ecr:BatchGetImage" };
    const policy = (change: object = {}) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ ...statement, ...change }] });
    const refused: [string, string, RegExp][] = [
      ["text that is no JSON", "open", /not JSON/],
      ["no version", JSON.stringify({ Statement: [statement] }), /version/],
      ["no statement", JSON.stringify({ Version: "2012-10-17", Statement: [] }), /no statement/],
      ["no principal", policy({ Principal: undefined }), /no principal/],
      ["a principal that cannot be", policy({ Principal: { AWS: "ann" } }), /no such principal: ann/],
      ["actions of others", policy({ Action: "s3:GetObject" }), /no actions of ECR/],
      ["no effect", policy({ Effect: undefined }), /neither allows/],
      ["more than it takes", policy({ Sid: "x".repeat(maximumPolicyLength) }), /10240 characters/],
    ];
    for (const [title, text, says] of refused) {
      it(`refuses ${title}`, () => assert.match(checkRepositoryPolicy(text) ?? "", says));
    }

    it("go with their repository, are read back, and replaced where they move to another", async () => {
      const server: ProviderServer = await serve(cloud, awsProvider("7.48.0"));
      const engine = await new Engine(server.port).configure({ region: "eu-west-1" });
      const urn = urnOf("aws:ecr/repositoryPolicy:RepositoryPolicy", "access");
      const inputs = { repository: repositoryName, policy: policy() };
      const { id, state } = await engine.create(urn, inputs);
      assert.equal(id, repositoryName);
      assert.equal(state.registryId, "000000000000");
      assert.equal((await cloud.ecr.getRepositoryPolicy({ repositoryName })).policyText, policy());
      const diff = await engine.diff(urn, state, { ...inputs, repository: "other" });
      assert.deepEqual(diff.replaces, ["repository"]);
      await engine.delete(urn, id, state);
      await assert.rejects(cloud.ecr.getRepositoryPolicy({ repositoryName }), {
        code: "RepositoryPolicyNotFoundException",
      });
      engine.close();
      await server.close();
    });
  });
});
