/**
 * The calls that each type of resource needs to be created, read, changed and deleted, the resources that IAM judges them on,
 * and what it knows of these. From the service authorization reference ("Actions": resource types, condition keys) and the handlers'
 * permissions in CloudFormation's schemas of the types.
 */
import type { Request } from "./iam-evaluation.ts";
import { anywhere, keyed, making, on, type Place, passing, retagged, tagsOf } from "./roles-call-parts.ts";
import { edgeCalls } from "./roles-calls-edge.ts";
import { networkCalls } from "./roles-calls-network.ts";
import { account, type Standing } from "./roles-stack.ts";

const bounded = (role: Standing, context: NonNullable<Request["context"]> = {}): NonNullable<Request["context"]> => ({
  "iam:PermissionsBoundary": role.inputs.permissionsBoundary as string,
  ...context,
});
export const callsOf: Readonly<Record<string, (place: Place) => Request[]>> = {
  ...networkCalls,
  ...edgeCalls,
  "aws:ecs/cluster:Cluster": ({ self }) => [
    making(self, "ecs:CreateCluster"),
    making(self, "ecs:TagResource", { "ecs:CreateAction": "CreateCluster" }),
    ...on(self, "ecs:DescribeClusters", "ecs:UpdateCluster", "ecs:UpdateClusterSettings", "ecs:DeleteCluster"),
    ...on(self, "ecs:ListTagsForResource"),
    ...retagged(self, "ecs:TagResource", "ecs:UntagResource"),
    {
      action: "iam:CreateServiceLinkedRole",
      resource: `arn:aws:iam::${account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
      context: { "iam:AWSServiceName": "ecs.amazonaws.com" },
    },
  ],
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": ({ self, all }) => {
    const cluster = all.find(
      ({ type, inputs }) => type.endsWith(":Cluster") && inputs.name === self.inputs.clusterName,
    );
    return on(cluster as Standing, "ecs:PutClusterCapacityProviders", "ecs:DescribeClusters");
  },
  "aws:ecs/taskDefinition:TaskDefinition": ({ self, find }) => [
    making(self, "ecs:RegisterTaskDefinition"),
    making(self, "ecs:TagResource", { "ecs:CreateAction": "RegisterTaskDefinition" }),
    ...anywhere("ecs:DescribeTaskDefinition"),
    ...on(self, "ecs:ListTagsForResource"),
    ...retagged(self, "ecs:TagResource", "ecs:UntagResource"),
    ...["executionRoleArn", "taskRoleArn"].map((key) => passing(find(self.inputs[key]), "ecs-tasks.amazonaws.com")),
  ],
  "aws:ecs/service:Service": ({ self, find }) => {
    const cluster = { "ecs:cluster": self.inputs.cluster as string };
    const task = { ...self, arn: `${self.arn.replace(":service/", ":task/").replace(/\/[^/]*$/, "")}/0123` };
    const definition = find(self.inputs.taskDefinition);
    return [
      making(self, "ecs:CreateService", cluster),
      making(self, "ecs:TagResource", { "ecs:CreateAction": "CreateService" }),
      ...on(self, "ecs:DescribeServices", "ecs:UpdateService", "ecs:DeleteService", "ecs:ListTagsForResource"),
      ...on(self, "ecs:ListServiceDeployments", "ecs:StopServiceDeployment"),
      ...retagged(self, "ecs:TagResource", "ecs:UntagResource"),
      // A migration, and what the proof and the reports read.
      {
        ...(on(definition, "ecs:RunTask")[0] as Request),
        context: { ...keyed("ResourceTag", tagsOf(definition)), ...cluster },
      },
      making(task, "ecs:TagResource", { "ecs:CreateAction": "RunTask" }),
      ...on(task, "ecs:DescribeTasks", "ecs:StopTask"),
      ...["ecs:ListTasks", "ecs:ListServices"].map((action) => ({ action, resource: "*", context: cluster })),
    ];
  },
  "aws:appautoscaling/target:Target": ({ self }) => [
    making(self, "application-autoscaling:RegisterScalableTarget"),
    making(self, "application-autoscaling:TagResource"),
    ...on(self, "application-autoscaling:RegisterScalableTarget", "application-autoscaling:DeregisterScalableTarget"),
    ...on(self, "application-autoscaling:ListTagsForResource"),
    ...anywhere("application-autoscaling:DescribeScalableTargets"),
  ],
  "aws:appautoscaling/policy:Policy": ({ self, all }) => {
    const target = all.find(({ type, id }) => type.endsWith(":Target") && id === self.inputs.resourceId) as Standing;
    return [
      ...on(target, "application-autoscaling:PutScalingPolicy", "application-autoscaling:DeleteScalingPolicy"),
      ...anywhere("application-autoscaling:DescribeScalingPolicies"),
    ];
  },
  "aws:cloudwatch/logGroup:LogGroup": ({ self }) => [
    making(self, "logs:CreateLogGroup"),
    making(self, "logs:TagResource"),
    ...on(
      self,
      "logs:PutRetentionPolicy",
      "logs:DeleteRetentionPolicy",
      "logs:DeleteLogGroup",
      "logs:ListTagsForResource",
    ),
    ...on(self, "logs:AssociateKmsKey", "logs:DisassociateKmsKey"),
    ...on({ ...self, arn: `${self.arn}:log-stream:api/0123` }, "logs:GetLogEvents"),
    ...retagged(self, "logs:TagResource", "logs:UntagResource"),
    ...anywhere("logs:DescribeLogGroups"),
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ({ self }) => [
    making(self, "cloudwatch:PutMetricAlarm"),
    making(self, "cloudwatch:TagResource"),
    ...on(self, "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource"),
    ...anywhere("cloudwatch:DescribeAlarms"),
  ],
  "aws:cloudwatch/dashboard:Dashboard": ({ self }) =>
    on(self, "cloudwatch:PutDashboard", "cloudwatch:GetDashboard", "cloudwatch:DeleteDashboards"),
  "aws:sns/topic:Topic": ({ self }) => [
    making(self, "sns:CreateTopic"),
    making(self, "sns:TagResource"),
    ...on(self, "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:DeleteTopic", "sns:ListTagsForResource"),
  ],
  "aws:sns/topicPolicy:TopicPolicy": ({ self, find }) =>
    on(find(self.inputs.arn), "sns:SetTopicAttributes", "sns:GetTopicAttributes"),
  "aws:sns/topicSubscription:TopicSubscription": ({ self, find }) => [
    ...on(find(self.inputs.topic), "sns:Subscribe"),
    ...on(self, "sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"),
  ],
  "aws:iam/role:Role": ({ self }) => [
    making(self, "iam:CreateRole", bounded(self)),
    making(self, "iam:TagRole"),
    ...on(
      self,
      "iam:GetRole",
      "iam:ListRolePolicies",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
    ),
    ...on(self, "iam:DeleteRole", "iam:UntagRole", "iam:TagRole"),
    ...["iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:PutRolePermissionsBoundary"].map((action) => ({
      action,
      resource: self.arn,
      context: bounded(self, keyed("ResourceTag", tagsOf(self))),
    })),
  ],
  "aws:iam/rolePolicy:RolePolicy": ({ self, all }) => {
    const role = all.find(({ type, id }) => type === "aws:iam/role:Role" && id === self.inputs.role) as Standing;
    const put = {
      action: "iam:PutRolePolicy",
      resource: role.arn,
      context: bounded(role, keyed("ResourceTag", tagsOf(role))),
    };
    return [put, ...on(role, "iam:GetRolePolicy", "iam:DeleteRolePolicy")];
  },
};

/** Every call of every resource of a stack. */
export function callsOfStack(stack: readonly Standing[]): { call: Request; by: Standing }[] {
  const find = (reference: unknown) => {
    const found = stack.find(({ id, arn }) => id === reference || (arn !== "" && arn === reference));
    if (found === undefined) throw new Error(`nothing stands as ${String(reference)}`);
    return found;
  };
  return stack.flatMap((self) => {
    const calls = callsOf[self.type];
    if (calls === undefined) throw new Error(`no calls are known for ${self.type}`);
    return calls({ self, find, all: stack }).map((call) => ({ call, by: self }));
  });
}
