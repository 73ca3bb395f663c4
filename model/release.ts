/**
 * A release: one image digest and everything that decides how it runs. Whatever changes any of it is a new release.
 */
import { createHash } from "node:crypto";

/** What a container runs with. Every field here is part of the release's identity. */
export interface ReleaseSpec {
  /** Manifest digest, `sha256:` and 64 hex digits. */
  digest: string;
  /** Plain environment variables. */
  environment: Readonly<Record<string, string>>;
  /** Environment variable to the ARN of the secret (with its version, where one is pinned). */
  secrets: Readonly<Record<string, string>>;
  /** CPU units; 1024 are one vCPU. */
  cpu: number;
  /** Memory in MiB. */
  memory: number;
  /** Port that the container listens on. */
  port: number;
  architecture: "X86_64" | "ARM64";
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeout: number;
  /** How the balancer tells that it is healthy. */
  health: Readonly<Record<string, string | number>>;
  /** Further options that are not by default, see `releaseOptions`. */
  options?: Readonly<Record<string, unknown>> | undefined;
}

/** A release as the traffic plan speaks of it. */
export interface Release {
  /** Identity of the resolved spec, see {@link releaseId}. */
  id: string;
  /** The tag it was asked for by; for people, never for identity. */
  tag: string;
  digest: string;
}

/**
 * The identity of a resolved spec: 16 hex digits of the SHA-256 over its canonical JSON. The tag is not part of it.
 *
 * @example
 * releaseId({ ...spec, cpu: 512 }) !== releaseId(spec)
 */
export function releaseId(spec: ReleaseSpec): string {
  return createHash("sha256").update(canonicalJson(spec)).digest("hex").slice(0, 16);
}

/** JSON with sorted keys, so that the order in a configuration file decides nothing. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Docker labels that carry a release in its task definition, readable in state and from the live service alike. */
export const releaseLabels = {
  release: "dev.sluice.release",
  tag: "dev.sluice.tag",
  attempt: "dev.sluice.attempt",
} as const;

/** What a task definition's main container says of the release in it. */
export interface Deployed extends Release {
  /** Counts deployments of the same release to the same colour, from 1: a retry is a new revision. */
  attempt: number;
}

/**
 * Reads the release out of a `containerDefinitions` document, as state or AWS has it.
 *
 * @returns undefined where the document is none of ours
 * @example
 * deployedRelease('[{"image":"r/api@sha256:…","dockerLabels":{"dev.sluice.release":"…",…}}]')?.tag // "v1.0.0"
 */
export function deployedRelease(containerDefinitions: string): Deployed | undefined {
  let containers: unknown;
  try {
    containers = JSON.parse(containerDefinitions);
  } catch {
    return undefined;
  }
  if (!Array.isArray(containers)) return undefined;
  for (const container of containers as { image?: unknown; dockerLabels?: Record<string, string> }[]) {
    const labels = container?.dockerLabels;
    const id = labels?.[releaseLabels.release];
    const tag = labels?.[releaseLabels.tag];
    const digest = typeof container?.image === "string" ? container.image.split("@")[1] : undefined;
    if (id === undefined || tag === undefined || digest === undefined) continue;
    return { id, tag, digest, attempt: Number(labels?.[releaseLabels.attempt] ?? 1) };
  }
  return undefined;
}
