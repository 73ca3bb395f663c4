import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildxArguments, dockerProblem } from "../../../automation/image/docker-builder.ts";
import { digestOf } from "../../../automation/image/oci-types.ts";
import { pushImage } from "../../../automation/image/push.ts";
import { MemoryRegistry } from "./memory-registry.ts";

/**
 * Stands in for the docker command: answers as docker does, notes how it was called, and "builds" an index that holds
 * CONTENT. It shows how docker is called and how its answers are read, not that docker builds.
 */
const FAKE_DOCKER = `
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
const { FAKE_LOG, FAKE_MODE, FAKE_CONTENT, FAKE_HOST, DOCKER_CONFIG } = process.env;
if (args[0] === "version") {
  if (FAKE_MODE === "no-daemon") {
    console.error("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.");
    process.exit(1);
  }
  console.log("28.2.2");
} else if (args[1] === "version") {
  process.exit(FAKE_MODE === "no-buildx" ? 1 : 0);
} else {
  const file = DOCKER_CONFIG + "/config.json";
  appendFileSync(FAKE_LOG, JSON.stringify({ args, config: existsSync(file) ? JSON.parse(readFileSync(file)) : null }));
  console.error("#1 building");
  if (FAKE_MODE === "fails") {
    console.error("ERROR: the RUN failed");
    process.exit(1);
  }
  const body = JSON.stringify({ schemaVersion: 2, manifests: [], annotations: { content: FAKE_CONTENT } });
  const digest = "sha256:" + require("node:crypto").createHash("sha256").update(body).digest("hex");
  const tag = args.includes("--tag") ? args[args.indexOf("--tag") + 1].split(":").at(-1) : digest;
  const headers = { "content-type": "application/vnd.oci.image.index.v1+json" };
  fetch("http://" + FAKE_HOST + "/v2/api/manifests/" + tag, { method: "PUT", body, headers }).then((response) => {
    if (!response.ok) {
      console.error("ERROR: failed to push: 400 Bad Request");
      process.exit(1);
    }
    writeFileSync(args[args.indexOf("--metadata-file") + 1], JSON.stringify({ "containerimage.digest": digest }));
  });
}
`;

