/** Findings of checkov that stand, each with the reason. */

export interface Reason {
  readonly check: string;
  /** Matches Terraform's address, such as `aws_lb.cluster-balancer`. */
  readonly resource: RegExp;
  readonly reason: string;
}

const redirect = "port 80 only sends users to HTTPS: without it a bare name typed into a browser would find nobody";
const unknownSource =
  "the rule lets in one security group; checkov 3.3.30 knows the older argument for that (source_security_group_id), not " +
  "referenced_security_group_id, and takes the rule for an open one";

export const reasons: readonly Reason[] = [
  {
    check: "CKV_AWS_24",
    resource: /^aws_vpc_security_group_ingress_rule\.api-ingress$/,
    reason: unknownSource,
  },
  {
    check: "CKV_AWS_25",
    resource: /^aws_vpc_security_group_ingress_rule\.api-ingress$/,
    reason: unknownSource,
  },
  {
    check: "CKV_AWS_260",
    resource: /^aws_vpc_security_group_ingress_rule\.api-ingress$/,
    reason: unknownSource,
  },
  {
    check: "CKV_AWS_260",
    resource: /^aws_vpc_security_group_ingress_rule\.cluster-balancer-ingress-80$/,
    reason: redirect,
  },
  {
    check: "CKV_AWS_91",
    resource: /^aws_lb\.cluster-balancer$/,
    reason: "the balancer has no access logs yet",
  },
  {
    check: "CKV_AWS_136",
    resource: /^aws_ecr_repository\./,
    reason:
      "images are encrypted with AES256; a key of one's own (`registry.repositories.<name>.encryption`) costs money each month " +
      "and must let every account in that pulls",
  },
  {
    check: "CKV_AWS_158",
    resource: /^aws_cloudwatch_log_group\./,
    reason:
      "CloudWatch Logs encrypts every group with its own key; one of one's own is taken where it is named " +
      "(`services.<name>.logs.kmsKey`; flow logs take none)",
  },
  {
    check: "CKV_AWS_338",
    resource: /^aws_cloudwatch_log_group\.network-flow-logs-group$/,
    reason:
      "flow logs serve the search for faults and attacks of the last weeks: 90 days, or `network.flowLogs.retentionDays`",
  },
  {
    check: "CKV_AWS_355",
    resource: /^aws_iam_role_policy\.github-deploy-/,
    reason: "AWS knows no resource for ec2:Describe* and elasticloadbalancing:Describe*",
  },
  {
    check: "CKV_AWS_378",
    resource: /^aws_lb_target_group\./,
    reason:
      "TLS ends at the balancer; from there requests go to tasks that take connections from the balancer's security group alone",
  },
  {
    check: "CKV2_AWS_28",
    resource: /^aws_lb\.cluster-balancer$/,
    reason: "a web ACL costs money each month and knows the application: it is named where there is one",
  },
];
