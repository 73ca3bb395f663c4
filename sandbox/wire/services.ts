/** How a service encodes requests and answers. */
export type Protocol = "json" | "query";

/** The domain classes that the wire layer calls, by the name they have in the cloud. */
export type CloudServices = {
  readonly [name in CloudKey]?: object;
} & {
  /** @default a failure of the sandbox itself is only in the answer */
  readonly log?: (line: string) => void;
};

export type CloudKey =
  | "ecr"
  | "ecrImages"
  | "ecs"
  | "elb"
  | "cloudwatch"
  | "alarms"
  | "sts"
  | "autoscaling"
  | "logs"
  | "secretsmanager"
  | "ssm"
  | "tags";

/** One AWS service as its clients address it. */
export interface ServiceDescription {
  /** As people name it, for messages. */
  readonly title: string;
  /** Service in the SigV4 credential scope. */
  readonly signingName: string;
  /** Domain classes that answer, each a part of the operations. */
  readonly cloudKeys: readonly CloudKey[];
  readonly protocol: Protocol;
  /** Prefix of X-Amz-Target (JSON), or XML namespace (query). */
  readonly target: string;
  /** Error code for a request that lacks a required member, as the service names it. */
  readonly invalidCode: string;
  /**
   * The client package's exports, which hold the shapes. Loaded at the first request, since each costs some 50 ms.
   *
   * @default the operations below are decoded as plain JSON: they take no timestamps, and automation does not ship their client
   */
  readonly schemas?: () => Promise<Record<string, unknown>>;
  /** Operations served, for a service without schemas. */
  readonly operations?: readonly string[];
  /** CloudWatch speaks JSON now but keeps its codes of the query days; clients read those from an extra header. */
  readonly queryCompatible?: boolean;
}

export const services: readonly ServiceDescription[] = [
  {
    title: "ECR",
    signingName: "ecr",
    cloudKeys: ["ecr", "ecrImages"],
    protocol: "json",
    target: "AmazonEC2ContainerRegistry_V20150921",
    invalidCode: "InvalidParameterException",
    schemas: () => import("@aws-sdk/client-ecr"),
  },
  {
    title: "ECS",
    signingName: "ecs",
    cloudKeys: ["ecs"],
    protocol: "json",
    target: "AmazonEC2ContainerServiceV20141113",
    invalidCode: "InvalidParameterException",
    schemas: () => import("@aws-sdk/client-ecs"),
  },
  {
    title: "Elastic Load Balancing v2",
    signingName: "elasticloadbalancing",
    cloudKeys: ["elb"],
    protocol: "query",
    target: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    invalidCode: "ValidationError",
    schemas: () => import("@aws-sdk/client-elastic-load-balancing-v2"),
  },
  {
    title: "CloudWatch",
    signingName: "monitoring",
    cloudKeys: ["cloudwatch", "alarms"],
    protocol: "json",
    target: "GraniteServiceVersion20100801",
    invalidCode: "MissingRequiredParameterException",
    schemas: () => import("@aws-sdk/client-cloudwatch"),
    queryCompatible: true,
  },
  {
    title: "STS",
    signingName: "sts",
    cloudKeys: ["sts"],
    protocol: "query",
    target: "https://sts.amazonaws.com/doc/2011-06-15/",
    invalidCode: "ValidationError",
    schemas: () => import("@aws-sdk/client-sts"),
  },
  {
    title: "Application Auto Scaling",
    signingName: "application-autoscaling",
    cloudKeys: ["autoscaling"],
    protocol: "json",
    target: "AnyScaleFrontendService",
    invalidCode: "ValidationException",
    operations: ["DescribeScalableTargets", "RegisterScalableTarget", "DeregisterScalableTarget"],
  },
  {
    title: "CloudWatch Logs",
    signingName: "logs",
    cloudKeys: ["logs"],
    protocol: "json",
    target: "Logs_20140328",
    invalidCode: "InvalidParameterException",
    operations: ["DescribeLogGroups", "DescribeLogStreams", "FilterLogEvents", "GetLogEvents"],
  },
  {
    title: "Secrets Manager",
    signingName: "secretsmanager",
    cloudKeys: ["secretsmanager"],
    protocol: "json",
    target: "secretsmanager",
    invalidCode: "InvalidParameterException",
    operations: [
      "CreateSecret",
      "DeleteSecret",
      "DescribeSecret",
      "GetSecretValue",
      "ListSecretVersionIds",
      "PutSecretValue",
      "UpdateSecretVersionStage",
    ],
  },
  {
    title: "Systems Manager",
    signingName: "ssm",
    cloudKeys: ["ssm"],
    protocol: "json",
    target: "AmazonSSM",
    invalidCode: "ValidationException",
    operations: ["DeleteParameter", "DescribeParameters", "GetParameter", "GetParameters", "PutParameter"],
  },
  {
    title: "Resource Groups Tagging",
    signingName: "tagging",
    cloudKeys: ["tags"],
    protocol: "json",
    target: "ResourceGroupsTaggingAPI_20170126",
    invalidCode: "InvalidParameterException",
    operations: ["GetResources"],
  },
];