describe("sluice push, with docker", () => {
  const saved = { ...process.env };
  let folder: string;
  let registry: MemoryRegistry;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "sluice-docker-test-"));
    registry = await MemoryRegistry.start({ immutable: true });
    await writeFile(path.join(folder, "docker"), `#!${process.execPath}\n${FAKE_DOCKER}`, { mode: 0o755 });
    await writeFile(path.join(folder, "config.json"), '{"credsStore":"desktop","currentContext":"mine"}');
    Object.assign(process.env, { PATH: folder, FAKE_LOG: path.join(folder, "log"), FAKE_HOST: registry.host });
    Object.assign(process.env, { FAKE_CONTENT: "1", FAKE_MODE: "", DOCKER_CONFIG: folder });
  });

  afterEach(async () => {
    for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
    Object.assign(process.env, saved);
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function push(extra: object = {}) {
    const target = { repositoryUrl: `${registry.host}/api`, tag: "v1", builder: "docker" } as const;
    return pushImage({ context: "/context", environment: {}, ...target, ...extra });
  }

  async function log(): Promise<{ args: string[]; config: Record<string, unknown> }> {
    return JSON.parse(await readFile(path.join(folder, "log"), "utf8"));
  }

  it("hands the build to buildx and takes the digest from it", async () => {
    const lines: string[] = [];
    const result = await push({ onProgress: (line: string) => lines.push(line) });
    assert.equal(registry.tags.get("api:v1"), result.digest);
    assert.deepEqual([result.builder, result.alreadyThere], ["docker", false]);
    assert.deepEqual(lines, ["#1 building"]);
    const { args } = await log();
    assert.deepEqual([args.includes("--push"), args.at(-1)], [true, "/context"]);
  });

  it("compares by digest when the tag is taken, and does not touch it", async () => {
    const first = await push();
    await rm(path.join(folder, "log"));
    assert.deepEqual(await push(), { ...first, alreadyThere: true });
    const { args } = await log();
    assert.ok(!args.includes("--push") && !args.includes("--tag"));
    process.env.FAKE_CONTENT = "2";
    await assert.rejects(push(), { kind: "tag-taken", message: new RegExp(`it is ${first.digest}`) });
    assert.equal(registry.tags.get("api:v1"), first.digest);
  });

  it("says that the tag is taken when the registry refuses what docker pushes", async () => {
    const first = await push();
    process.env.FAKE_CONTENT = "2";
    registry.faults.push({ method: "GET", path: /manifests\/v1/, status: 404 });
    await assert.rejects(push(), {
      kind: "tag-taken",
      message: new RegExp(`already names ${first.digest}.*failed to push`),
    });
  });

  it("reports docker's own last word when it fails", async () => {
    process.env.FAKE_MODE = "fails";
    await assert.rejects(push(), { kind: "build", message: /docker buildx failed: ERROR: the RUN failed/ });
  });

  const problems: [string, RegExp][] = [
    ["no-daemon", /no docker daemon answers \(Cannot connect/],
    ["no-buildx", /docker has no buildx/],
  ];
  for (const [mode, message] of problems) {
    it(`says what is missing: ${mode}`, async () => {
      process.env.FAKE_MODE = mode;
      assert.match((await dockerProblem()) ?? "", message);
      await assert.rejects(push(), { kind: "build", message: /--builder docker: .*use --builder oci/ });
    });
  }

  it("says that docker is not installed", async () => {
    process.env.PATH = path.join(folder, "nothing-here");
    assert.match((await dockerProblem()) ?? "", /not installed/);
  });

  it("logs in without touching the user's own configuration", async () => {
    // The name is no loopback's, so that the login is used; the fake pushes to the test's registry all the same.
    const { pushWithDocker } = await import("../../../automation/image/docker-builder.ts");
    const { RegistryClient } = await import("../../../automation/image/registry-client.ts");
    const bytes = '{"schemaVersion":2,"manifests":[],"annotations":{"content":"1"}}';
    const { digest } = await pushWithDocker({
      context: "/context",
      repository: { host: "registry.example", name: "api" },
      tag: "v1",
      args: {},
      labels: {},
      platforms: [{ os: "linux", architecture: "amd64" }],
      createdSeconds: undefined,
      registry: new RegistryClient(registry.host),
      credentials: async () => ({ username: "AWS", password: "token" }),
      onProgress: () => {},
    });
    assert.equal(digest, digestOf(Buffer.from(bytes)));
    assert.deepEqual((await log()).config, {
      credsStore: "desktop",
      currentContext: "mine",
      auths: { "registry.example": { auth: Buffer.from("AWS:token").toString("base64") } },
      credHelpers: { "registry.example": "" },
    });
    assert.ok(!(await readFile(path.join(folder, "config.json"), "utf8")).includes("auths"));
  });
});

describe("buildx's command line", () => {
  const build = {
    context: "-x",
    repository: { host: "h", name: "n" },
    tag: "t",
    args: { VERSION: "t" },
    labels: { "a.b": "c d" },
    platforms: [
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ],
    createdSeconds: 5,
  };

  it("names everything, and nothing of it can be taken for an option", () => {
    const args = buildxArguments({ ...build, dockerfile: "D" }, { metadata: "m", byDigest: false });
    const expected =
      "buildx build --progress plain --metadata-file m --provenance=false --sbom=false --platform linux/amd64,linux/arm64 " +
      "--build-arg SOURCE_DATE_EPOCH=5 --build-arg VERSION=t --label a.b=c+d --tag h/n:t --push --file D -- -x";
    assert.deepEqual(
      args,
      expected.split(" ").map((word) => word.replace("+", " ")),
    );
  });

  it("pushes without a name when it is to be compared", () => {
    const args = buildxArguments(build, { metadata: "m", byDigest: true });
    assert.ok(args.includes("type=image,name=h/n,push-by-digest=true,name-canonical=true,push=true"));
    assert.ok(!args.includes("--tag") && !args.includes("--push"));
  });
});
