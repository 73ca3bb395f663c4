/** What a deployment may change of what users reach first: balancers, certificates, records, logs of access. */
import { nameLimits } from "../names.ts";
import { allow, becomesOwn, isOwn, type PolicyStatement, type RoleScope, regionalArn, tagged } from "./document.ts";
import { balancerNames, namePrefix, shortlyNamed } from "./names.ts";

export function balancingPolicy(scope: RoleScope): PolicyStatement[] {
  const elb = (action: string) => `elasticloadbalancing:${action}`;
  const arn = (resource: string) => regionalArn(scope, "elasticloadbalancing", resource);
  const balancer = shortlyNamed(scope);
  const balancers = arn(`loadbalancer/app/${balancer}`);
  const groups = arn(`targetgroup/${shortlyNamed(scope)}`);
  const listeners = arn(`listener/app/${balancer}`);
  const rules = arn(`listener-rule/app/${balancer}`);
  const all = [balancers, groups, listeners, rules];
  return [
    allow(["CreateLoadBalancer", "CreateTargetGroup"].map(elb), [balancers, groups], becomesOwn(scope)),
    // Listeners and rules are judged on the balancer and the listener that they are made on.
    allow(["CreateListener", "CreateRule"].map(elb), [balancers, listeners], {
      StringEquals: { ...tagged("ResourceTag", scope), ...tagged("RequestTag", scope) },
    }),
    allow([elb("AddTags")], all, {
      StringEquals: {
        ...tagged("RequestTag", scope),
        "elasticloadbalancing:CreateAction": [
          "CreateLoadBalancer",
          "CreateTargetGroup",
          "CreateListener",
          "CreateRule",
        ],
      },
    }),
    allow(
      [
        "AddTags",
        "DeleteListener",
        "DeleteLoadBalancer",
        "DeleteRule",
        "DeleteTargetGroup",
        "ModifyListener",
        "ModifyListenerAttributes",
        "ModifyLoadBalancerAttributes",
        "ModifyRule",
        "ModifyTargetGroup",
        "ModifyTargetGroupAttributes",
        "RemoveTags",
        "SetRulePriorities",
        "SetSecurityGroups",
        "SetSubnets",
      ].map(elb),
      all,
      isOwn(scope),
    ),
  ];
}

/** Names of others' making that an environment's stack was told of. */
export interface EdgeGrants {
  /** A hosted zone of Route 53, and the host names in it that are the environment's. */
  zone?: { id: string; names: readonly string[] } | undefined;
  /** ARN of a web ACL. */
  webAcl?: string | undefined;
}

/** Certificates that the stack requests, its records in a zone, a web ACL before its balancers, and their access logs. */
export function edgePolicy(scope: RoleScope, { zone, webAcl }: EdgeGrants): PolicyStatement[] {
  return [
    ...certificates(scope),
    accessLogs(scope),
    ...(zone === undefined ? [] : records(scope, zone)),
    ...(webAcl === undefined ? [] : firewall(scope, webAcl)),
  ];
}

function certificates(scope: RoleScope): PolicyStatement[] {
  const all = [regionalArn(scope, "acm", "certificate/*")];
  return [
    // A certificate has no ARN before it is requested.
    allow(["acm:RequestCertificate"], ["*"], { StringEquals: tagged("RequestTag", scope) }),
    allow(["acm:AddTagsToCertificate"], all, becomesOwn(scope)),
    allow(
      [
        "acm:AddTagsToCertificate",
        "acm:DeleteCertificate",
        "acm:DescribeCertificate",
        "acm:ListTagsForCertificate",
        "acm:RemoveTagsFromCertificate",
      ],
      all,
      isOwn(scope),
    ),
  ];
}

/** Buckets are named in lower case, for the account and the whole world. */
function accessLogs({ project, stack, partition }: RoleScope): PolicyStatement {
  const prefix = namePrefix(nameLimits.bucket, project, `${stack}-access-logs`)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-");
  return allow(
    [
      "s3:CreateBucket",
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
      "s3:GetAccelerateConfiguration",
      "s3:GetBucket*",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket",
      "s3:ListBucketVersions",
      "s3:ListTagsForResource",
      "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
      "s3:TagResource",
      "s3:UntagResource",
    ],
    [`arn:${partition}:s3:::${prefix}-*`],
  );
}

/** Of a zone that several environments share, only the environment's own names and the proofs below them. */
function records({ partition }: RoleScope, { id, names }: { id: string; names: readonly string[] }): PolicyStatement[] {
  const key = "route53:ChangeResourceRecordSetsNormalizedRecordNames";
  const zone = `arn:${partition}:route53:::hostedzone/${id}`;
  return [
    allow(["route53:ChangeResourceRecordSets"], [zone], {
      "ForAllValues:StringLike": { [key]: names.flatMap((name) => [name, `_*.${name}`]) },
      Null: { [key]: "false" },
    }),
    allow(["route53:GetHostedZone", "route53:ListResourceRecordSets"], [zone]),
    allow(["route53:GetChange"], [`arn:${partition}:route53:::change/*`]),
  ];
}

function firewall(scope: RoleScope, webAcl: string): PolicyStatement[] {
  // WAF is told no tags of balancers: each name in full.
  const balancers = balancerNames(scope).map((name) =>
    regionalArn(scope, "elasticloadbalancing", `loadbalancer/app/${name}/*`),
  );
  return [
    allow(["wafv2:AssociateWebACL", "wafv2:GetWebACL"], [webAcl]),
    allow(["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "wafv2:GetWebACLForResource"], balancers),
    // Asked beside the association itself, which is judged by balancer and web ACL; AWS knows no resource for it.
    allow(["elasticloadbalancing:SetWebAcl"], ["*"]),
  ];
}
