/** What stacks name and do not make: it must be there before they are replayed. */
import { RequestCertificateCommand } from "@aws-sdk/client-acm";
import { CreateHostedZoneCommand } from "@aws-sdk/client-route-53";
import { CreateWebACLCommand } from "@aws-sdk/client-wafv2";
import { type Clients, call } from "./clients.ts";
import type { StateResource } from "./state.ts";
import { required } from "./tags.ts";
import type { Translation } from "./translation.ts";

/** Kinds of things that the other cloud looks up when they are named: how they look, and what makes one. */
const kinds: readonly { readonly pattern: RegExp; make(clients: Clients): Promise<string> }[] = [
  {
    pattern: /arn:aws:acm:[^"\\]+/g,
    async make({ acm }) {
      const made = await call(acm, RequestCertificateCommand, { DomainName: "www.example.com" });
      return required(made.CertificateArn);
    },
  },
  {
    pattern: /arn:aws:wafv2:[^"\\]+/g,
    async make({ wafv2 }) {
      const { Summary } = await call(wafv2, CreateWebACLCommand, {
        Name: "everything",
        Scope: "REGIONAL",
        DefaultAction: { Allow: {} },
        VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: "everything" },
      });
      return required(Summary?.ARN);
    },
  },
  {
    pattern: /(?<="zoneId":")Z[0-9A-Z]+(?=")/g,
    async make({ route53 }) {
      const { HostedZone } = await call(route53, CreateHostedZoneCommand, {
        Name: "example.com",
        CallerReference: "contract",
      });
      return required(HostedZone?.Id).replace("/hostedzone/", "");
    },
  },
];

/** Has the zone of its own name among its outputs. */
const balancer = "aws:lb/loadBalancer:LoadBalancer";

/** Makes what the resources' inputs name and none of them is. */
export async function provideExternals(
  resources: readonly StateResource[],
  clients: Clients,
  translation: Translation,
): Promise<void> {
  const own = ({ type, id, outputs }: StateResource) => [id, outputs.arn, type === balancer && outputs.zoneId];
  const made = JSON.stringify(resources.map(own));
  const inputs = JSON.stringify(resources.map((one) => one.inputs));
  for (const { pattern, make } of kinds) {
    for (const name of new Set(inputs.match(pattern))) {
      if (!made.includes(`"${name}"`)) translation.add(name, await make(clients));
    }
  }
}
