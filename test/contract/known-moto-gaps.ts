import type { Gap } from "./known-moto-gap.ts";
import { ecsGaps } from "./known-moto-gaps-ecs.ts";
import { elbGaps } from "./known-moto-gaps-elb.ts";

const ecr: readonly Gap[] = [
  {
    steps: ["get the lifecycle policy"],
    path: "lastEvaluatedAt",
    moto: "<time>",
    reason: "moto says now without having evaluated anything; the sandbox expires nothing, so it has no such time",
  },
  {
    steps: ["put other content under the same tag", "move a release tag beside the exclusion"],
    path: "",
    moto: "ImageAlreadyExistsException",
    sandbox: "ImageTagAlreadyExistsException",
    reason: "PutImage documents the second for an immutable tag; the first is for the same digest and tag",
  },
  {
    steps: ["put an image under a digest that is not its own"],
    path: "",
    moto: "accepted",
    sandbox: "ImageDigestDoesNotMatchException",
    reason: "moto believes the digest that it is given; PutImage documents the error",
  },
  {
    steps: ["describe the image by its tag"],
    path: "imageDetails.*.imageSizeInBytes",
    sandbox: 0,
    reason: "moto leaves out the size of an index; the sandbox adds up layers, and this index has none",
  },
  {
    steps: ["describe the image by its tag"],
    path: "imageDetails.*.imageStatus",
    sandbox: "ACTIVE",
    reason: "moto knows no archive; DescribeImages documents the status",
  },
  {
    steps: ["describe the images by pages of one"],
    path: "sizes",
    moto: [3],
    sandbox: [1, 1, 1, 1],
    reason: "moto ignores maxResults, and forgets an image whose tag moved, which ECR keeps untagged",
  },
  {
    steps: ["delete more images than one call takes"],
    path: "",
    moto: "accepted",
    sandbox: "InvalidParameterException",
    reason: "BatchDeleteImage documents at most 100 image ids; moto takes any number",
  },
  {
    steps: ["get the image by its digest, and one that is missing"],
    path: "images.*.imageId.imageTag",
    moto: "v1.0.1",
    reason: "asked by digest, moto adds whichever tag was put last",
  },
  {
    steps: ["make the repository immutable but for branch tags"],
    path: "imageTagMutabilityExclusionFilters",
    sandbox: [{ filterType: "WILDCARD", filter: "pr-*" }],
    reason: "moto keeps the filters, but leaves them out of the answer that PutImageTagMutability documents them in",
  },
  {
    steps: ["get a token for the registry"],
    path: "*.hours",
    moto: "long over",
    sandbox: "12 hours",
    reason: "moto's token always expires in 2015; ECR's is good for 12 hours",
  },
];

const other: readonly Gap[] = [
  {
    steps: ["ask who is asking"],
    path: "kind",
    moto: "sts",
    sandbox: "iam",
    reason: "moto names its user in STS; AWS names an IAM user's ARN in IAM",
  },
  {
    steps: ["get data of a metric that has none"],
    path: "MetricDataResults.*.Label",
    moto: "RequestCount Sum",
    sandbox: "RequestCount",
    reason: "where one metric is asked for, AWS's default label is its name; moto adds the statistic",
  },
  {
    steps: ["get data of a metric that has none"],
    path: "Messages",
    sandbox: [],
    reason: "AWS has the empty list, moto leaves it out",
  },
];

/** Everything not listed must be equal, and a gap that is no longer there must be struck out: the contract test fails on both. */
export const knownMotoGaps: readonly Gap[] = [...ecr, ...elbGaps, ...ecsGaps, ...other];
