import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../environment.ts";

export interface TasksSecurityGroupArgs {
  environment: Environment;
  cluster: Cluster;
  service: string;
}

/**
 * The group of a service's tasks: they take connections from the balancer alone.
 *
 * @param name name of the service's component, whose children these are
 * @returns its id
 * @example
 * tasksSecurityGroup("api", { environment, cluster, service: "api" }, { parent: this })
 */
export function tasksSecurityGroup(
  name: string,
  { environment, cluster, service }: TasksSecurityGroupArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const groupName = environment.physicalName(255, service);
  const tags = environment.tags(groupName, "tasks");
  const group = new aws.ec2.SecurityGroup(
    `${name}-security-group`,
    { name: groupName, description: `Tasks of ${service}`, vpcId: cluster.vpcId, tags },
    opts,
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-ingress`,
    {
      securityGroupId: group.id,
      description: "The balancer",
      referencedSecurityGroupId: cluster.balancerSecurityGroupId,
      ipProtocol: "tcp",
      // Each colour keeps the port that it was deployed with.
      fromPort: 1,
      toPort: 65_535,
      tags,
    },
    opts,
  );
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-egress`,
    {
      securityGroupId: group.id,
      description: "Registry, logs, secrets",
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "-1",
      tags,
    },
    opts,
  );
  return group.id;
}
