import assert from "node:assert/strict";
import { Network } from "../../components/network/network.ts";
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
