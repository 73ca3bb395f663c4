/** Balancers and listeners: not deleted by mistake, and nothing in plain text. */
import { resourcePolicy, type Subject } from "./support/definition.ts";
import { demand, type Finding, quote, undecided } from "./support/finding.ts";
import { type Known, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

export interface BalancerSettings {
  readonly deletionProtection: boolean;
  readonly accessLogs: boolean;
}

export const balancersProtected = resourcePolicy({
  name: "balancers-protected",
  description: "Balancers cannot be deleted by mistake, drop requests with malformed headers, and keep access logs.",
  severity: "high",
  remedy:
    "Set sluice:cluster.deletionProtection and dropInvalidHeaderFields to true; leave sluice:cluster.accessLogs on.",
  tags: ["availability", "elb"],
  settings: {
    deletionProtection: { default: true, description: "Demand that AWS refuses to delete the balancer." },
    accessLogs: { default: true, description: "Demand a line for every request." },
  },
  types: [types.loadBalancer, types.loadBalancerAlb],
  judge: ({ properties }, settings) => judgeBalancer(properties, settings),
});

/**
 * Judges a load balancer.
 *
 * @example
 * judgeBalancer({ enableDeletionProtection: false, dropInvalidHeaderFields: true }, { deletionProtection: true, accessLogs: true })
 */
export function judgeBalancer(properties: Known, { deletionProtection, accessLogs }: BalancerSettings): Finding[] {
  const logs = records(properties.accessLogs);
  const on = (value: unknown) => value === true;
  return [
    ...demand(
      properties.enableDeletionProtection,
      (value) => on(value) || !deletionProtection,
      "enableDeletionProtection",
      "is off, so one mistake deletes the way in",
      "set sluice:cluster.deletionProtection to true",
    ),
    ...demand(
      properties.dropInvalidHeaderFields,
      (value) => on(value) || properties.loadBalancerType === "network",
      "dropInvalidHeaderFields",
      "is off, so malformed headers may smuggle requests past rules",
      "set it to true",
    ),
    ...demand(
      logs === unknown ? unknown : logs[0]?.enabled,
      (value) => on(value) || !accessLogs,
      "accessLogs.enabled",
      "is off, so nobody can tell later who asked for what",
      "leave sluice:cluster.accessLogs.enabled on",
    ),
  ];
}

export const listenersEncrypted = resourcePolicy({
  name: "listeners-encrypted",
  description: "Listeners speak TLS 1.2 or newer, or only redirect there.",
  severity: "high",
  remedy: "Set sluice:cluster.certificateArn; the balancer then speaks TLS, and port 80 redirects.",
  tags: ["encryption", "elb"],
  settings: {},
  types: [types.listener, types.listenerAlb],
  judge: (subject) => judgeListener(subject),
});

/** AWS, "Security policies for your Application Load Balancer": those without TLS 1.0 and 1.1. */
const modernTls = /^ELBSecurityPolicy-(?:TLS13-1-[23]-|TLS-1-2-|FS-1-2-)/;

/** Judges a listener: what it speaks, and in plain text what it does. */
export function judgeListener({ properties }: Pick<Subject, "properties">): Finding[] {
  const { protocol, sslPolicy } = properties;
  if (protocol === unknown) return [undecided("protocol")];
  if (protocol === "HTTPS" || protocol === "TLS") {
    return demand(
      sslPolicy,
      (value) => modernTls.test(String(value)),
      "sslPolicy",
      `is ${quote(sslPolicy)}`,
      'set it to "ELBSecurityPolicy-TLS13-1-2-2021-06" or a newer one',
    );
  }
  const actions = records(properties.defaultActions);
  if (actions === unknown) return [undecided("defaultActions")];
  const redirects = actions.length > 0 && actions.every((action) => redirectsToTls(action));
  if (redirects) return [];
  const what = `is ${quote(protocol ?? "HTTP")}, and does more than redirect to HTTPS`;
  return [{ where: "protocol", what, remedy: "set sluice:cluster.certificateArn" }];
}

function redirectsToTls({ type, redirect }: Known): boolean {
  const [target] = [redirect].flat() as (Known | undefined)[];
  return type === "redirect" && target?.protocol === "HTTPS";
}
