import { createHash } from "node:crypto";
import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  ListImagesCommand,
  PutImageCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import type { Step } from "./aws-steps.ts";

const repositoryName = "sluice/api";
const lifecyclePolicyText = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: "untagged",
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
      action: { type: "expire" },
    },
  ],
});

const policyText = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Pull",
      Effect: "Allow",
      Principal: { AWS: ["arn:aws:iam::210987654321:root"] },
      Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    },
  ],
});

/** An index of no images: the one document that a registry can hold without layers. */
const emptyIndex = (note: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [],
    annotations: { note },
  });

/** The digest is given, since moto makes up one of a hundred for what has no layers. */
const put = (imageTag: string, note: string, imageDigest = digestOf(emptyIndex(note))) =>
  new PutImageCommand({
    repositoryName,
    imageTag,
    imageDigest,
    imageManifest: emptyIndex(note),
    imageManifestMediaType: "application/vnd.oci.image.index.v1+json",
  });

const digestOf = (manifest: string): string => `sha256:${createHash("sha256").update(manifest).digest("hex")}`;

function lifetime(expiresAt: Date | undefined): string {
  const hours = Math.round(((expiresAt?.getTime() ?? 0) - Date.now()) / 3_600_000);
  return hours < 0 ? "long over" : `${hours} hours`;
}

const create = (name: string) =>
  new CreateRepositoryCommand({
    repositoryName: name,
    imageTagMutability: "IMMUTABLE",
    imageScanningConfiguration: { scanOnPush: true },
    tags: [{ Key: "project", Value: "sluice" }],
  });

