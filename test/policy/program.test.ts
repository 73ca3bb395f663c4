import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { type PolicyPack, policyPackOf } from "../../automation/engine-context.ts";
import { sandboxPack } from "../../automation/gates/sandbox-pack.ts";
import { places, repositoryRoot } from "../../automation/paths.ts";
import { policies } from "../../policy/index.ts";
import { proveImage } from "../support/evidence.ts";
import { judgeInTime, judgeStack, type Resource, type Violation } from "./harness.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const digest = `sha256:${"a1".repeat(32)}`;
const account = "123456789012";

type Settings = Record<string, unknown>;

/** Declares a stack of the program, as its committed configuration has it, against the SDK's mocks. */
async function declared(stack: string, changes: Settings = {}): Promise<Resource[]> {
  const found: Resource[] = [];
  const { config } = parse(read(`Pulumi.${stack}.yaml`)) as { config: Settings };
  const text = Object.entries({ ...config, ...changes }).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  await pulumi.runtime.setMocks(
    { newResource: newResource(stack, found), call },
    "sluice",
    stack,
    false,
    "organization",
  );
  pulumi.runtime.setAllConfig(Object.fromEntries(text));
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, unknown>;
  // The mocks claim to support resource hooks and lack the call that registers one.
  monitor.registerResourceHook = (_: unknown, done: (error: null, answer: object) => void) => done(null, {});
  const { default: program } = (await import("../../index.ts")) as { default: () => Promise<unknown> };
  await program();
  await pulumi.runtime.disconnect();
  return found;
}

function newResource(stack: string, found: Resource[]) {
  return ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
    const kind = type.split(":").at(-1)?.toLowerCase();
    const region = type.startsWith("aws:iam/") ? "" : "eu-west-1";
    const url = `${account}.dkr.ecr.eu-west-1.amazonaws.com/api`;
    const repository = {
      name: "api",
      url,
      arn: `arn:aws:ecr:eu-west-1:${account}:repository/api`,
      registryId: account,
    };
    const boundaries = {
      [stack]: `arn:aws:iam::${account}:policy/sluice-foundation-github-boundary-${stack}`,
    };
    const state: Settings = {
      arn: `arn:aws:${type.split(/[:/]/)[1]}:${region}:${account}:${kind}/${name}`,
      name,
      repositoryUrl: url,
      registryId: account,
      result: "secret",
      dnsName: "balancer.test",
      ...inputs,
      ...(type === "pulumi:pulumi:StackReference" ? { outputs: { registry: { api: repository }, boundaries } } : {}),
    };
    const outputs = type.startsWith("sluice:") ? {} : { id: `${name}-id`, arn: state.arn };
    found.push({ type, name, stack, props: { ...inputs, ...outputs } });
    return { id: `${name}-id`, state };
  };
}

function call({ token }: pulumi.runtime.MockCallArgs): Settings {
  const answers: Record<string, Settings> = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": { names: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] },
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: account, arn: `arn:aws:sts::${account}:user/x` },
    "aws:ecr/getImage:getImage": { imageDigest: digest },
    "pulumi:pulumi:readStackResourceOutputs": { outputs: {} },
  };
  const answer = answers[token];
  if (answer === undefined) throw new Error(`no answer for ${token}`);
  return answer;
}

/** What all policies say about a stack; remarks are marked. */
async function verdict(resources: Resource[], packConfig: Record<string, object>): Promise<string[]> {
  const said: Violation[] = [];
  for (const policy of policies) {
    const config = packConfig[policy.name] ?? {};
    const judged =
      "validateStack" in policy
        ? [() => judgeStack(policy as StackValidationPolicy, resources, config)]
        : resources.map((resource) => () => judgeInTime(policy as ResourceValidationPolicy, resource, config));
    // One after the other, as the engine asks.
    for (const ask of judged) {
      const found = await ask();
      if (found !== "not applicable") said.push(...found);
    }
  }
  return said.map(({ message, enforcementLevel }) => (enforcementLevel === "advisory" ? `(${message})` : message));
}

