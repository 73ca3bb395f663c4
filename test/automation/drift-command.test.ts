import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { repositoryRoot } from "../../automation/paths.ts";
import { type Config, checkConfig } from "../../model/config/config.ts";
import { planRuleset } from "../../model/github/ruleset.ts";
import { status, stop } from "../../sandbox/client.ts";
import { toDocument } from "../../sandbox/providers/github/ruleset-document.ts";

/** What the committed foundation declares. */
function foundation(): Config {
  const { config } = parse(readFileSync(path.join(repositoryRoot, "Pulumi.foundation.yaml"), "utf8"));
  const own = Object.entries(config).filter(([key]) => key.startsWith("sluice:"));
  return checkConfig(Object.fromEntries(own.map(([key, value]) => [key.slice("sluice:".length), value])))
    .config as Config;
}

describe("sluice drift", function () {
  this.timeout(180_000);
  let home: string;
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), "sluice-drift-"));
  });
  after(async () => {
    await stop(path.join(home, "sandbox"));
    rmSync(home, { recursive: true, force: true });
  });

  function sluice(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const cli = path.join(repositoryRoot, "automation/cli.mjs");
    const env = { ...process.env, SLUICE_HOME: home };
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [cli, ...args, "--stack", "foundation", "--sandbox"],
        { env },
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  }

  async function send(method: string, route: string, body: object): Promise<void> {
    const { apiPort } = (await status(path.join(home, "sandbox"))) as { apiPort?: number };
    const { owner = "", repository = "" } = foundation().github ?? {};
    const answer = await fetch(`http://127.0.0.1:${apiPort}/github/repos/${owner}/${repository}/${route}`, {
      method,
      headers: { authorization: "token admin" },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, await answer.text());
  }

  it("has nothing to compare where there is no stack", async () => {
    const { code, stderr } = await sluice("drift");
    assert.equal(code, 6, stderr);
  });

  it("names what is not there, then what somebody changed, and is content where all is as declared", async () => {
    const preview = await sluice("preview");
    assert.equal(preview.code, 0, preview.stderr);
    const bare = await sluice("drift", "--only", "github");
    assert.equal(bare.code, 4, bare.stderr);
    const { rulesets, environments } = foundation();
    for (const name of Object.keys(rulesets))
      assert.match(bare.stdout, new RegExp(`ruleset ${name}: declared, and not there`));
    assert.match(bare.stderr, /to mend it: sluice up --stack foundation --sandbox --refresh/);

    for (const [name, settings] of Object.entries(rulesets)) {
      await send("POST", "rulesets", toDocument({ name, ...planRuleset(settings) }));
    }
    for (const [name, { waitMinutes, selfReview, reviewers, branches }] of Object.entries(environments)) {
      await send("PUT", `environments/${name}`, {
        wait_timer: waitMinutes,
        prevent_self_review: !selfReview,
        can_admins_bypass: false,
        reviewers: reviewers.teams.map((id) => ({ type: "Team", id })),
        deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
      });
      for (const branch of branches)
        await send("POST", `environments/${name}/deployment-branch-policies`, { name: branch });
    }
    const same = await sluice("drift", "--only", "github", "--json");
    assert.equal(same.code, 0, same.stdout);
    assert.partialDeepStrictEqual(JSON.parse(same.stdout), { findings: [], unknown: [], resources: [] });

    await send("POST", "rulesets", {
      name: "lax",
      enforcement: "active",
      conditions: { ref_name: { include: ["~ALL"], exclude: [] } },
    });
    const stray = await sluice("drift", "--only", "github");
    assert.equal(stray.code, 4);
    assert.match(stray.stdout, /ruleset lax: there \(branch, active\), and not declared\n +to mend it: declare it/);
  });
});
