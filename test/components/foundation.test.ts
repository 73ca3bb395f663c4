import assert from "node:assert/strict";
import { Environments } from "../../components/github/environments.ts";
import { Rulesets } from "../../components/github/rulesets.ts";
import { Network } from "../../components/network.ts";
import { Registry } from "../../components/registry.ts";
import { configOf, type Declarations, declare, environment } from "./harness.ts";

describe("Registry", () => {
  it("has immutable, scanned repositories and expires only what no rollback needs", async () => {
    const { registry } = configOf({ registry: { repositories: { api: {} } } });
    const resources = await declare(
      () => new Registry("registry", { environment, ...(registry as NonNullable<typeof registry>) }),
    );
    assert.partialDeepStrictEqual(resources.one("ecr/repository", "registry-api"), {
      name: "api",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
    });
    const { rules } = JSON.parse(resources.one("ecr/lifecyclePolicy", "registry-api-lifecycle").policy as string);
    assert.deepEqual(
      rules.map(
        ({ selection }: { selection: Record<string, unknown> }) => selection.tagPatternList ?? selection.tagStatus,
      ),
      ["untagged", ["dev-*"], ["pr-*"]],
    );
  });
});

describe("Network", () => {
  const network = (settings: Record<string, unknown>): Promise<Declarations> => {
    const config = configOf({ network: settings }).network as NonNullable<ReturnType<typeof configOf>["network"]>;
    return declare(() => new Network("network", { environment, ...config }));
  };

  it("has one NAT gateway by default, and private subnets for tasks", async () => {
    const resources = await network({});
    assert.deepEqual(resources.names("ec2/natGateway"), ["network-nat-0"]);
    assert.equal(resources.names("ec2/subnet").length, 4);
    assert.equal(resources.one("ec2/route", "network-private-1-default").natGatewayId, "network-nat-0-id");
  });

  it("has a NAT gateway in every zone where asked", async () => {
    const resources = await network({ zones: 3, egress: "nat-per-zone" });
    assert.equal(resources.names("ec2/natGateway").length, 3);
    assert.equal(resources.one("ec2/route", "network-private-2-default").natGatewayId, "network-nat-2-id");
  });

  it("pays for no NAT gateway and has no private side where tasks have public addresses", async () => {
    const resources = await network({ egress: "public" });
    assert.deepEqual(resources.names("ec2/natGateway"), []);
    assert.deepEqual(resources.names("ec2/subnet").sort(), ["network-public-0", "network-public-1"]);
  });
});

describe("Rulesets", () => {
  const ruleset = async (settings: Record<string, unknown>) => {
    const { rulesets } = configOf({ rulesets: { main: { branches: ["main"], ...settings } } });
    const resources = await declare(() => new Rulesets("rulesets", { repository: "shop", rulesets }));
    return resources.one("index/repositoryRuleset", "rulesets-main");
  };

  it("protects the branch by default: no deletion, no force push, one approval that goes stale, nobody passes by", async () => {
    assert.partialDeepStrictEqual(await ruleset({}), {
      enforcement: "active",
      target: "branch",
      conditions: { refName: { includes: ["refs/heads/main"], excludes: [] } },
      bypassActors: [],
      rules: {
        deletion: true,
        nonFastForward: true,
        pullRequest: {
          requiredApprovingReviewCount: 1,
          dismissStaleReviewsOnPush: true,
          requiredReviewThreadResolution: true,
        },
      },
    });
  });

  it("pins each check to the app that must report it", async () => {
    const { rules } = (await ruleset({ checks: [{ context: "ci" }, { context: "scan", integrationId: 7 }] })) as {
      rules: { requiredStatusChecks: object };
    };
    assert.deepEqual(rules.requiredStatusChecks, {
      strictRequiredStatusChecksPolicy: true,
      requiredChecks: [
        { context: "ci", integrationId: 15_368 },
        { context: "scan", integrationId: 7 },
      ],
    });
  });
});

describe("Environments", () => {
  it("let administrators pass nothing by and nobody approve what they started", async () => {
    const { environments } = configOf({ environments: { prod: { reviewers: { teams: [7] }, waitMinutes: 5 } } });
    const resources = await declare(() => new Environments("environments", { repository: "shop", environments }));
    assert.partialDeepStrictEqual(resources.one("index/repositoryEnvironment", "environments-prod"), {
      environment: "prod",
      waitTimer: 5,
      preventSelfReview: true,
      canAdminsBypass: false,
      reviewers: [{ users: [], teams: [7] }],
      deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
    });
    const policy = resources.one("index/repositoryEnvironmentDeploymentPolicy", "environments-prod-main");
    assert.equal(policy.branchPattern, "main");
  });
});
