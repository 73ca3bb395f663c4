import assert from "node:assert/strict";
import fc from "fast-check";
import { contains, overlaps, parseCidr } from "../../../sandbox/cloud/cidr.ts";
import { checkLifecyclePolicy } from "../../../sandbox/cloud/ecr-lifecycle.ts";
import { checkPolicyDocument, checkTrustPolicy } from "../../../sandbox/cloud/iam-documents.ts";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { inRegion } from "../../../sandbox/cloud/region.ts";
import { bareCloud } from "./harness.ts";

const RULESET = { name: "main", target: "branch", enforcement: "active", bypass_actors: [], rules: [] };
const ISSUER = "token.actions.githubusercontent.com";

function trust(condition: object): string {
  const Principal = { Federated: `arn:aws:iam::000000000000:oidc-provider/${ISSUER}` };
  const statement = { Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity", Principal, Condition: condition };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

const EXACT = trust({ StringEquals: { [`${ISSUER}:sub`]: "repo:acme/shop:ref:refs/heads/main" } });

describe("blocks of addresses", () => {
  it("reads what is a block, and nothing else", () => {
    assert.deepEqual(parseCidr("10.1.0.0/16"), { first: 10 * 2 ** 24 + 2 ** 16, prefix: 16 });
    for (const bad of ["10.0.0.1/16", "10.0.0.0", "256.0.0.0/8", "10.0.0.0/33", "::/0", "10.0.0.0/16 "]) {
      assert.equal(parseCidr(bad), undefined, bad);
    }
  });

  it("finds an overlap exactly when an address is in both", () => {
    const block = fc.tuple(fc.nat(2 ** 16 - 1), fc.integer({ min: 24, max: 32 })).map(([n, prefix]) => {
      const size = 2 ** (32 - prefix);
      return { first: Math.floor(n / size) * size, prefix };
    });
    const addresses = ({ first, prefix }: { first: number; prefix: number }) =>
      Array.from({ length: 2 ** (32 - prefix) }, (_, i) => first + i);
    fc.assert(
      fc.property(block, block, (a, b) => {
        const inB = new Set(addresses(b));
        const shared = addresses(a).filter((one) => inB.has(one));
        assert.equal(overlaps(a, b), shared.length > 0);
        assert.equal(contains(b, a), shared.length === addresses(a).length);
      }),
    );
  });
});

describe("policy documents", () => {
  it("wants GitHub's subject tested, and by more than a wildcard", () => {
    assert.equal(checkTrustPolicy(EXACT), undefined);
    assert.match(checkTrustPolicy(trust({ StringEquals: { [`${ISSUER}:aud`]: "sts.amazonaws.com" } })) ?? "", /:sub/);
    assert.match(checkTrustPolicy(trust({ StringLike: { [`${ISSUER}:sub`]: "*" } })) ?? "", /wildcard/);
    assert.match(
      checkTrustPolicy(trust({ StringLike: { [`${ISSUER}:sub`]: ["repo:acme/*", "*"] } })) ?? "",
      /wildcard/,
    );
  });

  it("refuses what IAM refuses", () => {
    assert.equal(checkPolicyDocument('{"Statement":{"Effect":"Allow","Action":"ecr:*","Resource":"*"}}'), undefined);
    assert.match(checkPolicyDocument('{"Statement":[{"Effect":"Allow","Action":"ecr:*"}]}') ?? "", /resources/);
    assert.match(checkPolicyDocument('{"Statement":[{"Effect":"Allow","Resource":"*"}]}') ?? "", /actions/);
    assert.match(checkPolicyDocument("nonsense") ?? "", /Json/);
    assert.match(checkTrustPolicy('{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}') ?? "", /Principal/);
  });

  it("reads lifecycle policies", () => {
    const rule = (selection: object, rulePriority = 1) => ({ rulePriority, selection, action: { type: "expire" } });
    const untagged = { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 };
    const any = { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 5 };
    const check = (...rules: object[]) => checkLifecyclePolicy(JSON.stringify({ rules }));
    assert.deepEqual(check(rule(untagged), rule(any, 2)), []);
    assert.match(check().join(), /at least one rule/);
    assert.match(check(rule(untagged), rule(untagged)).join(), /unique/);
    assert.match(check(rule({ ...untagged, tagStatus: "tagged" })).join(), /tagPrefixList and tagPatternList/);
    assert.match(check(rule({ ...untagged, countUnit: undefined })).join(), /countUnit/);
    assert.match(check(rule(any, 1), rule(untagged, 2)).join(), /highest rulePriority/);
  });
});

describe("cloud", () => {
  let cloud: Cloud;
  let dispose: () => void;
  beforeEach(() => {
    ({ cloud, dispose } = bareCloud());
  });
  afterEach(() => dispose());

  it("names things in the region of the request", async () => {
    const input = { logGroupName: "/a" };
    await inRegion("ap-southeast-2", () => cloud.logs.createLogGroup(input));
    assert.match((await cloud.logs.describeLogGroups()).logGroups[0]?.arn ?? "", /^arn:aws:logs:ap-southeast-2:/);
  });

  const collisions: [string, string, () => Promise<unknown>][] = [
    ["roles", "EntityAlreadyExists", () => cloud.iam.createRole({ RoleName: "r", AssumeRolePolicyDocument: EXACT })],
    [
      "OIDC providers",
      "EntityAlreadyExists",
      () => cloud.iam.createOpenIDConnectProvider({ Url: `https://${ISSUER}` }),
    ],
    [
      "repositories",
      "RepositoryAlreadyExistsException",
      () => cloud.ecr.createRepository({ repositoryName: "team/api" }),
    ],
    ["log groups", "ResourceAlreadyExistsException", () => cloud.logs.createLogGroup({ logGroupName: "/a" })],
    ["rulesets", "422", () => cloud.github.createRuleset({ repository: "acme/shop", ...RULESET })],
  ];
  for (const [what, code, create] of collisions) {
    it(`lets no two ${what} have one name`, async () => {
      await create();
      await assert.rejects(create(), { code });
    });
  }

  it("deletes no role that policies hang on", async () => {
    await cloud.iam.createRole({ RoleName: "r", AssumeRolePolicyDocument: EXACT });
    await cloud.iam.attachRolePolicy({ RoleName: "r", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" });
    await assert.rejects(cloud.iam.deleteRole({ RoleName: "r" }), { code: "DeleteConflict", httpStatus: 409 });
    await cloud.iam.detachRolePolicy({ RoleName: "r", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" });
    await cloud.iam.deleteRole({ RoleName: "r" });
    await assert.rejects(cloud.iam.getRole({ RoleName: "r" }), { code: "NoSuchEntity", httpStatus: 404 });
  });

  it("keeps a network consistent", async () => {
    const { ec2 } = cloud;
    const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
    const { VpcId } = Vpc;
    await assert.rejects(ec2.createSubnet({ VpcId, CidrBlock: "10.1.0.0/24" }), { code: "InvalidSubnet.Range" });
    const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: "10.0.0.0/24" });
    await assert.rejects(ec2.createSubnet({ VpcId, CidrBlock: "10.0.0.128/25" }), { code: "InvalidSubnet.Conflict" });
    await assert.rejects(ec2.createSubnet({ VpcId, CidrBlock: "10.0.1.0/24", AvailabilityZone: "us-east-1a" }), {
      code: "InvalidParameterValue",
    });
    await assert.rejects(ec2.deleteVpc({ VpcId }), { code: "DependencyViolation" });
    await ec2.deleteSubnet({ SubnetId: Subnet.SubnetId });
    await ec2.deleteVpc({ VpcId });
    assert.deepEqual((await ec2.describeVpcs()).Vpcs, []);
    assert.deepEqual((await ec2.describeRouteTables()).RouteTables, []);
  });

  it("lets one address serve one gateway, and frees it with that", async () => {
    const { ec2 } = cloud;
    const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
    const { Subnet } = await ec2.createSubnet({ VpcId: Vpc.VpcId, CidrBlock: "10.0.0.0/24" });
    const { AllocationId } = await ec2.allocateAddress();
    const { NatGateway } = await ec2.createNatGateway({ SubnetId: Subnet.SubnetId, AllocationId });
    await assert.rejects(ec2.createNatGateway({ SubnetId: Subnet.SubnetId, AllocationId }), {
      code: "Resource.AlreadyAssociated",
    });
    await assert.rejects(ec2.releaseAddress({ AllocationId }), { code: "InvalidIPAddress.InUse" });
    await ec2.deleteNatGateway({ NatGatewayId: NatGateway.NatGatewayId });
    await ec2.releaseAddress({ AllocationId });
  });

  it("takes no rule twice, and no wrong one", async () => {
    const { ec2 } = cloud;
    const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
    const { GroupId } = await ec2.createSecurityGroup({ GroupName: "g", VpcId: Vpc.VpcId });
    const rule = { IpProtocol: "tcp", FromPort: 80, ToPort: 80, CidrIpv4: "0.0.0.0/0" };
    const add = (one: Parameters<typeof ec2.authorizeSecurityGroupIngress>[0]["IpPermissions"][0]) =>
      ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [one] });
    await add(rule);
    await assert.rejects(add(rule), { code: "InvalidPermission.Duplicate" });
    await assert.rejects(add({ ...rule, ToPort: 79 }), { code: "InvalidParameterValue" });
    await assert.rejects(add({ ...rule, ReferencedGroupId: GroupId }), { code: "InvalidParameterCombination" });
    await assert.rejects(add({ IpProtocol: "-1", ReferencedGroupId: "sg-0" }), { code: "InvalidGroup.NotFound" });
  });

  it("allows deployment policies where the environment has custom ones only", async () => {
    const place = { repository: "acme/shop", environment: "prod" };
    await cloud.github.putEnvironment(place);
    const wanted = { ...place, name: "main", type: "branch" as const };
    await assert.rejects(cloud.github.createDeploymentPolicy(wanted), { code: "404" });
    await cloud.github.putEnvironment({
      ...place,
      deployment_branch_policy: { custom_branch_policies: true, protected_branches: false },
    });
    const { id } = await cloud.github.createDeploymentPolicy(wanted);
    await cloud.github.deleteEnvironment(place);
    await assert.rejects(cloud.github.getDeploymentPolicy({ ...place, id }), { code: "404" });
  });

  it("refuses repository names and exclusion filters that ECR refuses", async () => {
    for (const repositoryName of ["a", "Api", "-api", "api-", "a//b", "x".repeat(257)]) {
      await assert.rejects(
        cloud.ecr.createRepository({ repositoryName }),
        { code: "InvalidParameterException" },
        repositoryName,
      );
    }
    const filter = (text: string) => [{ filter: text, filterType: "WILDCARD" as const }];
    const create = (imageTagMutability: "IMMUTABLE" | "IMMUTABLE_WITH_EXCLUSION", text?: string) =>
      cloud.ecr.createRepository({
        repositoryName: "api",
        imageTagMutability,
        imageTagMutabilityExclusionFilters: text ? filter(text) : undefined,
      });
    await assert.rejects(create("IMMUTABLE", "pr-*"), { code: "InvalidParameterException" });
    await assert.rejects(create("IMMUTABLE_WITH_EXCLUSION"), { code: "InvalidParameterException" });
    await assert.rejects(create("IMMUTABLE_WITH_EXCLUSION", "*-*-*"), { code: "InvalidParameterException" });
    await create("IMMUTABLE_WITH_EXCLUSION", "pr-*");
  });
});

describe("scaling limits", () => {
  it("move a service's desired count between them, and nothing else", async () => {
    const { cloud, dispose } = bareCloud();
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      family: "api",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: [{ name: "api", image: `127.0.0.1:5000/api@sha256:${"0".repeat(64)}`, essential: true }],
    });
    const { Vpc } = await cloud.ec2.createVpc({ CidrBlock: "10.0.0.0/16" });
    const { Subnet } = await cloud.ec2.createSubnet({ VpcId: Vpc.VpcId, CidrBlock: "10.0.0.0/24" });
    const arn = taskDefinition?.taskDefinitionArn;
    await cloud.ecs.createCluster({ clusterName: "c" });
    const awsvpcConfiguration = { subnets: [Subnet.SubnetId] };
    const service = {
      cluster: "c",
      serviceName: "s",
      taskDefinition: arn,
      desiredCount: 2,
      launchType: "FARGATE" as const,
    };
    await cloud.ecs.createService({ ...service, networkConfiguration: { awsvpcConfiguration } });
    const key = { ServiceNamespace: "ecs", ResourceId: "service/c/s", ScalableDimension: "ecs:service:DesiredCount" };
    const desired = async () =>
      (await cloud.ecs.describeServices({ cluster: "c", services: ["s"] })).services?.[0]?.desiredCount;
    const limit = (MinCapacity: number, MaxCapacity: number, more = {}) =>
      cloud.autoscaling.registerScalableTarget({ ...key, MinCapacity, MaxCapacity, ...more });
    await limit(1, 5);
    assert.equal(await desired(), 2);
    await limit(4, 5);
    assert.equal(await desired(), 4);
    await limit(1, 3);
    assert.equal(await desired(), 3);
    await limit(5, 9, { SuspendedState: { DynamicScalingOutSuspended: true } });
    assert.equal(await desired(), 3);
    await assert.rejects(limit(5, 4), { code: "ValidationException" });
    const elsewhere = cloud.autoscaling.registerScalableTarget({
      ...key,
      ResourceId: "service/c/none",
      MinCapacity: 1,
      MaxCapacity: 2,
    });
    await assert.rejects(elsewhere, { code: "ValidationException" });
    await cloud.autoscaling.putScalingPolicy({ ...key, PolicyName: "p", PolicyType: "TargetTrackingScaling" });
    await cloud.autoscaling.deregisterScalableTarget(key);
    assert.deepEqual((await cloud.autoscaling.describeScalingPolicies({})).ScalingPolicies, []);
    dispose();
  });
});
