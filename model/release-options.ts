/** The part of a release's identity that came after the first: only what is not as it would be without mention. */
import { type SidecarConfig, sidecar } from "./config/container.ts";
import { type ServiceConfig, service } from "./config/service.ts";
import { valueFrom } from "./secret-reference.ts";

const serviceDefaults = service.parse({});
const sidecarDefaults = sidecar.parse({ image: `none@sha256:${"0".repeat(64)}` });

/**
 * What decides how a service's release runs, beside the fields of {@link import("./release.ts").ReleaseSpec}. A default says
 * nothing, so that a release keeps its identity when Sluice learns a new option.
 *
 * @returns undefined where all is by default
 * @example
 * releaseOptions({ ...config, user: "1000" }) // { user: "1000" }
 */
export function releaseOptions(config: ServiceConfig): Readonly<Record<string, unknown>> | undefined {
  const { user, entryPoint, command, writablePaths, dependsOn, containerHealth, ephemeralStorage, capacity } = config;
  const {
    logs: { mode, bufferMiB },
    migration,
  } = config;
  const options = changed(
    {
      ...{ user, entryPoint, command, writablePaths, dependsOn, containerHealth, ephemeralStorage, capacity },
      migration,
      logs: { mode, bufferMiB },
      sidecars: Object.fromEntries(Object.entries(config.sidecars).map(([name, one]) => [name, sidecarOptions(one)])),
    },
    { ...serviceDefaults, logs: { mode: serviceDefaults.logs.mode, bufferMiB: serviceDefaults.logs.bufferMiB } },
  );
  return Object.keys(options).length === 0 ? undefined : options;
}

function sidecarOptions(one: SidecarConfig): Readonly<Record<string, unknown>> {
  const { image, ...rest } = one;
  return { image, ...changed({ ...rest, secrets: secretValues(one.secrets) }, sidecarDefaults) };
}

/**
 * Variable to `valueFrom`.
 *
 * @throws Error where the version of one has not been looked up
 */
export function secretValues(secrets: ServiceConfig["secrets"]): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([variable, one]) => [variable, valueFrom(one)]));
}

function changed(values: Readonly<Record<string, unknown>>, defaults: object): Record<string, unknown> {
  const byDefault = defaults as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(values).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(byDefault[key])),
  );
}