describe("policy pack over the program's own stacks", () => {
  let home: string;
  let packConfig: Record<string, object>;
  before(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), "sluice-program-"));
    const pack = sandboxPack(policyPackOf(repositoryRoot) as PolicyPack, places({ SLUICE_HOME: home }));
    packConfig = JSON.parse(readFileSync(pack.config as string, "utf8"));
    for (const stack of ["prod", "staging", "preview"]) await proveImage({ home, stack, repository: "api", digest });
  });
  after(() => {
    pulumi.runtime.setAllConfig({});
    rmSync(home, { recursive: true, force: true });
  });

  const kinds = (resources: Resource[]) => new Set(resources.map(({ type }) => type));

  for (const stack of ["local", "staging", "prod"]) {
    it(`has nothing to say about ${stack} as it is committed, with a release`, async () => {
      const resources = await declared(stack, { "sluice:imageTag": "v1.0.0" });
      assert.ok(kinds(resources).has("aws:ecs/taskDefinition:TaskDefinition"));
      assert.deepEqual(await verdict(resources, packConfig), []);
    });
  }

  it("refuses prod without proof, gate by gate, for its one image", async () => {
    const config = { ...packConfig, "images-proven": { ...packConfig["images-proven"], evidence: "file:///nowhere" } };
    const said = await verdict(await declared("prod", { "sluice:imageTag": "v1.0.0" }), config);
    assert.ok(said.length > 12, said.join("\n"));
    assert.equal(said.filter((line) => line.startsWith("release: api v1.0.0: tests.unit: needs ")).length, 1);
    assert.match(
      said.at(-1) ?? "",
      /^api-blue-task: .* lacks the proof for the \d+ gates that its release is refused for/,
    );
  });

  it("has nothing to say about the foundation", async () => {
    const resources = await declared("foundation");
    assert.ok(
      kinds(resources).has("aws:iam/role:Role") &&
        kinds(resources).has("github:index/repositoryRuleset:RepositoryRuleset"),
    );
    assert.deepEqual(await verdict(resources, packConfig), []);
  });

  it("only remarks that previews have no certificate", async () => {
    const said = await verdict(await declared("preview", { "sluice:imageTag": "v1.0.0" }), packConfig);
    assert.ok(
      said.length > 0 && said.every((line) => /^\(cluster-http: protocol is "HTTP"/.test(line)),
      said.join("\n"),
    );
  });

  const planted: [string, string, Settings, RegExp][] = [
    [
      "a secret in a variable",
      "prod",
      { "sluice:services": { api: { environment: { DB_PASSWORD: "x" } } }, "sluice:imageTag": "v1" },
      /variable "DB_PASSWORD"/,
    ],
    [
      "a balancer without protection",
      "prod",
      {
        "sluice:cluster": {
          certificateArn: `arn:aws:acm:eu-west-1:${account}:certificate/1`,
          deletionProtection: false,
          logRetentionDays: 365,
        },
      },
      /enableDeletionProtection is off/,
    ],
    ["plain text in production", "prod", { "sluice:cluster": { logRetentionDays: 365 } }, /protocol is "HTTP"/],
    [
      "another open port",
      "staging",
      { "sluice:cluster": { listenerPort: 8080, deletionProtection: false } },
      /opens tcp port 8080/,
    ],
    ["public addresses", "prod", { "sluice:network": { egress: "public" }, "sluice:imageTag": "v1" }, /assignPublicIp/],
    [
      "logs that are gone in a day",
      "prod",
      { "sluice:cluster": { certificateArn: `arn:aws:acm:eu-west-1:${account}:certificate/1`, logRetentionDays: 1 } },
      /retentionInDays is 1/,
    ],
    [
      "a bot that passes rules by",
      "foundation",
      {
        "sluice:rulesets": {
          main: { branches: ["main"], bypass: [{ actorId: 7, actorType: "Integration", mode: "always" }] },
        },
      },
      /"Integration:7" pass the rules by/,
    ],
    ["no rulesets", "foundation", { "sluice:rulesets": {} }, /no rules protect/],
  ];
  for (const [title, stack, changes, says] of planted) {
    it(`refuses ${title}, planted in the configuration of ${stack}`, async () => {
      const said = await verdict(await declared(stack, changes), packConfig);
      const binding = said.filter((line) => !line.startsWith("("));
      assert.match(binding.join("\n"), says);
    });
  }
});
