/** Which release of a service carries its traffic, and whether an update gave it another. */
import type { StackState } from "./backend.ts";
import { servicesOf } from "./read-back.ts";
import { readServiceState } from "./service-state.ts";

/** A service and a release of it. */
export interface ServiceRelease {
  service: string;
  /** Repository of the image, as the registry names it. */
  repository: string;
  tag: string;
  digest: string;
}

/** A service with the release that carries its traffic. */
export interface ActiveService extends ServiceRelease {
  /** Release that was active before, where there was one. */
  before: { tag: string; digest: string } | undefined;
  /** Whether that was another release. */
  moved: boolean;
}

type Settings = Readonly<Record<string, unknown>>;

/** The repository that a service's image comes from. */
export function repositoryOf(settings: Settings, service: string): string {
  const declared = (settings.services ?? {}) as Record<string, { repository?: string } | null>;
  return declared[service]?.repository ?? service;
}

/**
 * @param before the stack's state when the update began
 * @param outputs what the update left, read back
 * @example
 * activeServices(state, outputs, settings).filter(({ moved }) => moved) // [{ service: "api", tag: "v1.1.0", … }]
 */
export function activeServices(
  before: StackState,
  outputs: Readonly<Record<string, unknown>>,
  settings: Settings,
): ActiveService[] {
  return Object.entries(servicesOf(outputs)).flatMap(([service, { active, ...colours }]): ActiveService[] => {
    const release = active === null ? null : colours[active];
    if (release === null) return [];
    const state = readServiceState(before, service);
    const former = state.active && state.releases[state.active];
    const { tag, digest } = release;
    const moved = former?.id !== release.release;
    return [{ service, repository: repositoryOf(settings, service), tag, digest, before: former, moved }];
  });
}
