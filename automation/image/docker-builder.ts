/** Builds with docker buildx, where a daemon answers: for Dockerfiles that run commands. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { ImageError } from "./image-error.ts";
import { formatPlatform, type Platform } from "./oci-image.ts";
import { checkDigest, isLoopback, type Repository } from "./reference.ts";
import type { CredentialSource, RegistryCredentials } from "./registry-auth.ts";
import type { RegistryClient } from "./registry-client.ts";
import { tagTaken } from "./tag-guard.ts";

export interface DockerBuild {
  readonly context: string;
  readonly dockerfile?: string;
  readonly repository: Repository;
  readonly tag: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly platforms: readonly Platform[];
  readonly createdSeconds: number | undefined;
}

export interface DockerPush extends DockerBuild {
  readonly registry: RegistryClient;
  readonly credentials: CredentialSource | undefined;
  readonly onProgress: (line: string) => void;
}

const METADATA = z.object({ "containerimage.digest": z.string() });

/** A daemon that has not answered by then is not there (ms). */
const ANSWER_TIMEOUT_MS = 5000;

/** Why docker cannot build here, in words; undefined when it can. */
export async function dockerProblem(): Promise<string | undefined> {
  const { execa } = await import("execa");
  const options = { reject: false, timeout: ANSWER_TIMEOUT_MS, stdin: "ignore" } as const;
  const daemon = await execa("docker", ["version", "--format", "{{.Server.Version}}"], options);
  if (daemon.code === "ENOENT") return "the command docker is not installed";
  if (daemon.failed) return `no docker daemon answers (${lastLine(daemon.stderr) || daemon.shortMessage})`;
  const buildx = await execa("docker", ["buildx", "version"], options);
  if (buildx.failed) return "docker has no buildx";
  return undefined;
}

/**
 * The command line of a build.
 *
 * @param options.byDigest push without naming it, so that it can be compared with what the tag names
 * @example
 * buildxArguments(build, { metadata: "/tmp/m.json", byDigest: false });
 */
export function buildxArguments(build: DockerBuild, options: { metadata: string; byDigest: boolean }): string[] {
  const repository = `${build.repository.host}/${build.repository.name}`;
  const output = options.byDigest
    ? ["--output", `type=image,name=${repository},push-by-digest=true,name-canonical=true,push=true`]
    : ["--tag", `${repository}:${build.tag}`, "--push"];
  const pairs = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [
    ...["buildx", "build", "--progress", "plain", "--metadata-file", options.metadata],
    // Provenance and the like hold the time of the build: the same content would have another digest each time.
    ...["--provenance=false", "--sbom=false"],
    ...["--platform", build.platforms.map(formatPlatform).join(",")],
    ...pairs("--build-arg", { SOURCE_DATE_EPOCH: String(build.createdSeconds ?? 0), ...build.args }),
    ...pairs("--label", build.labels),
    ...output,
    ...(build.dockerfile === undefined ? [] : ["--file", build.dockerfile]),
    ...["--", build.context],
  ];
}

/**
 * Builds and pushes. A tag that is taken is built by digest only, and compared.
 *
 * @throws {ImageError} `build` when docker is not there or fails, `tag-taken` when the tag names other content
 */
export async function pushWithDocker(push: DockerPush): Promise<{ digest: string; alreadyThere: boolean }> {
  const problem = await dockerProblem();
  if (problem) {
    throw new ImageError("build", `--builder docker: ${problem}`, {
      hint: "Start docker, or use --builder oci, which needs none and reads Dockerfiles without RUN",
    });
  }
  const { registry, repository, tag } = push;
  const name = `${repository.host}/${repository.name}`;
  const before = await registry.manifest(repository.name, tag);
  let digest: string;
  try {
    digest = await build(push, before !== undefined);
  } catch (error) {
    const now = before ?? (await registry.manifest(repository.name, tag));
    if (now === undefined || !(error instanceof ImageError)) throw error;
    const what = `tag ${tag} of ${name} already names ${now.digest}, and docker could not push this build`;
    throw new ImageError("tag-taken", `${what}: ${error.message}`, { hint: "Push under a new tag", cause: error });
  }
  const after = before ?? (await registry.manifest(repository.name, tag));
  if (after?.digest !== digest) throw tagTaken(name, tag, after?.digest ?? "nothing", digest);
  return { digest, alreadyThere: before !== undefined };
}

async function build(push: DockerPush, byDigest: boolean): Promise<string> {
  const { execa } = await import("execa");
  const scratch = await mkdtemp(path.join(tmpdir(), "sluice-docker-"));
  try {
    const metadata = path.join(scratch, "metadata.json");
    const wanted = isLoopback(push.repository.host) ? undefined : await push.credentials?.();
    const config = wanted ? { DOCKER_CONFIG: await dockerConfig(scratch, push.repository.host, wanted) } : {};
    const result = execa("docker", buildxArguments(push, { metadata, byDigest }), {
      env: config,
      reject: false,
      stdin: "ignore",
      stdout: "ignore",
    });
    for await (const line of result.iterable({ from: "stderr" })) push.onProgress(line);
    const { failed, stderr, shortMessage } = await result;
    if (failed) throw new ImageError("build", `docker buildx failed: ${lastLine(stderr) || shortMessage}`);
    return checkDigest(METADATA.parse(JSON.parse(await readFile(metadata, "utf8")))["containerimage.digest"]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * A copy of docker's configuration with one more login: `docker login` would leave the token in the user's own. Everything
 * else (contexts, builders, plugins) is linked.
 */
async function dockerConfig(scratch: string, host: string, credentials: RegistryCredentials): Promise<string> {
  const original = process.env.DOCKER_CONFIG || path.join(homedir(), ".docker");
  const copy = path.join(scratch, "config");
  await mkdir(copy, { mode: 0o700 });
  for (const name of await readdir(original).catch(() => [])) {
    if (name !== "config.json") await symlink(path.join(original, name), path.join(copy, name));
  }
  const text = await readFile(path.join(original, "config.json"), "utf8").catch(() => "{}");
  const config = JSON.parse(text) as { auths?: object; credHelpers?: object };
  const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
  const changed = {
    ...config,
    auths: { ...config.auths, [host]: { auth } },
    // An empty helper makes docker read `auths` for this host, also where a store is set for all.
    credHelpers: { ...config.credHelpers, [host]: "" },
  };
  await writeFile(path.join(copy, "config.json"), JSON.stringify(changed), { mode: 0o600 });
  return copy;
}

function lastLine(text: unknown): string {
  return typeof text === "string" ? (text.trim().split("\n").at(-1) ?? "") : "";
}
