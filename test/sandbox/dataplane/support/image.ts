import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

export type Entry = Partial<Header> & { name: string; content?: string };

export const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const packer = pack();
  for (const { content = "", ...header } of entries) packer.entry({ mtime: new Date(0), ...header }, content);
  packer.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of packer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export interface BuiltImage {
  manifest: string;
  digest: string;
  blobs: Buffer[];
}

export async function buildImage(layers: readonly (readonly Entry[])[], config: object = {}): Promise<BuiltImage> {
  const tars = await Promise.all(layers.map(tarOf));
  const packed = tars.map((tar) => gzipSync(tar));
  const document = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: tars.map(sha256) },
    }),
  );
  const descriptor = (mediaType: string, bytes: Buffer) => ({ mediaType, digest: sha256(bytes), size: bytes.length });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: descriptor("application/vnd.oci.image.config.v1+json", document),
    layers: packed.map((bytes) => descriptor("application/vnd.oci.image.layer.v1.tar+gzip", bytes)),
  });
  return { manifest, digest: sha256(manifest), blobs: [document, ...packed] };
}

export const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export async function pushBlob(registry: string, repository: string, bytes: Buffer): Promise<Response> {
  return fetch(`http://${registry}/v2/${repository}/blobs/uploads/?digest=${sha256(bytes)}`, {
    method: "POST",
    body: new Uint8Array(bytes),
    headers: { "content-type": "application/octet-stream" },
  });
}

/** Pushes by the distribution API; returns the answer to the manifest. */
export async function pushImage(
  registry: string,
  repository: string,
  tag: string,
  image: BuiltImage,
): Promise<Response> {
  for (const blob of image.blobs) {
    const answer = await pushBlob(registry, repository, blob);
    if (answer.status !== 201) throw new Error(`blob refused: ${answer.status} ${await answer.text()}`);
  }
  return fetch(`http://${registry}/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    body: image.manifest,
    headers: { "content-type": MANIFEST },
  });
}

/** A small HTTP service. Its faults are set by environment variables. */
const SERVER = `
import { createServer } from "node:http";
const { HOST, PORT, VERSION = "none", FAIL_HEALTH, CRASH_AFTER_MS, START_DELAY_MS = "0" } = process.env;
console.log("version " + VERSION + " starts");
if (CRASH_AFTER_MS) setTimeout(() => { console.error("fatal: planted crash of " + VERSION); process.exit(3); }, Number(CRASH_AFTER_MS));
const server = createServer((request, response) => {
  const url = new URL(request.url, "http://x");
  if (url.pathname === "/health") return response.writeHead(FAIL_HEALTH ? 500 : 200).end();
  if (url.pathname === "/echo") { response.writeHead(200, request.headers["content-type"] ? { "content-type": request.headers["content-type"] } : {}); return void request.pipe(response); }
  if (url.pathname === "/headers") return response.end(JSON.stringify(request.headers));
  if (url.pathname === "/status") return response.writeHead(Number(url.searchParams.get("code"))).end();
  if (url.pathname === "/hangup") return request.socket.destroy();
  const wait = Number(url.searchParams.get("ms") ?? "0");
  setTimeout(() => response.end(JSON.stringify({ version: VERSION, pid: process.pid, host: HOST })), wait);
});
server.keepAliveTimeout = Number(process.env.KEEP_ALIVE_MS ?? "5000");
setTimeout(() => server.listen(Number(PORT), HOST, () => console.log("listening")), Number(START_DELAY_MS));
process.on("SIGTERM", () => { console.log("stopping"); server.close(() => process.exit(0)); server.closeIdleConnections(); });
`;

export async function serverImage(version: string): Promise<BuiltImage> {
  return buildImage(
    [
      [
        { name: "app/", type: "directory", mode: 0o755 },
        { name: "app/server.mjs", content: SERVER, mode: 0o644 },
      ],
    ],
    { Env: [`VERSION=${version}`], WorkingDir: "/app", Entrypoint: ["/usr/local/bin/node"], Cmd: ["server.mjs"] },
  );
}
