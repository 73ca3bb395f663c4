import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Policy, ResourceValidationPolicy } from "@pulumi/policy";
import { policies } from "../../policy/index.ts";
import { logsKept } from "../../policy/logs.ts";
import { releaseType } from "../../policy/proof.ts";
import { formatFinding, quote } from "../../policy/support/finding.ts";
import { types } from "../../policy/support/types.ts";
import { assertRefused, assertRemarks, judge, judgeInTime, type Resource, unknownValue } from "./harness.ts";

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const config = JSON.parse(file("policy/config.json")) as Record<string, Record<string, unknown>>;
const group = (stack: string, retentionInDays: unknown): Resource => ({
  type: types.logGroup,
  stack,
  props: { retentionInDays },
});

describe("policy pack", () => {
  const all: Policy[] = policies;

  it("says of every policy what it refuses, how bad that is, and how to mend it", () => {
    const guide = file("docs/policies.md");
    for (const policy of all) {
      assert.equal(policy.enforcementLevel, "mandatory", policy.name);
      assert.match(policy.description, /^[A-Z].*\.$/, policy.name);
      assert.match(policy.severity ?? "", /^(medium|high|critical)$/, policy.name);
      assert.match(policy.remediationSteps ?? "", /^[A-Z].*\.$/, policy.name);
      assert.ok((policy.tags?.length ?? 0) > 1, policy.name);
      assert.equal(policy.url, `docs/policies.md#${policy.name}`);
      assert.ok(guide.includes(`\n## ${policy.name}\n`), `docs/policies.md has no section ${policy.name}`);
      for (const key of Object.keys(policy.configSchema?.properties ?? {})) {
        if (key !== "stacks" && key !== "environments") {
          const section = guide.split(`\n## ${policy.name}\n`)[1]?.split("\n## ")[0] ?? "";
          assert.ok(section.includes(`\`${key}\``), `docs/policies.md does not explain ${policy.name}.${key}`);
        }
      }
    }
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  });

  it("is configured only where there is something to configure", () => {
    for (const [name, settings] of Object.entries(config)) {
      const schema = all.find((policy) => policy.name === name)?.configSchema?.properties;
      assert.ok(schema, `policy/config.json: no policy ${name}`);
      for (const key of Object.keys(settings))
        assert.ok(key in schema, `policy/config.json: no setting ${name}.${key}`);
      for (const [environment, override] of Object.entries((settings.environments ?? {}) as Record<string, object>)) {
        assert.notEqual(environment, "prod", `${name} is relaxed for production`);
        for (const key of Object.keys(override))
          assert.ok(key in schema || key === "strictness", `${name}.${environment}.${key}`);
      }
    }
  });

  it("knows only types that the providers have", () => {
    for (const type of Object.values(types)) {
      const [, provider, module, name = ""] = /^(\w+):(\w+)\/(\w+):/.exec(type) ?? [];
      const place = module === "index" ? name : `${module}/${name}`;
      assert.ok(file(`node_modules/@pulumi/${provider}/${place}.js`).includes(`'${type}'`), type);
    }
  });

  it("does nothing with resources of other types", async () => {
    for (const policy of policies.filter((one): one is ResourceValidationPolicy => "validateResource" in one)) {
      const found = await judgeInTime(policy, { type: "aws:ec2/vpc:Vpc", props: {} });
      assert.ok(found === "not applicable" || found.length === 0, policy.name);
    }
  });

  it("survives any nonsense in the properties it reads, and never prints a line break", async () => {
    const nonsense = [
      null,
      7,
      "",
      "x\ny",
      [],
      {},
      [null],
      [[]],
      { a: null },
      true,
      '{"Statement":[null,7,{"Effect":"Allow"}]}',
      '[{"name":"a\\nb","environment":[null]}]',
    ];
    const keys = [
      "assumeRolePolicy",
      "policy",
      "containerDefinitions",
      "ingress",
      "actions",
      "defaultActions",
      "rules",
      "tags",
      "cidrIpv4",
      "prefixListId",
      "networkConfiguration",
      "deploymentCircuitBreaker",
      "imageScanningConfiguration",
      "inlinePolicies",
      "managedPolicyArns",
      "bypassActors",
      "url",
      "clientIdLists",
      "retentionInDays",
      "environment",
      "images",
      "gates",
    ];
    let found = 0;
    for (const policy of policies.filter((one): one is ResourceValidationPolicy => "validateResource" in one)) {
      for (const type of [...Object.values(types), releaseType]) {
        for (const value of nonsense) {
          const props = Object.fromEntries(keys.map((key) => [key, value]));
          const violations = await judgeInTime(policy, { type, name: "a\nb", props });
          if (violations === "not applicable") continue;
          found += violations.length;
          for (const { message } of violations) assert.doesNotMatch(message, /[\n\r\u2028\u2029]/);
        }
      }
    }
    assert.ok(found > 200);
  });
});

describe("policy settings", () => {
  it("are the strictest for an environment that nobody named, and milder where the config says so", () => {
    const relaxed = {
      environments: { preview: { minimumDays: 1 }, lab: { strictness: "advisory" }, off: { strictness: "disabled" } },
    };
    assertRefused(judge(logsKept, group("prod", 3), relaxed), /is 3/);
    assertRefused(judge(logsKept, group("other", 3), relaxed), /is 3/);
    assert.deepEqual(judge(logsKept, group("preview-pr-12", 3), relaxed), []);
    assert.deepEqual(judge(logsKept, group("preview", 3), relaxed), []);
    assert.equal(
      (judge(logsKept, group("lab", 3), relaxed) as { enforcementLevel?: string }[])[0]?.enforcementLevel,
      "advisory",
    );
    assert.equal(judge(logsKept, group("off", 3), relaxed), "not applicable");
    assertRefused(judge(logsKept, group("constructor", 3), relaxed), /is 3/);
  });

  it("map stacks to environments by the stack's name alone", () => {
    const mapped = { stacks: { "eu-*": "staging" }, environments: { staging: { minimumDays: 7 } } };
    assert.deepEqual(judge(logsKept, group("eu-west", 7), mapped), []);
    assertRefused(judge(logsKept, group("us-east", 7), mapped), /is 7/);
    const claimed = {
      ...group("prod", 7),
      props: { retentionInDays: 7, environment: "staging", tags: { "sluice:environment": "staging" } },
    };
    assertRefused(judge(logsKept, claimed, mapped), /is 7/);
  });

  it("judge stacks of an example by what stands at the end of their names, and production most strictly", () => {
    assertRefused(judge(logsKept, group("shop-prod", 14), config["logs-kept"] ?? {}), /is 14/);
    assert.deepEqual(judge(logsKept, group("shop-staging", 14), config["logs-kept"] ?? {}), []);
  });

  it("that are misspelt are refused, wherever they stand", () => {
    assertRefused(judge(logsKept, group("prod", 365), { minimumDay: 1 }), /policy config "minimumDay" is no setting/);
    assertRefused(
      judge(logsKept, group("prod", 365), { environments: { prod: { days: 1 } } }),
      /policy config "days" is no setting/,
    );
  });

  it("say of an unknown value that it is still to be judged", () => {
    assertRemarks(judge(logsKept, group("prod", unknownValue)), /retentionInDays is not known before the update/);
  });

  it("print hostile text on one short line", () => {
    assert.equal(formatFinding("a\u001b[2Jb\n", { where: "", what: `x${"\u2028"}y`, remedy: "z" }), "a [2Jb : x y; z");
    assert.equal(quote("x".repeat(500)).length, 100);
  });
});
