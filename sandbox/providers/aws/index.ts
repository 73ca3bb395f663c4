import { DEFAULT_REGION } from "../../cloud/index.ts";
import type { CheckProblem, Invoke, Properties, ResourceType } from "../resource-type.ts";
import type { Provider } from "../server.ts";
import { structured } from "../structured.ts";
import type { TagMap } from "../tagging.ts";
import { metricAlarm } from "./alarms.ts";
import { policy, target } from "./appautoscaling.ts";
import { certificate, certificateValidation } from "./certificates.ts";
import { logGroup } from "./cloudwatch.ts";
import { dashboard } from "./dashboard.ts";
import { lifecyclePolicy, repository, repositoryPolicy } from "./ecr.ts";
import * as ecs from "./ecs.ts";
import { openIdConnectProvider, role, rolePolicy, rolePolicyAttachment } from "./iam.ts";
import { policy as iamPolicy } from "./iam-policy.ts";
import { invokes } from "./invokes.ts";
import * as lb from "./lb.ts";
import { eip, internetGateway, natGateway, subnet, vpc } from "./network.ts";
import { defaultSecurityGroup, flowLog, vpcEndpoint } from "./network-endpoints.ts";
import { regional } from "./regional.ts";
import { record } from "./route53.ts";
import { route, routeTable, routeTableAssociation } from "./routing.ts";
import * as s3 from "./s3.ts";
import { securityGroup, securityGroupEgressRule, securityGroupIngressRule } from "./security.ts";
import { topic, topicPolicy, topicSubscription } from "./sns.ts";
import { webAclAssociation } from "./wafv2.ts";

/** Types that are not about services and balancers. */
export const types: Record<string, ResourceType> = {
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": openIdConnectProvider,
  "aws:iam/policy:Policy": iamPolicy,
  "aws:iam/role:Role": role,
  "aws:iam/rolePolicy:RolePolicy": rolePolicy,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": rolePolicyAttachment,
  "aws:ec2/vpc:Vpc": regional(vpc),
  "aws:ec2/subnet:Subnet": regional(subnet),
  "aws:ec2/internetGateway:InternetGateway": regional(internetGateway),
  "aws:ec2/eip:Eip": regional(eip),
  "aws:ec2/natGateway:NatGateway": regional(natGateway),
  "aws:ec2/routeTable:RouteTable": regional(routeTable),
  "aws:ec2/route:Route": regional(route),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": regional(routeTableAssociation),
  "aws:ec2/securityGroup:SecurityGroup": regional(securityGroup),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": regional(defaultSecurityGroup),
  "aws:ec2/flowLog:FlowLog": regional(flowLog),
  "aws:ec2/vpcEndpoint:VpcEndpoint": regional(vpcEndpoint),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": regional(securityGroupIngressRule),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": regional(securityGroupEgressRule),
  "aws:acm/certificate:Certificate": regional(certificate),
  "aws:acm/certificateValidation:CertificateValidation": regional(certificateValidation),
  "aws:route53/record:Record": record,
  "aws:s3/bucket:Bucket": regional(s3.bucket),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": regional(s3.bucketPublicAccessBlock),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": regional(
    s3.bucketServerSideEncryptionConfiguration,
  ),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": regional(s3.bucketLifecycleConfiguration),
  "aws:s3/bucketPolicy:BucketPolicy": regional(s3.bucketPolicy),
  "aws:wafv2/webAclAssociation:WebAclAssociation": regional(webAclAssociation),
  "aws:cloudwatch/logGroup:LogGroup": regional(logGroup),
  "aws:cloudwatch/metricAlarm:MetricAlarm": regional(metricAlarm),
  "aws:cloudwatch/dashboard:Dashboard": regional(dashboard),
  "aws:sns/topic:Topic": regional(topic),
  "aws:sns/topicPolicy:TopicPolicy": regional(topicPolicy),
  "aws:sns/topicSubscription:TopicSubscription": regional(topicSubscription),
  "aws:appautoscaling/target:Target": regional(target),
  "aws:appautoscaling/policy:Policy": regional(policy),
  "aws:ecr/repository:Repository": regional(repository),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": regional(lifecyclePolicy),
  "aws:ecr/repositoryPolicy:RepositoryPolicy": regional(repositoryPolicy),
};

/** Arguments of the provider that the sandbox reads, and those that it takes without looking. */
const READ = new Set(["region", "defaultTags"]);
const TAKEN = new Set(
  `accessKey allowedAccountIds assumeRoleWithWebIdentity assumeRoles customCaBundle endpoints forbiddenAccountIds
  httpProxy httpsProxy ignoreTags insecure maxRetries noProxy profile retryMode secretKey sharedConfigFiles
  sharedCredentialsFiles skipCredentialsValidation skipMetadataApiCheck skipRegionValidation skipRequestingAccountId
  stsRegion tagPolicyCompliance token tokenBucketRateLimiterCapacity useDualstackEndpoint useFipsEndpoint userAgents
  version pluginDownloadURL`.split(/\s+/),
);

/**
 * The provider `aws`.
 *
 * @param more types and functions of services and balancers
 */
export function awsProvider(
  version: string,
  more: { types: Record<string, ResourceType>; invokes: Record<string, Invoke> } = {
    types: { ...lb.types, ...ecs.types },
    invokes: { ...lb.invokes, ...ecs.invokes },
  },
): Provider {
  return {
    name: "aws",
    version,
    types: { ...types, ...more.types },
    invokes: { ...invokes, ...more.invokes },
    configure,
  };
}

function configure(args: Properties) {
  const problems: CheckProblem[] = Object.keys(args)
    .filter((key) => !READ.has(key) && !TAKEN.has(key) && !key.startsWith("__"))
    .map((property) => ({ property, reason: "the provider has no such argument" }));
  const region = (args.region as string | undefined) ?? DEFAULT_REGION;
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) problems.push({ property: "region", reason: `no region: "${region}"` });
  const { tags = {} } = structured(args.defaultTags) as { tags?: TagMap };
  return { config: { region, defaultTags: tags, settings: {} }, problems };
}