export const ecrSteps: readonly Step[] = [
  { name: "create an immutable repository", run: ({ ecr }) => ecr.send(create(repositoryName)) },
  { name: "create it again", run: ({ ecr }) => ecr.send(create(repositoryName)) },
  { name: "create a repository with a bad name", run: ({ ecr }) => ecr.send(create("Sluice/API")) },
  {
    name: "describe the repository",
    run: ({ ecr }) => ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] })),
  },
  {
    name: "describe a missing repository",
    run: ({ ecr }) => ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ["none"] })),
  },
  {
    name: "get a lifecycle policy that is not there",
    run: ({ ecr }) => ecr.send(new GetLifecyclePolicyCommand({ repositoryName })),
  },
  {
    name: "put a lifecycle policy",
    run: ({ ecr }) => ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText })),
  },
  {
    name: "put a lifecycle policy without rules",
    run: ({ ecr }) => ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: "{}" })),
  },
  { name: "get the lifecycle policy", run: ({ ecr }) => ecr.send(new GetLifecyclePolicyCommand({ repositoryName })) },
  {
    name: "get a repository policy that is not there",
    run: ({ ecr }) => ecr.send(new GetRepositoryPolicyCommand({ repositoryName })),
  },
  {
    name: "open the repository to another account",
    run: ({ ecr }) => ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText })),
  },
  { name: "get the repository policy", run: ({ ecr }) => ecr.send(new GetRepositoryPolicyCommand({ repositoryName })) },
  {
    name: "set a repository policy that is no policy",
    run: ({ ecr }) => ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText: '{"Statement":[]}' })),
  },
  {
    name: "close the repository again",
    run: ({ ecr }) => ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName })),
  },
  {
    name: "close it twice",
    run: ({ ecr }) => ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName })),
  },
  {
    name: "list the images of an empty repository",
    run: ({ ecr }) => ecr.send(new ListImagesCommand({ repositoryName })),
  },
  {
    name: "describe a missing image",
    run: ({ ecr }) => ecr.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: "v9.9.9" }] })),
  },
  {
    name: "describe an image of a missing repository",
    run: ({ ecr }) => ecr.send(new DescribeImagesCommand({ repositoryName: "none", imageIds: [{ imageTag: "v1" }] })),
  },
  {
    name: "put an image",
    async run({ ecr }, kept) {
      const answer = await ecr.send(put("v1.0.0", "one"));
      kept.set("digest", answer.image?.imageId?.imageDigest);
      return answer;
    },
  },
  {
    name: "put an image under a digest that is not its own",
    async run({ ecr }) {
      const answer = await ecr.send(put("v0.0.1", "wrong", digestOf("another")));
      // A cloud that takes it has it removed again, so that later answers do not differ for that reason.
      await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "v0.0.1" }] }));
      return answer;
    },
  },
  { name: "put the same image again", run: ({ ecr }) => ecr.send(put("v1.0.0", "one")) },
  { name: "put other content under the same tag", run: ({ ecr }) => ecr.send(put("v1.0.0", "two")) },
  { name: "put the same image under a second tag", run: ({ ecr }) => ecr.send(put("v1.0.1", "one")) },
  {
    name: "describe the image by its tag",
    run: ({ ecr }) => ecr.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: "v1.0.0" }] })),
  },
  {
    name: "get the image by its digest, and one that is missing",
    run: ({ ecr }, kept) => {
      const imageIds = [{ imageDigest: kept.get("digest") }, { imageTag: "v9.9.9" }];
      return ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
    },
  },
  { name: "list the images", run: ({ ecr }) => ecr.send(new ListImagesCommand({ repositoryName })) },
  {
    name: "make the repository mutable",
    run: ({ ecr }) => ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "MUTABLE" })),
  },
  { name: "move a tag, now that it may move", run: ({ ecr }) => ecr.send(put("v1.0.0", "two")) },
  {
    name: "make the repository immutable but for branch tags",
    run: ({ ecr }) =>
      ecr.send(
        new PutImageTagMutabilityCommand({
          repositoryName,
          imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
          imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "pr-*" }],
        }),
      ),
  },
  { name: "put a branch tag", run: ({ ecr }) => ecr.send(put("pr-1", "three")) },
  { name: "move the branch tag", run: ({ ecr }) => ecr.send(put("pr-1", "four")) },
  { name: "move a release tag beside the exclusion", run: ({ ecr }) => ecr.send(put("v1.0.0", "five")) },
  {
    name: "switch scanning off",
    run: ({ ecr }) =>
      ecr.send(
        new PutImageScanningConfigurationCommand({ repositoryName, imageScanningConfiguration: { scanOnPush: false } }),
      ),
  },
  {
    name: "get a token for the registry",
    async run({ ecr }) {
      const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
      return authorizationData.map(({ authorizationToken = "", expiresAt }) => ({
        user: Buffer.from(authorizationToken, "base64").toString().split(":")[0],
        hours: lifetime(expiresAt),
      }));
    },
  },
  {
    name: "describe the images by pages of one",
    async run({ ecr }) {
      const sizes: number[] = [];
      for (let nextToken: string | undefined, first = true; first || nextToken !== undefined; first = false) {
        const page = await ecr.send(new DescribeImagesCommand({ repositoryName, maxResults: 1, nextToken }));
        sizes.push(page.imageDetails?.length ?? 0);
        nextToken = page.nextToken;
      }
      return { sizes };
    },
  },
  {
    name: "delete more images than one call takes",
    run({ ecr }) {
      const imageIds = Array.from({ length: 101 }, (_, index) => ({ imageTag: `v${index}.9.9` }));
      return ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
    },
  },
  {
    name: "delete an image by tag, and one that is missing",
    run: ({ ecr }) =>
      ecr.send(
        new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "v1.0.1" }, { imageTag: "v9.9.9" }] }),
      ),
  },
  {
    name: "delete a repository with images",
    run: ({ ecr }) => ecr.send(new DeleteRepositoryCommand({ repositoryName })),
  },
  {
    name: "delete it by force",
    run: ({ ecr }) => ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
  },
  { name: "delete a missing repository", run: ({ ecr }) => ecr.send(new DeleteRepositoryCommand({ repositoryName })) },
];
