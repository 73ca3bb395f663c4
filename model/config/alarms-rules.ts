/** Rules that join several settings of alarms. */
import { thresholdsOf } from "../alarms.ts";
import { type Severity, severities } from "./alarms.ts";
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

function alarmsNeedACluster({ alarms, cluster }: Config): ConfigProblem[] {
  if (alarms === undefined || cluster !== undefined) return [];
  return [
    {
      field: "cluster",
      rule: "alarms watch what runs in this section",
      value: "nothing",
      remedy: "add sluice:cluster, or remove sluice:alarms",
    },
  ];
}

function overridesNameServices({ alarms, services }: Config): ConfigProblem[] {
  return Object.keys(alarms?.services ?? {})
    .filter((name) => !Object.hasOwn(services, name))
    .map((name) => ({
      field: `alarms.services.${name}`,
      rule: "the name of a service of this stack",
      value: `"${name}"`,
      remedy: `name one of: ${Object.keys(services).join(", ") || "(the stack declares none)"}`,
    }));
}

function percentilesAreOrdered({ alarms, services }: Config): ConfigProblem[] {
  if (alarms === undefined) return [];
  const places = [undefined, ...Object.keys(services)];
  const unordered = places.filter((service) => {
    const { p95Seconds, p99Seconds } = thresholdsOf(alarms, service);
    return p95Seconds > p99Seconds;
  });
  // What is wrong for all is said once.
  return unordered.slice(0, unordered.includes(undefined) ? 1 : undefined).map((service) => ({
    field: `alarms.${service === undefined ? "thresholds" : `services.${service}`}.p95Seconds`,
    rule: "at most p99Seconds",
    value: String(thresholdsOf(alarms, service).p95Seconds),
    remedy: "lower it, or raise p99Seconds",
  }));
}

/** What a run in the sandbox has in place of a secret, which it cannot decrypt. */
const replacedSecret = "sandbox";

const endpointForms = {
  email: { form: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, rule: "a mail address" },
  https: { form: /^https:\/\/[^\s/]+/, rule: "a URL that begins with https://" },
} as const;

/** Here and not in the schema, which would show the value: it may be a secret. */
function endpointsFitTheirProtocol({ alarms }: Config): ConfigProblem[] {
  const all = severities.flatMap((severity: Severity) =>
    Object.entries(alarms?.subscriptions[severity] ?? {}).map(([name, one]) => ({ ...one, at: `${severity}.${name}` })),
  );
  return all
    .filter(({ protocol, endpoint }) => endpoint !== replacedSecret && !endpointForms[protocol].form.test(endpoint))
    .map(({ protocol, at }) => ({
      field: `alarms.subscriptions.${at}.endpoint`,
      rule: `${endpointForms[protocol].rule}, as the protocol is ${protocol}`,
      value: "something else",
      remedy: "correct it, or the protocol",
    }));
}

export const alarmsRules: readonly CrossFieldRule[] = [
  alarmsNeedACluster,
  overridesNameServices,
  percentilesAreOrdered,
  endpointsFitTheirProtocol,
];
