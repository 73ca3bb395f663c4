import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildImage, pushImage, sha256 } from "../sandbox/dataplane/support/image.ts";
import { openTestWorld, type TestWorld } from "../sandbox/dataplane/support/world.ts";

const run = promisify(execFile);

function hasSkopeo(): boolean {
  try {
    execFileSync("skopeo", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** An OCI client that nobody here wrote. */
describe("the sandbox's registry and skopeo", () => {
  let world: TestWorld;
  let folder: string;

  before(async function () {
    if (!hasSkopeo()) {
      if (process.env.CI === "true")
        throw new Error("skopeo is not installed: in CI this must be proven (Debian package skopeo)");
      this.skip();
    }
    world = await openTestWorld();
    folder = await mkdtemp(join(tmpdir(), "sluice-skopeo-"));
    await world.cloud.ecr.createRepository({ repositoryName: "api", imageTagMutability: "IMMUTABLE" });
    await world.cloud.ecr.createRepository({ repositoryName: "copy" });
  });
  after(async () => {
    await world?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const skopeo = async (...args: string[]) => (await run("skopeo", args)).stdout;
  const at = (name: string) => `docker://${world.registry}/${name}`;

  it("copies an image in, and out again unchanged", async () => {
    const image = await buildImage([[{ name: "file", content: "first" }], [{ name: "other", content: "second" }]], {
      Labels: { a: "b" },
    });
    assert.equal((await pushImage(world.registry, "api", "v1.0.0", image)).status, 201);
    await skopeo("copy", "--src-tls-verify=false", at("api:v1.0.0"), `dir:${folder}/out`);
    assert.equal(sha256(await readFile(join(folder, "out/manifest.json"))), image.digest);
    for (const blob of image.blobs) assert.deepEqual(await readFile(join(folder, "out", sha256(blob).slice(7))), blob);
    await skopeo("copy", "--dest-tls-verify=false", `dir:${folder}/out`, at("api:v1.1.0"));
    const { imageDetails } = await world.cloud.ecrImages.describeImages({
      repositoryName: "api",
      imageIds: [{ imageTag: "v1.1.0" }],
    });
    assert.equal(imageDetails?.[0]?.imageDigest, image.digest);
  });

  it("inspects, lists tags, and copies by digest between repositories", async () => {
    const seen = JSON.parse(await skopeo("inspect", "--tls-verify=false", at("api:v1.0.0"))) as {
      Digest: string;
      Layers: string[];
      Labels: object;
    };
    assert.deepEqual([seen.Layers.length, seen.Labels], [2, { a: "b" }]);
    const tags = JSON.parse(await skopeo("list-tags", "--tls-verify=false", at("api"))) as { Tags: string[] };
    assert.deepEqual(tags.Tags, ["v1.0.0", "v1.1.0"]);
    await skopeo(
      "copy",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      at(`api@${seen.Digest}`),
      at("copy:promoted"),
    );
    const copied = JSON.parse(await skopeo("inspect", "--tls-verify=false", at("copy:promoted"))) as { Digest: string };
    assert.equal(copied.Digest, seen.Digest);
  });

  it("converts to Docker's format on the way, and deletes", async () => {
    await skopeo(
      "copy",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      "--format=v2s2",
      at("api:v1.0.0"),
      at("copy:docker"),
    );
    const raw = JSON.parse(await skopeo("inspect", "--raw", "--tls-verify=false", at("copy:docker"))) as {
      mediaType: string;
    };
    assert.equal(raw.mediaType, "application/vnd.docker.distribution.manifest.v2+json");
    await skopeo("delete", "--tls-verify=false", at("copy:docker"));
    const { imageIds } = await world.cloud.ecrImages.listImages({ repositoryName: "copy" });
    assert.deepEqual(
      imageIds?.map((id) => id.imageTag),
      ["promoted"],
    );
  });

  it("is refused an immutable tag, with ECR's words", async () => {
    const image = await buildImage([[{ name: "file", content: "another" }]]);
    await pushImage(world.registry, "copy", "another", image);
    const refused = skopeo(
      "copy",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      at("copy:another"),
      at("api:v1.0.0"),
    );
    await assert.rejects(
      refused,
      /tag invalid: The image tag 'v1\.0\.0' already exists in the 'api' repository and cannot be overwritten because the tag is immutable/,
    );
  });
});
