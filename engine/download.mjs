// The vendor's own build of the CLI, checked against the vendor's list of checksums, which stands on another host than the file.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, rmSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { PLATFORM } from "./places.mjs";
import { startStep } from "./progress.mjs";
import { untar } from "./untar.mjs";

/** No answer, or no more data, for so long: given up. */
const SILENCE_MS = 10_000;
const MEBIBYTE = 1024 * 1024;

/** What we take from the archive. The rest is for other languages. */
const WANTED = new Set(["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs", "pulumi-analyzer-policy"]);

/** SLUICE_ENGINE_MIRROR names a folder that holds the archive and SHA512SUMS, for networks that cannot reach the vendor. */
function sources(version) {
  const file = `pulumi-v${version}-${PLATFORM}.tar.gz`;
  const mirror = process.env.SLUICE_ENGINE_MIRROR?.replace(/\/$/, "");
  return {
    file,
    archive: `${mirror ?? "https://get.pulumi.com/releases/sdk"}/${file}`,
    checksums: `${mirror ?? `https://github.com/pulumi/pulumi/releases/download/v${version}`}/SHA512SUMS`,
  };
}

/** Ends with an error as soon as nothing has come for SILENCE_MS. */
async function* bytes(url, onSize = () => {}) {
  const abort = new AbortController();
  const silence = () => abort.abort(new Error(`no answer within ${SILENCE_MS / 1000} s`));
  let timer = setTimeout(silence, SILENCE_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`answered ${response.status}`);
    onSize(Number(response.headers.get("content-length") ?? 0));
    for await (const chunk of response.body) {
      clearTimeout(timer);
      timer = setTimeout(silence, SILENCE_MS);
      yield chunk;
    }
  } catch (error) {
    const reason = abort.signal.aborted ? abort.signal.reason : (error.cause ?? error);
    throw new Error(`${url}: ${reason.message || reason.code}`);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function publishedSum(url, file) {
  const parts = [];
  for await (const chunk of bytes(url)) parts.push(chunk);
  const lines = Buffer.concat(parts).toString().split("\n");
  const sum = lines.map((line) => line.trim().split(/\s+\*?/)).find(([, name]) => name === file)?.[0];
  if (!/^[0-9a-f]{128}$/.test(sum ?? "")) throw new Error(`${url} names no SHA-512 for ${file}`);
  return sum;
}

async function fetchChecked(url, sum, target, step) {
  const hash = createHash("sha512");
  let size = 0;
  let got = 0;
  async function* counted() {
    for await (const chunk of bytes(url, (length) => (size = length))) {
      hash.update(chunk);
      got += chunk.length;
      step.detail = `${Math.round(got / MEBIBYTE)}${size ? ` of ${Math.round(size / MEBIBYTE)}` : ""} MiB`;
      yield chunk;
    }
  }
  await pipeline(counted, createWriteStream(target));
  if (hash.digest("hex") !== sum) throw new Error(`${url} does not have the SHA-512 that the vendor published`);
}

/**
 * Puts `pulumi` and its Node language host into `folder`.
 *
 * @throws Error that says why not: no answer, not published for this platform, checksum unknown or wrong
 */
export async function downloadEngine(version, folder) {
  const { file, archive, checksums } = sources(version);
  const step = startStep(`downloading the Pulumi CLI ${version}`);
  const target = path.join(folder, file);
  try {
    const sum = await publishedSum(checksums, file);
    await fetchChecked(archive, sum, target, step);
    step.detail = "unpacking";
    await untar(createReadStream(target), folder, (name) =>
      WANTED.has(path.basename(name)) ? path.basename(name) : undefined,
    );
  } finally {
    rmSync(target, { force: true });
    step.end();
  }
}
