import { createHash } from "node:crypto";

const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** The only algorithm that the registry takes; other registries take no other in practice. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/**
 * @example
 * digestOf(Buffer.from("")) === "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
 */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
