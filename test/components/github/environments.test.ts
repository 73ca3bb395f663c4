import assert from "node:assert/strict";
import { Environments } from "../../../components/github/environments.ts";
import { configOf, declare } from "../harness.ts";

const github = { owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };

async function declared(settings: Record<string, unknown>) {
  const { environments } = configOf({ github, environments: settings });
  return declare(() => new Environments("environments", { repository: "shop", environments }));
}

describe("Environments", () => {
  it("let administrators pass nothing by and nobody approve what they started", async () => {
    const resources = await declared({ prod: { reviewers: { teams: [7] }, waitMinutes: 5 } });
    assert.deepEqual(resources.one("index/repositoryEnvironment", "environments-prod"), {
      repository: "shop",
      environment: "prod",
      waitTimer: 5,
      preventSelfReview: true,
      canAdminsBypass: false,
      reviewers: [{ users: [], teams: [7] }],
      deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
    });
  });

  it("take deployments from main alone, unless told otherwise", async () => {
    const resources = await declared({ prod: {} });
    const kind = "index/repositoryEnvironmentDeploymentPolicy";
    assert.deepEqual(resources.names(kind), ["environments-prod-main"]);
    assert.equal(resources.one(kind, "environments-prod-main").branchPattern, "main");
    assert.ok(!("tagPattern" in resources.one(kind, "environments-prod-main")));
  });

  it("take deployments from tags", async () => {
    const resources = await declared({ release: { branches: [], tags: ["v*"] } });
    const kind = "index/repositoryEnvironmentDeploymentPolicy";
    assert.deepEqual(resources.names(kind), ["environments-release-tag:v*"]);
    assert.deepEqual(resources.one(kind, "environments-release-tag:v*"), {
      repository: "shop",
      environment: "release",
      tagPattern: "v*",
    });
  });

  it("have no reviewers where a plan of GitHub's has none, and say so with an empty list", async () => {
    const resources = await declared({ staging: {} });
    assert.deepEqual(resources.one("index/repositoryEnvironment", "environments-staging").reviewers, []);
  });

  it("let people approve their own work where that is asked for", async () => {
    const resources = await declared({ staging: { selfReview: true, reviewers: { users: [3] } } });
    assert.equal(resources.one("index/repositoryEnvironment", "environments-staging").preventSelfReview, false);
  });
});
