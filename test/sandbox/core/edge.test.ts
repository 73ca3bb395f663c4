import assert from "node:assert/strict";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import type { Properties } from "../../../sandbox/providers/resource-type.ts";
import { bareCloud, Engine, serve, urnOf } from "./harness.ts";

const CERTIFICATE = "aws:acm/certificate:Certificate";
const VALIDATION = "aws:acm/certificateValidation:CertificateValidation";
const RECORD = "aws:route53/record:Record";
const BUCKET = "aws:s3/bucket:Bucket";
const POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation";
const CLUSTER = "aws:ecs/cluster:Cluster";
const PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";

describe("certificates, records, buckets, firewalls and capacity providers", () => {
  const { cloud, dispose } = bareCloud();
  let engine: Engine;
  let stop: () => Promise<void>;

  before(async () => {
    const server = await serve(cloud, awsProvider("0"));
    stop = () => server.close();
    engine = await new Engine(server.port).configure({ region: "eu-west-1" });
  });
  after(async () => {
    engine.close();
    await stop();
    dispose();
  });

  const make = async (type: string, name: string, inputs: Properties) => {
    const checked = await engine.check(urnOf(type, name), inputs);
    if (checked.failures.length > 0) throw new Error(checked.failures.join("; "));
    return { inputs: checked.inputs, ...(await engine.create(urnOf(type, name), checked.inputs)) };
  };
  const balancer = (name: string, more: Properties = {}) =>
    make(BALANCER, name, { name, subnets: ["subnet-1", "subnet-2"], ...more });
  const proofOf = (state: Properties) =>
    (state.domainValidationOptions as { resourceRecordName: string; resourceRecordValue: string }[]).map((one) => ({
      zoneId: "Z0123456789",
      name: one.resourceRecordName,
      type: "CNAME",
      ttl: 60,
      records: [one.resourceRecordValue],
    }));

  it("issues a certificate once its records are there, and lets no listener use it before", async () => {
    const { id, state } = await make(CERTIFICATE, "site", {
      domainName: "example.com",
      subjectAlternativeNames: ["*.example.com"],
      validationMethod: "DNS",
    });
    assert.equal(state.status, "PENDING_VALIDATION");
    const proofs = proofOf(state);
    assert.deepEqual(proofs[0], proofs[1], "a name and its wildcard are proven by one record");
    const { id: loadBalancerArn } = await balancer("tls");
    const listener = {
      loadBalancerArn,
      port: 443,
      protocol: "HTTPS",
      certificateArn: id,
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
      defaultActions: [{ type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404" } }],
    };
    await assert.rejects(make(LISTENER, "early", listener), /UnsupportedCertificate|must have a fully-qualified/);
    const proof = await make(RECORD, "proof", proofs[0] as Properties);
    await assert.rejects(make(RECORD, "again", proofs[0] as Properties), /already exists/);
    await make(RECORD, "over", { ...proofs[0], allowOverwrite: true });
    await make(VALIDATION, "site", { certificateArn: id, validationRecordFqdns: [proof.state.fqdn] });
    await make(LISTENER, "tls", listener);
    await assert.rejects(engine.delete(urnOf(CERTIFICATE, "site"), id, state), /in use/);
    const wrong = { ...listener, port: 444, sslPolicy: "ELBSecurityPolicy-TLS13-1-9" };
    await assert.rejects(make(LISTENER, "wrong", wrong), /SSL policy .* not found/);
  });

  it("refuses names that ACM refuses", async () => {
    const request = (domainName: string, more: string[] = []) =>
      make(CERTIFICATE, "refused", { domainName, subjectAlternativeNames: more, validationMethod: "DNS" });
    await assert.rejects(request("localhost"), /no valid domain name/);
    await assert.rejects(request(`${"a".repeat(63)}.example.com`), /no valid domain name/);
    const many = Array.from({ length: 10 }, (_, index) => `n${index}.example.com`);
    await assert.rejects(request("example.com", many), /Too many/);
  });

  it("keeps aliases apart from records with values, and CNAME apart from everything", async () => {
    const alias = { name: "balancer.test", zoneId: "Z1", evaluateTargetHealth: true };
    const record = { zoneId: "ZALIAS", name: "www.example.com", type: "A" };
    await assert.rejects(
      make(RECORD, "both", { ...record, aliases: [alias], records: ["1.2.3.4"], ttl: 1 }),
      /aliases/,
    );
    await assert.rejects(make(RECORD, "none", record), /exactly one/);
    const { id, state } = await make(RECORD, "alias", { ...record, aliases: [alias] });
    assert.deepEqual((await engine.read(urnOf(RECORD, "alias"), id, state)).state.aliases, [alias]);
    await assert.rejects(make(RECORD, "cname", { ...record, type: "CNAME", ttl: 1, records: ["x.test"] }), /conflicts/);
    await engine.delete(urnOf(RECORD, "alias"), id, state);
    assert.equal((await engine.read(urnOf(RECORD, "alias"), id, state)).id, "");
  });

  it("names buckets as S3 does, and keeps their settings beside them", async () => {
    for (const bucket of ["Logs", "a_b", "192.168.0.1", "xn--logs", "logs-s3alias"]) {
      await assert.rejects(make(BUCKET, "refused", { bucket }), /not valid/, bucket);
    }
    await make(BUCKET, "kept", { bucket: "kept-logs" });
    await assert.rejects(make(BUCKET, "twice", { bucket: "kept-logs" }), /already own it/);
    const rules = [{ id: "expire", status: "Enabled", filter: {}, expiration: { days: 90 } }];
    const { id, state } = await make(LIFECYCLE, "kept", { bucket: "kept-logs", rules });
    assert.deepEqual((await engine.read(urnOf(LIFECYCLE, "kept"), id, state)).state.rules, rules);
    const moved = await engine.diff(urnOf(LIFECYCLE, "kept"), state, { bucket: "other", rules });
    assert.deepEqual(moved.replaces, ["bucket"]);
    const foreign = JSON.stringify({ Statement: [{ Principal: "*", Resource: "arn:aws:s3:::other/*" }] });
    await assert.rejects(make(POLICY, "foreign", { bucket: "kept-logs", policy: foreign }), /invalid resource/);
  });

  it("writes access logs only where the bucket's policy lets it", async () => {
    await make(BUCKET, "access", { bucket: "access-logs" });
    const accessLogs = { bucket: "access-logs", enabled: true };
    await assert.rejects(balancer("denied", { accessLogs }), /Access Denied for bucket/);
    const policy = JSON.stringify({
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::access-logs/AWSLogs/000000000000/*",
        },
      ],
    });
    await make(POLICY, "access", { bucket: "access-logs", policy });
    await balancer("allowed", { accessLogs });
    await balancer("elsewhere", { accessLogs: { bucket: "somebody-elses", enabled: true } });
  });

  it("puts a web ACL of the same region before a balancer", async () => {
    const { id: resourceArn } = await balancer("guarded");
    const acl = (region: string) => `arn:aws:wafv2:${region}:123456789012:regional/webacl/edge/0a`;
    await assert.rejects(make(ASSOCIATION, "far", { resourceArn, webAclArn: acl("us-east-1") }), /Region/);
    await assert.rejects(make(ASSOCIATION, "none", { resourceArn: "arn:x", webAclArn: acl("eu-west-1") }), /no such/);
    const { id, state } = await make(ASSOCIATION, "guarded", { resourceArn, webAclArn: acl("eu-west-1") });
    assert.equal((await engine.read(urnOf(ASSOCIATION, "guarded"), id, state)).id, id);
    await engine.delete(urnOf(ASSOCIATION, "guarded"), id, state);
    assert.equal((await engine.read(urnOf(ASSOCIATION, "guarded"), id, state)).id, "");
  });

  it("gives a cluster Fargate's capacity, and a strategy over it", async () => {
    await make(CLUSTER, "capacity", { name: "capacity" });
    const inputs = {
      clusterName: "capacity",
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      defaultCapacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1, base: 0 }],
    };
    const { id, state } = await make(PROVIDERS, "capacity", inputs);
    const read = await engine.read(urnOf(PROVIDERS, "capacity"), id, state);
    assert.deepEqual(read.state.capacityProviders, inputs.capacityProviders);
    assert.deepEqual(read.state.defaultCapacityProviderStrategies, inputs.defaultCapacityProviderStrategies);
    await assert.rejects(make(PROVIDERS, "made-up", { ...inputs, capacityProviders: ["EC2"] }), /not found/);
    const unlisted = { ...inputs, capacityProviders: ["FARGATE_SPOT"] };
    await assert.rejects(make(PROVIDERS, "unlisted", unlisted), /not associated/);
  });
});
