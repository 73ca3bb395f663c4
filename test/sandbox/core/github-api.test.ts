import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Octokit, type RestEndpointMethodTypes } from "@octokit/rest";
import { createCloud } from "../../../sandbox/cloud/create.ts";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { createGithubHandler } from "../../../sandbox/github-api/index.ts";
import { Store } from "../../../sandbox/store.ts";

type Wanted = RestEndpointMethodTypes["repos"]["createRepoRuleset"]["parameters"];

const place = { owner: "acme", repo: "shop" };
const wanted: Wanted = {
  ...place,
  name: "main",
  enforcement: "active",
  bypass_actors: [{ actor_id: 4242, actor_type: "Integration", bypass_mode: "always" }],
  conditions: { ref_name: { include: ["refs/heads/main"], exclude: [] } },
  rules: [
    { type: "deletion" },
    {
      type: "required_status_checks",
      parameters: {
        strict_required_status_checks_policy: true,
        required_status_checks: [{ context: "ci", integration_id: 15_368 }],
      },
    },
  ],
};

describe("GitHub's REST API on loopback", () => {
  let cloud: Cloud;
  let server: Server;
  let baseUrl: string;
  const client = (auth?: string) =>
    new Octokit({
      baseUrl,
      ...(auth === undefined ? {} : { auth }),
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });

  beforeEach(async () => {
    cloud = createCloud({ home: "/nowhere", store: new Store(":memory:"), registryHost: "127.0.0.1:1" }).outer;
    const handle = createGithubHandler(cloud);
    server = createServer((request, response) => void handle(request, response)).listen(0, "127.0.0.1");
    await once(server, "listening");
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/github`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it("makes, shows, changes and deletes a ruleset", async () => {
    const { repos } = client("admin");
    const { data: made, status } = await repos.createRepoRuleset(wanted);
    assert.equal(status, 201);
    const at = { ...place, ruleset_id: made.id };
    const { data: shown } = await repos.getRepoRuleset(at);
    assert.deepEqual(shown.bypass_actors, wanted.bypass_actors);
    assert.deepEqual(shown.conditions, wanted.conditions);
    assert.deepEqual(
      shown.rules?.map(({ type }) => type),
      ["deletion", "required_status_checks"],
    );
    await repos.updateRepoRuleset({ ...at, enforcement: "disabled" });
    const { data: changed } = await repos.getRepoRuleset(at);
    assert.deepEqual([changed.enforcement, changed.rules?.length], ["disabled", 2], "what is not given stays");
    await repos.deleteRepoRuleset(at);
    await assert.rejects(repos.getRepoRuleset(at), { status: 404 });
  });

  it("shows who passes rules by to those who may write, and in no list", async () => {
    const { data: made } = await client("admin").repos.createRepoRuleset(wanted);
    const { data: shown } = await client("read-only").repos.getRepoRuleset({ ...place, ruleset_id: made.id });
    assert.ok(!("bypass_actors" in shown));
    assert.equal(shown.rules?.length, 2);
    const { data: list } = await client("admin").repos.getRepoRulesets(place);
    assert.deepEqual(
      list.map((one) => [one.name, "rules" in one, "bypass_actors" in one]),
      [["main", false, false]],
    );
  });

  it("lets nobody in without a token, and readers change nothing", async () => {
    await assert.rejects(client().repos.getRepoRulesets(place), { status: 401 });
    await assert.rejects(client("read-only").repos.createRepoRuleset(wanted), { status: 403 });
    assert.deepEqual(await cloud.github.listRulesets({ repository: "acme/shop" }), []);
  });

  it("cuts lists into pages that a client follows", async () => {
    const { repos, paginate } = client("admin");
    for (let number = 0; number < 7; number++) await repos.createRepoRuleset({ ...wanted, name: `r${number}` });
    const first = await repos.getRepoRulesets({ ...place, per_page: 3 });
    assert.equal(first.data.length, 3);
    assert.match(first.headers.link ?? "", /page=2>; rel="next".*page=3>; rel="last"/);
    const all = await paginate(repos.getRepoRulesets, { ...place, per_page: 3 });
    assert.deepEqual(
      all.map(({ name }) => name),
      ["r0", "r1", "r2", "r3", "r4", "r5", "r6"],
    );
  });

  it("keeps an environment with its reviewers and policies", async () => {
    const { repos, paginate } = client("admin");
    const at = { ...place, environment_name: "prod" };
    await repos.createOrUpdateEnvironment({
      ...at,
      wait_timer: 5,
      prevent_self_review: true,
      reviewers: [{ type: "Team", id: 7 }],
      deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
    });
    await repos.createDeploymentBranchPolicy({ ...at, name: "main" });
    await repos.createDeploymentBranchPolicy({ ...at, name: "v*", type: "tag" });
    const { data } = await repos.getEnvironment(at);
    assert.deepEqual(
      data.protection_rules?.map(({ type }) => type),
      ["wait_timer", "required_reviewers", "branch_policy"],
    );
    const policies = await paginate(repos.listDeploymentBranchPolicies, { ...at, per_page: 1 });
    assert.deepEqual(
      policies.map(({ name, type }) => [name, type]),
      [
        ["main", "branch"],
        ["v*", "tag"],
      ],
    );
    await repos.createOrUpdateEnvironment(at);
    const { data: bare } = await repos.getEnvironment(at);
    assert.deepEqual([bare.protection_rules, bare.deployment_branch_policy], [[], null], "what is not given is reset");
    await repos.deleteAnEnvironment(at);
    await assert.rejects(repos.getEnvironment(at), { status: 404 });
  });

  const refused: [string, Partial<Record<keyof Wanted, unknown>>][] = [
    [
      "a pull request bypass for tags",
      { target: "tag", bypass_actors: [{ actor_id: 1, actor_type: "Team", bypass_mode: "pull_request" }] },
    ],
    ["an actor without a number", { bypass_actors: [{ actor_type: "Team", bypass_mode: "always" }] }],
    ["a branch without refs/heads/", { conditions: { ref_name: { include: ["main"], exclude: [] } } }],
    ["eleven approvals", { rules: [{ type: "pull_request", parameters: { required_approving_review_count: 11 } }] }],
    ["no checks", { rules: [{ type: "required_status_checks", parameters: { required_status_checks: [] } }] }],
    ["a rule twice", { rules: [{ type: "deletion" }, { type: "deletion" }] }],
    ["an unknown field", { colour: "red" } as object],
  ];
  for (const [title, change] of refused) {
    it(`refuses ${title} with 422`, async () => {
      await assert.rejects(client("admin").repos.createRepoRuleset({ ...wanted, ...change } as Wanted), {
        status: 422,
      });
    });
  }

  it("refuses what does not come from a local client", async () => {
    const answer = await fetch(`${baseUrl}/repos/acme/shop/rulesets`, {
      headers: { origin: "http://evil.test", authorization: "token admin" },
    });
    assert.equal(answer.status, 403);
  });

  it("throttles as GitHub does, where a fault asks for it", async () => {
    cloud.faults.add({ kind: "throttle", match: { service: "github" }, times: 1 });
    const answer = await fetch(`${baseUrl}/repos/acme/shop/rulesets`, { headers: { authorization: "token admin" } });
    assert.deepEqual([answer.status, answer.headers.get("retry-after")], [403, "1"]);
    assert.match(await answer.text(), /secondary rate limit/);
  });
});
