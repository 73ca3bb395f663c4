/** Calls of what users reach first: see roles-calls.ts. */
import type { Request } from "./iam-evaluation.ts";
import { anywhere, making, on, type Place, retagged, within } from "./roles-call-parts.ts";
import type { Standing } from "./roles-stack.ts";

const elb = (...actions: string[]) => actions.map((action) => `elasticloadbalancing:${action}`);
const bucketOf = ({ self, find }: Place) => find(self.inputs.bucket);
const zoneOf = ({ inputs }: Standing): Standing => ({
  type: "",
  name: "",
  id: "",
  inputs: {},
  arn: `arn:aws:route53:::hostedzone/${inputs.zoneId}`,
});

export const edgeCalls: Readonly<Record<string, (place: Place) => Request[]>> = {
  "aws:lb/loadBalancer:LoadBalancer": ({ self }) => [
    making(self, "elasticloadbalancing:CreateLoadBalancer"),
    making(self, "elasticloadbalancing:AddTags", { "elasticloadbalancing:CreateAction": "CreateLoadBalancer" }),
    ...on(self, ...elb("ModifyLoadBalancerAttributes", "SetSecurityGroups", "SetSubnets", "DeleteLoadBalancer")),
    ...retagged(self, "elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"),
    ...anywhere(...elb("DescribeLoadBalancers", "DescribeLoadBalancerAttributes", "DescribeTags")),
  ],
  "aws:lb/targetGroup:TargetGroup": ({ self }) => [
    making(self, "elasticloadbalancing:CreateTargetGroup"),
    making(self, "elasticloadbalancing:AddTags", { "elasticloadbalancing:CreateAction": "CreateTargetGroup" }),
    ...on(self, ...elb("ModifyTargetGroup", "ModifyTargetGroupAttributes", "DeleteTargetGroup")),
    ...anywhere(...elb("DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTargetHealth")),
  ],
  "aws:lb/listener:Listener": ({ self, find }) => [
    within(find(self.inputs.loadBalancerArn), self, "elasticloadbalancing:CreateListener"),
    making(self, "elasticloadbalancing:AddTags", { "elasticloadbalancing:CreateAction": "CreateListener" }),
    ...on(self, ...elb("ModifyListener", "ModifyListenerAttributes", "DeleteListener")),
    ...anywhere(...elb("DescribeListeners", "DescribeListenerAttributes")),
  ],
  "aws:lb/listenerRule:ListenerRule": ({ self, find }) => [
    within(find(self.inputs.listenerArn), self, "elasticloadbalancing:CreateRule"),
    making(self, "elasticloadbalancing:AddTags", { "elasticloadbalancing:CreateAction": "CreateRule" }),
    ...on(self, ...elb("ModifyRule", "SetRulePriorities", "DeleteRule")),
    ...anywhere(...elb("DescribeRules")),
  ],
  "aws:s3/bucket:Bucket": ({ self }) => [
    making(self, "s3:CreateBucket"),
    ...on(self, "s3:ListBucket", "s3:GetBucketTagging", "s3:PutBucketTagging", "s3:DeleteBucket", "s3:GetBucketPolicy"),
    ...on(self, "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration"),
    ...on(self, "s3:GetAccelerateConfiguration", "s3:TagResource", "s3:UntagResource", "s3:ListTagsForResource"),
  ],
  "aws:s3/bucketPolicy:BucketPolicy": (place) =>
    on(bucketOf(place), "s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (place) =>
    on(bucketOf(place), "s3:PutBucketPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (place) =>
    on(bucketOf(place), "s3:PutEncryptionConfiguration", "s3:GetEncryptionConfiguration"),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (place) =>
    on(bucketOf(place), "s3:PutLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
  "aws:acm/certificate:Certificate": ({ self }) => [
    { ...making(self, "acm:RequestCertificate"), resource: "*" },
    making(self, "acm:AddTagsToCertificate"),
    ...on(self, "acm:DescribeCertificate", "acm:ListTagsForCertificate", "acm:DeleteCertificate"),
  ],
  "aws:acm/certificateValidation:CertificateValidation": ({ self, find }) =>
    on(find(self.inputs.certificateArn), "acm:DescribeCertificate"),
  "aws:route53/record:Record": ({ self }) => [
    {
      action: "route53:ChangeResourceRecordSets",
      resource: zoneOf(self).arn,
      context: { "route53:ChangeResourceRecordSetsNormalizedRecordNames": [String(self.inputs.name)] },
    },
    ...on(zoneOf(self), "route53:ListResourceRecordSets", "route53:GetHostedZone"),
    { action: "route53:GetChange", resource: "arn:aws:route53:::change/C0123" },
  ],
  "aws:wafv2/webAclAssociation:WebAclAssociation": ({ self, find }) => [
    { action: "wafv2:AssociateWebACL", resource: String(self.inputs.webAclArn) },
    ...on(
      find(self.inputs.resourceArn),
      "wafv2:AssociateWebACL",
      "wafv2:DisassociateWebACL",
      "wafv2:GetWebACLForResource",
    ),
    ...anywhere("elasticloadbalancing:SetWebAcl"),
  ],
};
