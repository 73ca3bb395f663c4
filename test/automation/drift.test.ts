import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { readGithubSettings } from "../../automation/drift/github-settings.ts";
import { type DriftReport, driftExitCode, findingLine, reportDrift } from "../../automation/drift/report.ts";
import { engineArguments } from "../../automation/engine.ts";
import { errorDocument, SluiceError } from "../../automation/errors.ts";
import { createGithubClient } from "../../automation/github/client.ts";
import { githubToken } from "../../automation/github/token.ts";
import { type Config, checkConfig } from "../../model/config/config.ts";
import { githubDrift } from "../../model/github/drift.ts";
import { planRuleset } from "../../model/github/ruleset.ts";
import { createCloud } from "../../sandbox/cloud/create.ts";
import type { Cloud } from "../../sandbox/cloud/index.ts";
import { createGithubHandler } from "../../sandbox/github-api/index.ts";
import { toDocument } from "../../sandbox/providers/github/ruleset-document.ts";
import { Store } from "../../sandbox/store.ts";
import { recordOutput } from "./engine-fixture.ts";

const github = { owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };
const place = { owner: "acme", repo: "shop" };
const rules = { branches: ["main"], checks: [{ context: "ci" }] };
const many = Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`r${number}`, rules]));
const config = checkConfig({
  github,
  rulesets: { main: { ...rules, bypass: [{ actorType: "Integration", actorId: 4242, mode: "always" }] }, ...many },
  environments: { prod: { branches: ["main", ...Array.from({ length: 40 }, (_, number) => `b${number}`)] } },
}).config as Config;

