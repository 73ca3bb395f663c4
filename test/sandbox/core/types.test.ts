import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import { githubProvider } from "../../../sandbox/providers/github/index.ts";
import { randomProvider } from "../../../sandbox/providers/random/index.ts";
import type { Provider } from "../../../sandbox/providers/server.ts";
import { specsOf } from "../../../sandbox/providers/tagging.ts";

/** What the SDK's own source says of a type: arguments, required ones, outputs. */
function readSdk(source: string) {
  const body = source.slice(source.indexOf("const args = argsOrState"));
  const match = (pattern: RegExp) => [...body.matchAll(pattern)].map((one) => one[1] ?? "");
  return {
    inputs: match(/resourceInputs\["(\w+)"\] = .*args\?\.\1/g),
    required: match(/Missing required property '(\w+)'/g),
    outputs: match(/resourceInputs\["(\w+)"\] =/g),
    secrets: match(/additionalSecretOutputs: \[([^\]]*)\]/g).flatMap((list) => list.match(/\w+/g) ?? []),
  };
}

/** The file of an SDK that declares a token, or calls a function by it. */
function fileOf(token: string): string {
  const [name = "", path = ""] = token.split(":");
  const folder = dirname(createRequire(import.meta.url).resolve(`@pulumi/${name}/package.json`));
  return join(folder, `${path.replace(/^index\//, "")}.js`);
}

const PROVIDERS: Provider[] = [awsProvider("0"), githubProvider("0"), randomProvider("0")];

/** Required by the sandbox, not by the SDK: what it would do without them, the sandbox cannot. */
const STRICTER: Record<string, string[]> = {
  "aws:ec2/vpc:Vpc": ["cidrBlock"],
  "aws:ec2/subnet:Subnet": ["cidrBlock"],
  "aws:ec2/natGateway:NatGateway": ["subnetId"],
  "aws:ec2/route:Route": ["destinationCidrBlock"],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ["subnetId"],
  "aws:ec2/securityGroup:SecurityGroup": ["vpcId"],
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ["vpcId"],
  "aws:ec2/flowLog:FlowLog": ["iamRoleArn", "logDestination", "trafficType", "vpcId"],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ["serviceName"],
  "aws:acm/certificate:Certificate": ["domainName", "validationMethod"],
  "aws:appautoscaling/policy:Policy": ["targetTrackingScalingPolicyConfiguration"],
};

/** Types of a colleague's making are held to the same, but what they demand beyond the SDK is theirs to say. */
const OWN = (token: string) => !/^aws:(lb|ecs)\//.test(token);

describe("declared types against the SDKs", () => {
  for (const { types, invokes } of PROVIDERS) {
    for (const [token, type] of Object.entries(types)) {
      it(token, () => {
        const source = readFileSync(fileOf(token), "utf8");
        assert.ok(source.includes(`__pulumiType = '${token}'`), "the SDK has no such type");
        const sdk = readSdk(source);
        const specs = specsOf(type);
        assert.deepEqual(
          Object.keys(specs).filter((key) => !sdk.inputs.includes(key)),
          [],
          "inputs that the SDK does not have",
        );
        assert.deepEqual(
          type.outputs.filter((key) => !sdk.outputs.includes(key)),
          [],
          "outputs that the SDK does not have",
        );
        assert.equal(type.tagged ?? false, sdk.outputs.includes("tagsAll"), "tags");
        assert.equal("region" in specs, sdk.inputs.includes("region"), "region");
        assert.deepEqual(
          (type.secrets ?? []).filter((key) => !sdk.secrets.includes(key)),
          [],
        );
        if (!OWN(token)) return;
        const required = Object.keys(specs).filter((key) => specs[key]?.required);
        assert.deepEqual(required.sort(), [...sdk.required, ...(STRICTER[token] ?? [])].sort());
      });
    }
    for (const token of Object.keys(invokes)) {
      it(token, () => assert.ok(readFileSync(fileOf(token), "utf8").includes(`runtime.invoke("${token}"`)));
    }
  }

  it("covers every type that the components declare", () => {
    const folder = join(import.meta.dirname, "../../../components");
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const text = sources.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
    const declared = [...text.matchAll(/new (aws|github|random)\.((?:\w+\.)?[A-Z]\w+)\(/g)].map(
      ([, name, path]) => `${name}.${path}`,
    );
    const known = PROVIDERS.flatMap(({ types }) => Object.keys(types)).map((token) => {
      const [name, module = "", type] = token.split(":");
      const space = module.split("/")[0];
      return space === "index" ? `${name}.${type}` : `${name}.${space}.${type}`;
    });
    assert.ok(declared.length > 0);
    assert.deepEqual(
      [...new Set(declared)].filter((one) => !known.includes(one) && !one.endsWith(".Provider")),
      [],
    );
  });
});
