import assert from "node:assert/strict";
import { checkConfig } from "../../model/config/config.ts";

type Settings = Record<string, unknown>;
const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a";
const certificate = { zoneId: "Z0123456789" };
const domain = "www.example.com";
const problems = (cluster: Settings, services: Settings = {}) =>
  checkConfig({ network: {}, cluster, services })
    .problems.map(({ field, rule, remedy }) => `${field}: ${rule}; ${remedy}`)
    .join("\n");
const many = (count: number, settings: Settings = {}) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`s${index}`, { route: { paths: [`/s${index}/*`] }, ...settings }]),
  );

describe("the section cluster", () => {
  const taken: [what: string, cluster: Settings, services?: Settings][] = [
    ["a certificate that exists", { certificateArn }],
    ["a certificate to request", { certificate, domain }],
    [
      "other names in its zone",
      { domain, certificate: { ...certificate, alternativeNames: ["*.example.com", "example.com"] } },
    ],
    ["32 services on one balancer", {}, many(32)],
    ["45 where AWS raised the quota", { rulesPerBalancer: 150 }, many(45)],
    ["the old words for container insights", { containerInsights: false }],
    [
      "equal routes on two balancers",
      { balancers: 2 },
      { api: { route: { paths: ["/*"] } }, web: { route: { paths: ["/*"] }, balancer: 2 } },
    ],
  ];
  for (const [what, cluster, services] of taken) {
    it(`takes ${what}`, () => assert.equal(problems(cluster, services), ""));
  }

  const refused: [what: string, cluster: Settings, services: Settings, problem: RegExp][] = [
    [
      "two certificates",
      { certificate, certificateArn, domain },
      {},
      /cluster\.certificate: .*either given or requested/,
    ],
    ["a certificate for nothing", { certificate }, {}, /cluster\.domain: a certificate needs one/],
    [
      "a domain that is too long for a certificate",
      { certificate, domain: `${"a".repeat(60)}.example.com` },
      {},
      /at most 64 characters/,
    ],
    [
      "a name of another zone",
      { domain, certificate: { ...certificate, alternativeNames: ["www.example.org"] } },
      {},
      /in the zone of the domain/,
    ],
    ["the domain again", { domain, certificate: { ...certificate, alternativeNames: [domain] } }, {}, /each name once/],
    ["a zone by its name", { domain, certificate: { zoneId: "example.com" } }, {}, /a hosted zone's id/],
    ["a domain that is none", { domain: "WWW.example.com" }, {}, /a host name in lower case/],
    ["33 services on one balancer", {}, many(33), /at most 32 services .*rulesPerBalancer/],
    ["46 services whatever the quota", { rulesPerBalancer: 1000 }, many(46), /at most 45 .*cluster\.balancers/],
    [
      "a balancer that is not there",
      { balancers: 2 },
      many(1, { balancer: 3 }),
      /services\.s0\.balancer: one of the cluster's 2/,
    ],
    [
      "equal routes on one balancer",
      { balancers: 2 },
      { api: { route: { paths: ["/*"] }, balancer: 2 }, web: { route: { paths: ["/*"] }, balancer: 2 } },
      /no two services on one balancer/,
    ],
    ["five balancers", { balancers: 5 }, {}, /at most 4/],
    [
      "a web ACL of CloudFront",
      { webAclArn: "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b" },
      {},
      /regional web ACL/,
    ],
    ["a TLS policy of yesterday", { tlsPolicy: "ELBSecurityPolicy-2016-08" }, {}, /tlsPolicy/],
  ];
  for (const [what, cluster, services, problem] of refused) {
    it(`refuses ${what}`, () => assert.match(problems(cluster, services), problem));
  }
});
