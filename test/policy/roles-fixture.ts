/** The roles of a foundation, as principals, and configurations of stacks that declare as much as can be declared. */
import { github } from "../../model/config/github.ts";
import { type GithubRole, planRoles } from "../../model/roles/github-roles.ts";
import type { Principal } from "./iam-evaluation.ts";
import { account, region } from "./roles-stack.ts";

const webAcl = `arn:aws:wafv2:${region}:${account}:regional/webacl/shop/0123`;
export const keyOf = (name: string) => `arn:aws:kms:${region}:${account}:key/${name}`;
const section = github.parse({
  owner: "acme",
  ownerId: 1,
  repository: "shop",
  repositoryId: 2,
  deploys: ["staging", "prod"],
  backend: { bucket: "acme-state", foundationKey: keyOf("foundation") },
  evidence: { bucket: "acme-evidence", key: keyOf("evidence") },
  grants: {
    prod: { zone: { id: "Z0SHOP", names: ["www.example.com"] }, webAcl, eks: "shop", stateKey: keyOf("prod") },
    staging: { zone: { id: "Z0SHOP", names: ["staging.example.com"] }, webAcl, stateKey: keyOf("staging") },
  },
});
export const plan = planRoles(section, {
  project: "sluice",
  stack: "foundation",
  id: account,
  partition: "aws",
  region,
});

export function principal(purpose: string): Principal {
  const { inline, managed, ceiling } = plan.roles.find((one) => one.purpose === purpose) as GithubRole;
  return { policies: [...Object.values(managed), ...(inline === undefined ? [] : [inline])], boundary: ceiling };
}

/** What somebody could attach by hand, or a mistake. */
export const administrator = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });

/** A stack with all that has to do with roles, reached over the internet, or closed from it. */
export const everything = (domain: string, egress: "single-nat" | "endpoints") => ({
  "aws:region": region,
  "sluice:imageTag": "v1.0.0",
  "sluice:network": { zones: 2, egress, flowLogs: { enabled: true } },
  "sluice:cluster": { domain, certificate: { zoneId: "Z0SHOP" }, webAclArn: webAcl, balancers: 4 },
  "sluice:alarms": { subscriptions: { critical: { page: { protocol: "https", endpoint: "https://x.example.com" } } } },
  "sluice:services": {
    api: {
      secrets: { DATABASE_URL: `arn:aws:secretsmanager:${region}:${account}:secret:sluice/prod/db-AbCdEf` },
    },
  },
});
