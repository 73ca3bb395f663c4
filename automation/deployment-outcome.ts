/** What an update came to, for the record: other environments ask for it as proof. */

import { activeServices, repositoryOf, type ServiceRelease } from "./active-services.ts";
import type { StackState } from "./backend.ts";
import { ExitCode, SluiceError } from "./errors.ts";
import type { Output } from "./output.ts";
import { digestOfTag, readRegistry } from "./registry-tags.ts";
import type { Overrides, ReleaseOverride } from "./run-config.ts";
import { readServiceState } from "./service-state.ts";
import { readState } from "./stack-lifecycle.ts";
import { adoptCloudEnvironment, type Target } from "./target.ts";

export interface UpdateContext {
  target: Target;
  /** The stack's settings. */
  settings: Record<string, unknown>;
  /** State when the update began. */
  before: StackState;
  action: "deployment" | "rollback";
  output: Output;
}

/**
 * Writes a record for every service that another release is active of now. What it takes is loaded only then. A release
 * that was asked for and was active already is looked at as well: the update that brought it may have failed elsewhere.
 */
export async function recordMoves(
  about: UpdateContext,
  overrides: Overrides,
  outputs: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { target, settings, before, action, output } = about;
  const records = activeServices(before, outputs, settings).flatMap(({ before: former, moved, ...release }) => {
    const asked = { ...overrides.all, ...overrides.services?.[release.service] }.imageTag === release.tag;
    if (!moved && !asked) return [];
    const green = { ...release, outcome: "green" as const, again: moved };
    // Who goes back says that what ran here is no proof for anywhere else.
    const left = moved && action === "rollback" && former !== undefined && former.digest !== release.digest;
    return left ? [green, { ...release, ...former, outcome: "rolled-back" as const }] : [green];
  });
  if (records.length === 0) return;
  const { recordDeployments } = await import("./gates/deployment-record.ts");
  await recordDeployments({ target, action, records, output });
}

/** The update ran and failed. What was refused before it began has failed nowhere. */
const failures: readonly number[] = [ExitCode.resource, ExitCode.rolledBack, ExitCode.held];

/** Writes a record for every release that was asked for and did not come to be active. It hides no other error. */
export async function recordFailure(about: UpdateContext, overrides: Overrides, error: unknown): Promise<void> {
  const ran =
    error instanceof SluiceError &&
    (failures.includes(error.exitCode) || (error.exitCode === ExitCode.timeout && error.log !== undefined));
  if (!ran) return;
  const { target, action, output } = about;
  const asked = await askedReleases(about, overrides).catch(() => []);
  if (asked.length === 0) return;
  const { recordDeployments } = await import("./gates/deployment-record.ts");
  const records = asked.map((release) => ({ ...release, outcome: "failed" as const }));
  await recordDeployments({ target, action, records, output });
}

async function askedReleases(
  { target, settings, before }: UpdateContext,
  { all, services }: Overrides,
): Promise<ServiceRelease[]> {
  const names = Object.keys((settings.services ?? {}) as object);
  const asked = names.map((service) => ({ service, ...all, ...services?.[service] }));
  const after = (await readState(target.context, target.stack)) ?? {};
  adoptCloudEnvironment(target);
  const registry = asked.some(({ imageTag, candidate }) => imageTag ?? candidate)
    ? await readRegistry(target, settings)
    : {};
  const found = await Promise.all(
    asked.map(async ({ service, ...override }): Promise<ServiceRelease[]> => {
      const repository = repositoryOf(settings, service);
      const { active, releases } = readServiceState(before, service);
      const release = await releaseOf(override, Object.values(releases), (tag) => {
        const images = registry?.[repository];
        return images === undefined ? Promise.resolve(undefined) : digestOfTag(images, tag);
      });
      const now = readServiceState(after, service);
      // What was live before, or came to be, failed in another service.
      const live = [active && releases[active], now.active && now.releases[now.active]];
      if (release === undefined || live.some((one) => one && one.digest === release.digest)) return [];
      return [{ service, repository, ...release }];
    }),
  );
  return found.flat();
}

async function releaseOf(
  { imageTag, candidate, release }: ReleaseOverride,
  standing: readonly ({ id: string; tag: string; digest: string } | undefined)[],
  digestOf: (tag: string) => Promise<string | undefined>,
): Promise<{ tag: string; digest: string } | undefined> {
  const tag = imageTag ?? candidate?.imageTag;
  if (tag === undefined) {
    const known = standing.find((one) => one !== undefined && one.id === release);
    return known && { tag: known.tag, digest: known.digest };
  }
  const digest = await digestOf(tag);
  return digest === undefined ? undefined : { tag, digest };
}
