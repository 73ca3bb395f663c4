/** What is released where it is no image: a file, whose hash is what evidence is about. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { configurationError } from "../errors.ts";
import type { WantedImage } from "./wanted-images.ts";

/** How evidence calls what no repository holds, unless --repository says otherwise. */
export const artifactName = "artifacts";

/**
 * The file stands for all that is published: of a release with several files, their `checksums.txt`.
 *
 * @throws SluiceError (2) where it cannot be read
 * @example
 * (await releasedArtifact("dist/checksums.txt", undefined)).digest // "sha256:…"
 */
export async function releasedArtifact(file: string, repository: string | undefined): Promise<WantedImage> {
  const hash = createHash("sha256");
  try {
    if (!(await stat(file)).isFile()) throw new Error("it is no regular file");
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    throw configurationError(`--artifact ${JSON.stringify(file)} cannot be read: ${(error as Error).message}`, {
      remedy: "name the file that is released, or the checksums.txt of several",
      cause: error,
    });
  }
  const digest = `sha256:${hash.digest("hex")}`;
  return { services: [], repository: repository ?? artifactName, tag: undefined, digest, as: "asked" };
}
