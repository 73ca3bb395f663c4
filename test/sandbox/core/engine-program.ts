/** A program with every type that needs neither service nor balancer. Written into a folder of its own by the test. */
export const PROGRAM = `
import * as aws from "@pulumi/aws";
import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const config = new pulumi.Config();
const provider = new aws.Provider("aws", { region: "eu-central-1", defaultTags: { tags: { owner: "team" } } });
const opts = { provider };
const secret = new random.RandomPassword("secret", { length: 24, special: false });
const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" }, opts);
const zones = aws.getAvailabilityZonesOutput({ state: "available" }, opts);
const gateway = new aws.ec2.InternetGateway("gateway", { vpcId: vpc.id }, opts);
const table = new aws.ec2.RouteTable("public", { vpcId: vpc.id }, opts);
new aws.ec2.Route("out", { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id }, opts);
const subnets = [0, 1].map((i) => {
  const availabilityZone = zones.names[i];
  const subnet = new aws.ec2.Subnet("subnet" + i, { vpcId: vpc.id, cidrBlock: "10.0." + i + ".0/24", availabilityZone }, opts);
  new aws.ec2.RouteTableAssociation("route" + i, { routeTableId: table.id, subnetId: subnet.id }, opts);
  return subnet;
});
const eip = new aws.ec2.Eip("address", { domain: "vpc" }, opts);
new aws.ec2.NatGateway("nat", { subnetId: subnets[0].id, allocationId: eip.id }, opts);
const group = new aws.ec2.SecurityGroup("balancer", { vpcId: vpc.id }, opts);
const open = { securityGroupId: group.id, cidrIpv4: "0.0.0.0/0" };
new aws.vpc.SecurityGroupIngressRule("in", { ...open, ipProtocol: "tcp", fromPort: 80, toPort: 80 }, opts);
new aws.vpc.SecurityGroupEgressRule("out", { ...open, ipProtocol: "-1" }, opts);

const issuer = "token.actions.githubusercontent.com";
const oidc = new aws.iam.OpenIdConnectProvider("github", { url: "https://" + issuer, clientIdLists: ["sts.amazonaws.com"] }, opts);
const role = new aws.iam.Role("deployer", {
  name: config.get("roleName"),
  assumeRolePolicy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [{
      Effect: "Allow",
      Action: "sts:AssumeRoleWithWebIdentity",
      Principal: { Federated: oidc.arn },
      Condition: { StringEquals: { [issuer + ":sub"]: "repo:acme/shop:environment:prod", [issuer + ":aud"]: "sts.amazonaws.com" } },
    }],
  }),
}, opts);
const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" }] };
new aws.iam.RolePolicy("login", { role: role.id, policy: JSON.stringify(document) }, opts);
new aws.iam.RolePolicyAttachment("read", { role: role.name, policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }, opts);

const repository = new aws.ecr.Repository("api", {
  name: "team/api",
  imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
  imageTagMutabilityExclusionFilters: [{ filter: "pr-*", filterType: "WILDCARD" }],
  imageScanningConfiguration: { scanOnPush: true },
}, opts);
new aws.ecr.LifecyclePolicy("expiry", {
  repository: repository.name,
  policy: JSON.stringify({
    rules: [{
      rulePriority: 1,
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
      action: { type: "expire" },
    }],
  }),
}, opts);
new aws.cloudwatch.LogGroup("logs", { name: "/app", retentionInDays: config.getNumber("retention") ?? 14 }, opts);

const acme = { provider: new github.Provider("github", { owner: "acme" }) };
new github.RepositoryRuleset("main", {
  repository: "shop",
  target: "branch",
  enforcement: "active",
  conditions: { refName: { includes: ["~DEFAULT_BRANCH"], excludes: [] } },
  rules: { deletion: true, requiredStatusChecks: { requiredChecks: [{ context: "ci", integrationId: 15368 }] } },
}, acme);
const environment = new github.RepositoryEnvironment("prod", {
  repository: "shop",
  environment: "prod",
  reviewers: [{ users: [1] }],
  deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
}, acme);
new github.RepositoryEnvironmentDeploymentPolicy("prod", { repository: "shop", environment: environment.environment, branchPattern: "main" }, acme);

export const roleName = role.name;
export const password = secret.result;
export const account = aws.getCallerIdentityOutput({}, opts).accountId;
export const tags = repository.tagsAll;
`;