describe("reading what GitHub has", () => {
  let server: Server | undefined;
  let cloud: Cloud;

  async function serve(handle: RequestListener): Promise<string> {
    server = createServer(handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/github`;
  }
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const read = (baseUrl: string, token = "admin") => {
    const client = createGithubClient({ token, baseUrl, signal: new AbortController().signal });
    return readGithubSettings(client, place, Object.keys(config.environments));
  };

  /** A repository as it is after an update, on the sandbox's own API. */
  async function repository(): Promise<string> {
    cloud = createCloud({ home: "/nowhere", store: new Store(":memory:"), registryHost: "127.0.0.1:1" }).outer;
    const repository = "acme/shop";
    for (const [name, settings] of Object.entries(config.rulesets)) {
      await cloud.github.createRuleset({ repository, ...toDocument({ name, ...planRuleset(settings) }) });
    }
    const deployment_branch_policy = { protected_branches: false, custom_branch_policies: true };
    const prod = { repository, environment: "prod" };
    await cloud.github.putEnvironment({ ...prod, can_admins_bypass: false, deployment_branch_policy });
    for (const name of config.environments.prod?.branches ?? []) {
      await cloud.github.createDeploymentPolicy({ ...prod, name, type: "branch" });
    }
    const handle = createGithubHandler(cloud);
    return serve((request, response) => void handle(request, response));
  }

  it("finds no drift in what was just declared, over several pages", async () => {
    assert.deepEqual(githubDrift(config, await read(await repository())), { findings: [], unknown: [] });
  }).timeout(20_000);

  it("tells drift from what it may not see, and sees all else", async () => {
    const url = await repository();
    const [first] = await cloud.github.listRulesets({ repository: "acme/shop" });
    await cloud.github.updateRuleset({ repository: "acme/shop", id: Number(first?.id), enforcement: "disabled" });
    const { findings, unknown } = githubDrift(config, await read(url, "read-only"));
    assert.deepEqual(findings.map(findingLine), ['ruleset main: enforcement: declared "active", live "disabled"']);
    assert.equal(unknown.length, Object.keys(config.rulesets).length);
    assert.match(unknown[0]?.reason ?? "", /who may pass it by is not shown/);
  }).timeout(20_000);

  it("takes what fails for unreadable, and what is gone for absent", async () => {
    const url = await repository();
    const [first, second] = await cloud.github.listRulesets({ repository: "acme/shop" });
    const handle = createGithubHandler(cloud);
    server?.close();
    const broken = await serve((request, response) => {
      if (request.url?.endsWith(`/rulesets/${first?.id}`)) response.writeHead(451).end('{"message":"blocked"}');
      else if (request.url?.endsWith(`/rulesets/${second?.id}`)) response.writeHead(404).end('{"message":"Not Found"}');
      else void handle(request, response);
    });
    assert.ok(url !== broken);
    const { findings, unknown } = githubDrift(config, await read(broken));
    assert.deepEqual(findings, [{ where: `ruleset ${second?.name}`, field: "", declared: "present" }]);
    assert.equal(unknown.length, 1);
    assert.match(unknown[0]?.reason ?? "", /GitHub answered 451/);
  }).timeout(20_000);

  for (const [status, exitCode] of [
    [401, 3],
    [403, 3],
    [404, 3],
    [422, 1],
  ] as const) {
    it(`ends with exit code ${exitCode} where the list is answered ${status}, and never tells the token`, async () => {
      const url = await serve((_, response) => response.writeHead(status).end('{"message":"no"}'));
      await assert.rejects(read(url, "ghp_secret"), (error) => {
        assert.ok(error instanceof SluiceError);
        assert.equal(error.exitCode, exitCode);
        assert.doesNotMatch(JSON.stringify(errorDocument(error)), /ghp_secret/);
        return true;
      });
    });
  }
});

describe("the token for GitHub", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "sluice-gh-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function gh(script: string): NodeJS.ProcessEnv {
    writeFileSync(path.join(folder, "gh"), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(folder, "gh"), 0o755);
    return { PATH: `${folder}:/bin:/usr/bin` };
  }

  it("is the environment's, before the one of GitHub's command line", async () => {
    const env = gh('[ "$*" = "auth token" ] && echo from-gh');
    assert.equal(await githubToken({ ...env, GITHUB_TOKEN: "a", GH_TOKEN: "b" }), "a");
    assert.equal(await githubToken({ ...env, GH_TOKEN: "b" }), "b");
    assert.equal(await githubToken(env), "from-gh");
  });

  it("is asked for where there is none", async () => {
    const none = { exitCode: 3, message: /no token for GitHub/ };
    await assert.rejects(githubToken(gh("exit 1")), none);
    await assert.rejects(githubToken({ PATH: "/nowhere" }), none);
  });
});

describe("the report of drift", () => {
  const empty: DriftReport = { stack: "foundation", compared: ["all"], findings: [], unknown: [], resources: [] };
  const finding = { where: "ruleset main", field: "enforcement", declared: "active", live: "disabled" };
  const unknown = { where: "ruleset main", reason: "hidden" };
  const resource = { type: "aws:lb/listenerRule:ListenerRule", name: "api-traffic", gone: false, fields: ["actions"] };

  it("has an exit code for what differs, and another for what is not known", () => {
    assert.equal(driftExitCode(empty), 0);
    assert.equal(driftExitCode({ ...empty, unknown: [unknown] }), 1);
    assert.equal(driftExitCode({ ...empty, findings: [finding], unknown: [unknown] }), 4);
    assert.equal(driftExitCode({ ...empty, resources: [resource] }), 4);
  });

  it("names both values, and the command that mends it", () => {
    const output = recordOutput();
    reportDrift(
      { ...empty, findings: [finding], unknown: [unknown], resources: [resource] },
      "sluice up",
      false,
      output,
    );
    assert.deepEqual(output.stdout, [
      'drift    ruleset main: enforcement: declared "active", live "disabled"',
      "drift    aws:lb/listenerRule:ListenerRule api-traffic: changed: actions",
      "unknown  ruleset main: hidden",
    ]);
    assert.deepEqual(output.stderr, ["to mend it: sluice up"]);
  });

  it("offers no command for what the command would not mend", () => {
    const output = recordOutput();
    reportDrift({ ...empty, findings: [{ ...finding, remedy: "delete it" }] }, "sluice up", false, output);
    assert.deepEqual(output.stdout.slice(1), ["         to mend it: delete it"]);
    assert.deepEqual(output.stderr, []);
  });

  it("does not send traffic back by an update that names no release", () => {
    const output = recordOutput();
    const remedy = "name the release that shall have the traffic";
    reportDrift({ ...empty, resources: [{ ...resource, remedy }] }, "sluice up", false, output);
    assert.deepEqual(output.stdout.slice(1), [`         to mend it: ${remedy}`]);
    assert.deepEqual(output.stderr, []);
  });

  it("lets no name write to the terminal", () => {
    const line = findingLine({ where: "ruleset \u001b[2Jx\n", field: "", live: "branch" });
    assert.equal(line, "ruleset ?[2Jx?: there (branch), and not declared");
  });

  it("has the engine look and change nothing", () => {
    const args = engineArguments("drift", "prod", "file", { policyPack: undefined });
    assert.deepEqual(args.slice(0, 4), ["refresh", "--preview-only", "--stack", "prod"]);
    assert.ok(!args.includes("--yes"));
  });
});
