// Enough of tar to unpack the vendor's archive where there is no `tar`.
import { closeSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import { createGunzip } from "node:zlib";

const BLOCK = 512;
const REGULAR_FILE = new Set(["0", "\0"]);

const text = (header, from, length) =>
  header
    .subarray(from, from + length)
    .toString("latin1")
    .replace(/\0.*$/s, "");

function parseHeader(header) {
  return {
    name: `${text(header, 345, 155) ? `${text(header, 345, 155)}/` : ""}${text(header, 0, 100)}`,
    mode: Number.parseInt(text(header, 100, 8), 8) & 0o777,
    size: Number.parseInt(text(header, 124, 12), 8) || 0,
    type: String.fromCharCode(header[156]),
  };
}

/**
 * @param {import("node:stream").Readable} packed a .tar.gz
 * @param {string} folder
 * @param {(name: string) => string | undefined} choose the file name to write an entry to; undefined leaves it out
 */
export async function untar(packed, folder, choose) {
  let rest = Buffer.alloc(0);
  let entry;
  for await (const chunk of packed.pipe(createGunzip()).on("error", () => packed.destroy())) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (;;) {
      if (!entry) {
        if (rest.length < BLOCK) break;
        entry = open(rest.subarray(0, BLOCK), folder, choose);
        rest = rest.subarray(BLOCK);
      }
      const taken = take(entry, rest);
      rest = rest.subarray(taken);
      if (entry.left > 0 || entry.padding > 0) break;
      if (entry.fd !== undefined) closeSync(entry.fd);
      entry = undefined;
    }
  }
  if (entry && entry.left > 0) throw new Error("the archive ends in the middle of a file");
}

function open(header, folder, choose) {
  const { name, mode, size, type } = parseHeader(header);
  const chosen = REGULAR_FILE.has(type) && name !== "" ? choose(name) : undefined;
  return {
    left: size,
    padding: (BLOCK - (size % BLOCK)) % BLOCK,
    fd: chosen === undefined ? undefined : openSync(path.join(folder, chosen), "w", mode),
  };
}

/** @returns {number} how many of the bytes belong to this entry */
function take(entry, bytes) {
  const data = bytes.subarray(0, Math.min(entry.left, bytes.length));
  if (entry.fd !== undefined) for (let at = 0; at < data.length; ) at += writeSync(entry.fd, data, at);
  entry.left -= data.length;
  const padding = entry.left === 0 ? Math.min(entry.padding, bytes.length - data.length) : 0;
  entry.padding -= padding;
  return data.length + padding;
}
