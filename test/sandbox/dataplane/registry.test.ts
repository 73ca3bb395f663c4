import assert from "node:assert/strict";
import { buildImage, MANIFEST, pushBlob, pushImage, sha256 } from "./support/image.ts";
import { openTestWorld, type TestWorld } from "./support/world.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";

/** The flows of the distribution specification 1.1 that its own conformance tests go through. */
describe("registry", () => {
  let world: TestWorld;
  let base: string;

  before(async () => {
    world = await openTestWorld();
    base = `http://${world.registry}/v2`;
    for (const repositoryName of ["api", "other/nested", "pages", "referrers"]) {
      await world.cloud.ecr.createRepository({ repositoryName });
    }
    await world.cloud.ecr.createRepository({ repositoryName: "fixed", imageTagMutability: "IMMUTABLE" });
    await world.cloud.ecr.createRepository({
      repositoryName: "partly",
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "dev-*" }],
    });
  });
  after(async () => {
    await world?.close();
  });

  const image = (text: string) => buildImage([[{ name: "file", content: text }]]);
  const errors = async (response: Response) =>
    ((await response.json()) as { errors: { code: string; message: string }[] }).errors[0];
  const put = (repository: string, reference: string, body: string, type = MANIFEST) =>
    fetch(`${base}/${repository}/manifests/${reference}`, { method: "PUT", body, headers: { "content-type": type } });

  it("says that it speaks the protocol", async () => {
    const response = await fetch(`${base}/`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("docker-distribution-api-version"), "registry/2.0");
  });

  it("knows only repositories that ECR has", async () => {
    for (const path of ["tags/list", "manifests/x", `blobs/${sha256("")}`]) {
      const response = await fetch(`${base}/nowhere/${path}`);
      assert.equal(response.status, 404, path);
      assert.equal((await errors(response))?.code, "NAME_UNKNOWN");
    }
    const push = await fetch(`${base}/nowhere/blobs/uploads/`, { method: "POST" });
    assert.equal((await errors(push))?.code, "NAME_UNKNOWN");
  });

  it("takes a blob whole, and gives it back in ranges", async () => {
    const bytes = Buffer.from("0123456789".repeat(1000));
    const pushed = await pushBlob(world.registry, "api", bytes);
    assert.equal(pushed.status, 201);
    const url = `${base}/api/blobs/${sha256(bytes)}`;
    assert.equal(new URL(pushed.headers.get("location") ?? "", base).href, url);
    const head = await fetch(url, { method: "HEAD" });
    assert.deepEqual(
      [head.status, head.headers.get("content-length"), head.headers.get("docker-content-digest")],
      [200, "10000", sha256(bytes)],
    );
    assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), bytes);
    const part = await fetch(url, { headers: { range: "bytes=10-19" } });
    assert.deepEqual(
      [part.status, await part.text(), part.headers.get("content-range")],
      [206, "0123456789", "bytes 10-19/10000"],
    );
    const last = await fetch(url, { headers: { range: "bytes=-5" } });
    assert.equal(await last.text(), "56789");
    assert.equal((await fetch(url, { headers: { range: "bytes=10000-" } })).status, 416);
    const other = await fetch(`${base}/other/nested/blobs/${sha256(bytes)}`);
    assert.deepEqual([other.status, (await errors(other))?.code], [404, "BLOB_UNKNOWN"]);
  });

  it("takes a blob in chunks, in order only", async () => {
    const begun = await fetch(`${base}/api/blobs/uploads/`, { method: "POST" });
    assert.equal(begun.status, 202);
    const url = new URL(begun.headers.get("location") ?? "", base).href;
    const patch = (body: string, start: number) =>
      fetch(url, {
        method: "PATCH",
        body,
        headers: { "content-range": `${start}-${start + body.length - 1}`, "content-type": "application/octet-stream" },
      });
    const first = await patch("hello ", 0);
    assert.deepEqual([first.status, first.headers.get("range")], [202, "0-5"]);
    const again = await patch("hello ", 0);
    assert.deepEqual([again.status, again.headers.get("range")], [416, "0-5"]);
    const status = await fetch(url);
    assert.deepEqual([status.status, status.headers.get("range")], [204, "0-5"]);
    assert.equal((await patch("chunked ", 6)).status, 202);
    const done = await fetch(`${url}?digest=${sha256("hello chunked world")}`, { method: "PUT", body: "world" });
    assert.equal(done.status, 201);
    assert.equal(
      await (await fetch(`${base}/api/blobs/${sha256("hello chunked world")}`)).text(),
      "hello chunked world",
    );
    assert.equal((await fetch(url)).status, 404);
  });

  it("refuses content that is not what its digest says, and keeps none of it", async () => {
    const response = await fetch(`${base}/api/blobs/uploads/?digest=${sha256("right")}`, {
      method: "POST",
      body: "wrong",
    });
    assert.deepEqual([response.status, (await errors(response))?.code], [400, "DIGEST_INVALID"]);
    for (const text of ["right", "wrong"]) assert.equal((await fetch(`${base}/api/blobs/${sha256(text)}`)).status, 404);
    const odd = await fetch(`${base}/api/blobs/uploads/?digest=md5:1234`, { method: "POST", body: "x" });
    assert.equal((await errors(odd))?.code, "DIGEST_INVALID");
  });

  it("mounts blobs from another repository, and cancels uploads", async () => {
    await pushBlob(world.registry, "api", Buffer.from("shared"));
    const mounted = await fetch(`${base}/other/nested/blobs/uploads/?mount=${sha256("shared")}&from=api`, {
      method: "POST",
    });
    assert.equal(mounted.status, 201);
    assert.equal(await (await fetch(`${base}/other/nested/blobs/${sha256("shared")}`)).text(), "shared");
    const unknown = await fetch(`${base}/other/nested/blobs/uploads/?mount=${sha256("nobody")}&from=api`, {
      method: "POST",
    });
    assert.equal(unknown.status, 202);
    const url = new URL(unknown.headers.get("location") ?? "", base).href;
    assert.equal((await fetch(url, { method: "DELETE" })).status, 204);
    assert.equal((await fetch(url)).status, 404);
  });

  it("keeps manifests byte for byte, by tag and by digest", async () => {
    const built = await image("manifest");
    const spaced = built.manifest.replace("{", "{ \n");
    await pushImage(world.registry, "api", "spaced", { ...built, manifest: spaced });
    for (const reference of ["spaced", sha256(spaced)]) {
      const response = await fetch(`${base}/api/manifests/${reference}`);
      assert.equal(response.headers.get("content-type"), MANIFEST);
      assert.equal(response.headers.get("docker-content-digest"), sha256(spaced));
      assert.equal(await response.text(), spaced);
      const head = await fetch(`${base}/api/manifests/${reference}`, { method: "HEAD" });
      assert.deepEqual([head.status, head.headers.get("content-length")], [200, String(spaced.length)]);
    }
    const missing = await fetch(`${base}/api/manifests/nope`);
    assert.deepEqual([missing.status, (await errors(missing))?.code], [404, "MANIFEST_UNKNOWN"]);
  });

  it("refuses manifests that are wrong, or whose content is not there", async () => {
    const built = await image("incomplete");
    const lacking = await put("api", "x", built.manifest);
    assert.deepEqual([lacking.status, (await errors(lacking))?.code], [404, "MANIFEST_BLOB_UNKNOWN"]);
    for (const [body, type] of [
      ["no json", MANIFEST],
      ["{}", MANIFEST],
      [built.manifest, INDEX],
      [built.manifest, "text/plain"],
    ] as const) {
      const response = await put("api", "x", body, type);
      assert.deepEqual(
        [response.status, (await errors(response))?.code],
        [400, "MANIFEST_INVALID"],
        `${type} ${body.slice(0, 10)}`,
      );
    }
    const whole = await image("whole");
    await pushImage(world.registry, "api", "whole", whole);
    const odd = await put("api", sha256("another"), whole.manifest);
    assert.equal((await errors(odd))?.code, "DIGEST_INVALID");
    const bad = await put("api", "-bad-tag", whole.manifest);
    assert.equal(bad.status, 400);
  });

  it("keeps an immutable tag on its image", async () => {
    const [one, two] = [await image("one"), await image("two")];
    assert.equal((await pushImage(world.registry, "fixed", "v1.0.0", one)).status, 201);
    assert.equal(
      (await pushImage(world.registry, "fixed", "v1.0.0", one)).status,
      201,
      "the same image again is no change",
    );
    const refused = await pushImage(world.registry, "fixed", "v1.0.0", two);
    assert.equal(refused.status, 400);
    assert.deepEqual(await errors(refused), {
      code: "TAG_INVALID",
      message:
        "The image tag 'v1.0.0' already exists in the 'fixed' repository and cannot be overwritten because the tag is immutable.",
    });
    assert.equal(
      (await fetch(`${base}/fixed/manifests/v1.0.0`, { method: "HEAD" })).headers.get("docker-content-digest"),
      one.digest,
    );
    for (const [tag, status] of [
      ["dev-1", 201],
      ["v1", 400],
    ] as const) {
      await pushImage(world.registry, "partly", tag, one);
      assert.equal((await pushImage(world.registry, "partly", tag, two)).status, status, tag);
    }
    await pushImage(world.registry, "api", "moving", one);
    assert.equal((await pushImage(world.registry, "api", "moving", two)).status, 201);
  });

  it("lists tags by pages", async () => {
    const built = await image("tags");
    for (const tag of ["c", "a", "e", "b", "d"]) await pushImage(world.registry, "pages", tag, built);
    const all = await (await fetch(`${base}/pages/tags/list`)).json();
    assert.deepEqual(all, { name: "pages", tags: ["a", "b", "c", "d", "e"] });
    const seen: string[] = [];
    let next: string | undefined = `/v2/pages/tags/list?n=2`;
    while (next !== undefined) {
      const response: Response = await fetch(new URL(next, base));
      const { tags } = (await response.json()) as { tags: string[] };
      assert.ok(tags.length <= 2);
      seen.push(...tags);
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    assert.deepEqual(seen, ["a", "b", "c", "d", "e"]);
    assert.deepEqual(((await (await fetch(`${base}/pages/tags/list?n=0`)).json()) as { tags: string[] }).tags, []);
  });

  it("tells which artifacts speak of an image", async () => {
    const built = await image("subject");
    const answer = await pushImage(world.registry, "referrers", "v1", built);
    assert.equal(answer.headers.get("oci-subject"), null);
    const descriptor = { mediaType: MANIFEST, digest: built.digest, size: built.manifest.length };
    const empty = Buffer.from("{}");
    await pushBlob(world.registry, "referrers", empty);
    const artifact = (artifactType: string) =>
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        artifactType,
        config: { mediaType: "application/vnd.oci.empty.v1+json", digest: sha256(empty), size: 2 },
        layers: [],
        subject: descriptor,
        annotations: { about: artifactType },
      });
    for (const type of ["application/vnd.test.sbom", "application/vnd.test.signature"]) {
      const pushed = await put("referrers", sha256(artifact(type)), artifact(type));
      assert.deepEqual([pushed.status, pushed.headers.get("oci-subject")], [201, built.digest]);
    }
    const list = async (query = "") => fetch(`${base}/referrers/referrers/${built.digest}${query}`);
    const all = (await (await list()).json()) as {
      mediaType: string;
      manifests: { artifactType: string; annotations: object }[];
    };
    assert.equal(all.mediaType, INDEX);
    assert.equal(all.manifests.length, 2);
    const filtered = await list("?artifactType=application/vnd.test.sbom");
    assert.equal(filtered.headers.get("oci-filters-applied"), "artifactType");
    const { manifests } = (await filtered.json()) as typeof all;
    assert.deepEqual(
      manifests.map((each) => [each.artifactType, each.annotations]),
      [["application/vnd.test.sbom", { about: "application/vnd.test.sbom" }]],
    );
    const none = await fetch(`${base}/referrers/referrers/${sha256("nobody")}`);
    assert.deepEqual([none.status, ((await none.json()) as typeof all).manifests], [200, []]);
  });

  it("shows through ECR what was pushed, and deletes what nothing needs any more", async () => {
    const [one, two] = [await image("first of two"), await image("second of two")];
    await world.cloud.ecr.createRepository({ repositoryName: "deleted" });
    await pushImage(world.registry, "deleted", "one", one);
    await pushImage(world.registry, "deleted", "two", two);
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [
        {
          mediaType: MANIFEST,
          digest: one.digest,
          size: one.manifest.length,
          platform: { os: "linux", architecture: "amd64" },
        },
      ],
    });
    assert.equal((await put("deleted", "list", index, INDEX)).status, 201);
    const { ecrImages } = world.cloud;
    const { imageDetails = [] } = await ecrImages.describeImages({
      repositoryName: "deleted",
      imageIds: [{ imageTag: "one" }],
    });
    assert.deepEqual([imageDetails[0]?.imageDigest, imageDetails[0]?.imageTags], [one.digest, ["one"]]);
    await assert.rejects(ecrImages.describeImages({ repositoryName: "deleted", imageIds: [{ imageTag: "v9" }] }), {
      code: "ImageNotFoundException",
      message: `The image with imageId {imageDigest:'null', imageTag:'v9'} does not exist within the repository with name 'deleted' in the registry with id '000000000000'`,
    });
    const inUse = await ecrImages.batchDeleteImage({
      repositoryName: "deleted",
      imageIds: [{ imageDigest: one.digest }],
    });
    assert.equal(inUse.failures?.[0]?.failureCode, "ImageReferencedByManifestList");
    for (const reference of ["list", one.digest]) {
      assert.equal((await fetch(`${base}/deleted/manifests/${reference}`, { method: "DELETE" })).status, 202);
      assert.equal((await fetch(`${base}/deleted/manifests/${reference}`)).status, 404);
    }
    const layer = sha256(one.blobs[1] ?? Buffer.alloc(0));
    assert.equal((await fetch(`${base}/deleted/blobs/${layer}`)).status, 404);
    assert.equal(await world.cloud.ecrImages.blobs.size(layer), undefined, "its file is gone as well");
    assert.equal((await fetch(`${base}/deleted/manifests/two`)).status, 200);
    const { imageIds } = await ecrImages.listImages({ repositoryName: "deleted" });
    assert.deepEqual(imageIds, [{ imageDigest: two.digest, imageTag: "two" }]);
  });

  it("still has everything after a restart", async () => {
    const built = await image("durable");
    await pushImage(world.registry, "fixed", "durable", built);
    await world.reopen();
    const response = await fetch(`${base}/fixed/manifests/durable`);
    assert.equal(await response.text(), built.manifest);
    assert.equal((await fetch(`${base}/fixed/blobs/${sha256(built.blobs[1] ?? "")}`)).status, 200);
  });
});
