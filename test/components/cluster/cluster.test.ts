import assert from "node:assert/strict";
import { Cluster } from "../../../components/cluster/cluster.ts";
import { Environment } from "../../../components/environment.ts";
import { Network } from "../../../components/network/network.ts";
import { configOf, type Declarations, declare, environment } from "../harness.ts";

type Config = ReturnType<typeof configOf>;

function declareCluster(settings: Record<string, unknown>, place: Environment = environment): Promise<Declarations> {
  const config = configOf({ network: {}, cluster: settings });
  return declare(() => {
    const network = new Network("network", {
      environment: place,
      ...(config.network as NonNullable<Config["network"]>),
    });
    new Cluster("cluster", { environment: place, network, ...(config.cluster as NonNullable<Config["cluster"]>) });
  });
}

const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a";
const requested = { domain: "www.example.com", certificate: { zoneId: "Z0123456789" } };
const ofCluster = (resources: Declarations) => resources.all.filter(({ name }) => name.startsWith("cluster"));

describe("Cluster", () => {
  it("offers Fargate with and without Spot, and puts nothing on Spot by itself", async () => {
    const resources = await declareCluster({});
    assert.deepEqual(resources.one("ecs/clusterCapacityProviders", "cluster-capacity"), {
      clusterName: "sluice-test",
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      defaultCapacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1, base: 0 }],
    });
  });

  for (const [given, value] of [
    [undefined, "enabled"],
    [true, "enabled"],
    [false, "disabled"],
    ["enhanced", "enhanced"],
  ]) {
    it(`takes container insights ${given} for ${value}`, async () => {
      const resources = await declareCluster(given === undefined ? {} : { containerInsights: given });
      assert.deepEqual(resources.one("ecs/cluster", "cluster").settings, [{ name: "containerInsights", value }]);
    });
  }

  it("has one balancer by default, which drops what is malformed and cannot be deleted by mistake", async () => {
    const resources = await declareCluster({});
    assert.deepEqual(resources.names("lb/loadBalancer"), ["cluster-balancer"]);
    const inputs = resources.one("lb/loadBalancer", "cluster-balancer");
    assert.partialDeepStrictEqual(inputs, {
      name: "sluice-test",
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      idleTimeout: 60,
      enableDeletionProtection: true,
      securityGroups: ["cluster-balancer-security-group-id"],
    });
    assert.deepEqual(resources.names("wafv2/webAclAssociation"), []);
    assert.deepEqual(resources.names("acm/certificate"), []);
    assert.deepEqual(resources.names("route53/record"), []);
  });

  it("speaks TLS by the recommended policy, and sends plain HTTP there", async () => {
    const resources = await declareCluster({ certificateArn });
    assert.partialDeepStrictEqual(resources.one("lb/listener", "cluster-https"), {
      port: 443,
      protocol: "HTTPS",
      certificateArn,
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    });
    assert.deepEqual(resources.one("lb/listener", "cluster-http").defaultActions, [
      { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
    ]);
    assert.deepEqual(resources.names("vpc/securityGroupIngressRule").sort(), [
      "cluster-balancer-ingress-443",
      "cluster-balancer-ingress-80",
    ]);
  });

  it("requests a certificate, proves it by DNS, and leads its name to the balancer", async () => {
    const certificate = { ...requested.certificate, alternativeNames: ["*.www.example.com", "api.example.com"] };
    const resources = await declareCluster({ ...requested, certificate });
    assert.partialDeepStrictEqual(resources.one("acm/certificate", "cluster-certificate"), {
      domainName: "www.example.com",
      subjectAlternativeNames: ["*.www.example.com", "api.example.com"],
      validationMethod: "DNS",
    });
    assert.deepEqual(resources.names("route53/record").sort(), [
      "cluster-alias",
      "cluster-certificate-proof-api.example.com",
      "cluster-certificate-proof-www.example.com",
    ]);
    assert.deepEqual(resources.one("route53/record", "cluster-certificate-proof-api.example.com"), {
      zoneId: "Z0123456789",
      name: "_proof.api.example.com.",
      type: "CNAME",
      records: ["_value.api.example.com."],
      ttl: 300,
      allowOverwrite: true,
    });
    assert.deepEqual(resources.one("route53/record", "cluster-alias"), {
      zoneId: "Z0123456789",
      name: "www.example.com",
      type: "A",
      aliases: [{ name: "balancer.test", zoneId: "ZBALANCER", evaluateTargetHealth: true }],
    });
    const validation = resources.one("acm/certificateValidation", "cluster-certificate-issued");
    assert.equal(resources.one("lb/listener", "cluster-https").certificateArn, validation.certificateArn);
  });

  it("keeps access logs in a bucket that balancers of this account alone can write to", async () => {
    const resources = await declareCluster({});
    assert.deepEqual(resources.one("lb/loadBalancer", "cluster-balancer").accessLogs, {
      bucket: "sluice-test-access-logs-123456789012",
      enabled: true,
    });
    assert.equal(resources.one("s3/bucket", "cluster-access-logs").forceDestroy, false);
    assert.partialDeepStrictEqual(resources.one("s3/bucketPublicAccessBlock", "cluster-access-logs-public-access"), {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const { rules } = resources.one("s3/bucketLifecycleConfiguration", "cluster-access-logs-lifecycle") as {
      rules: [{ expiration: unknown }];
    };
    assert.deepEqual(rules[0].expiration, { days: 90 });
    const { policy } = resources.one("s3/bucketPolicy", "cluster-access-logs-policy");
    const [write, deny] = JSON.parse(policy as string).Statement;
    assert.partialDeepStrictEqual(write, {
      Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: "arn:aws:s3:::sluice-test-access-logs-123456789012/AWSLogs/123456789012/*",
      Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
    });
    assert.equal(deny.Effect, "Deny");
  });

  it("lets the bucket go with what it holds only where the balancer may go too", async () => {
    const resources = await declareCluster({ deletionProtection: false });
    assert.equal(resources.one("s3/bucket", "cluster-access-logs").forceDestroy, true);
  });

  it("writes into a bucket that exists, or nowhere", async () => {
    const given = await declareCluster({ accessLogs: { bucket: "central-logs" } });
    assert.deepEqual(given.one("lb/loadBalancer", "cluster-balancer").accessLogs, {
      bucket: "central-logs",
      enabled: true,
    });
    const none = await declareCluster({ accessLogs: { enabled: false } });
    assert.equal(none.one("lb/loadBalancer", "cluster-balancer").accessLogs, undefined);
    for (const resources of [given, none]) assert.deepEqual(resources.names("s3/bucket"), []);
  });

  it("puts a web ACL before every balancer", async () => {
    const webAclArn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/edge/0a";
    const resources = await declareCluster({ webAclArn, balancers: 2 });
    assert.deepEqual(resources.names("wafv2/webAclAssociation"), ["cluster-firewall", "cluster-firewall-2"]);
  });

  it("numbers every balancer but the first, and lets them share what can be shared", async () => {
    const one = await declareCluster({ certificateArn });
    const three = await declareCluster({ certificateArn, balancers: 3 });
    const names = (resources: Declarations) => ofCluster(resources).map(({ name }) => name);
    assert.deepEqual(
      names(three).filter((name) => !names(one).includes(name)),
      [
        "cluster-balancer-2",
        "cluster-balancer-3",
        "cluster-http-2",
        "cluster-https-2",
        "cluster-http-3",
        "cluster-https-3",
      ].sort((a, b) => names(three).indexOf(a) - names(three).indexOf(b)),
    );
    for (const { type, name, inputs } of ofCluster(one).filter((each) => !each.type.startsWith("sluice:"))) {
      assert.deepEqual(three.all.find((each) => each.name === name && each.type === type)?.inputs, inputs, name);
    }
    assert.equal(three.one("lb/loadBalancer", "cluster-balancer-3").name, "sluice-test-balancer-3");
    assert.equal(
      three.one("lb/listener", "cluster-https-2").loadBalancerArn,
      "arn:mock:aws:lb/loadBalancer:LoadBalancer:cluster-balancer-2",
    );
  });

  it("keeps its names within their limits, and tags all that can be tagged", async () => {
    const long = new Environment({
      project: "sluice",
      stack: "preview-of-a-branch-with-a-name-that-never-ends-at-all",
      name: "preview",
      region: "eu-west-1",
    });
    const resources = await declareCluster({ ...requested, balancers: 4 }, long);
    const lengths = (kind: string, key: string) =>
      resources.names(kind).map((name) => String(resources.one(kind, name)[key]).length);
    assert.ok(Math.max(...lengths("lb/loadBalancer", "name")) <= 32);
    assert.equal(
      new Set(resources.names("lb/loadBalancer").map((name) => resources.one("lb/loadBalancer", name).name)).size,
      4,
    );
    assert.ok(Math.max(...lengths("s3/bucket", "bucket")) <= 63);
    const untaggable =
      /^sluice:|s3\/bucket[A-Z]|route53|certificateValidation|wafv2|clusterCapacityProviders|routeTableAssociation|ec2\/route:|rolePolicy/;
    for (const { type, name, inputs } of resources.all) {
      if (!untaggable.test(type)) assert.ok(inputs.tags, `${name} has no tags`);
    }
  });
});
