import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  ListTagsForResourceCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import type * as aws from "@pulumi/aws";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required, tagList, tagMap } from "./tags.ts";

const repository = mapping<aws.ecr.RepositoryArgs>({
  async create(inputs, { ecr }) {
    const encryption = inputs.encryptionConfigurations?.[0];
    const answer = await call(ecr, CreateRepositoryCommand, {
      repositoryName: required(inputs.name),
      imageTagMutability: inputs.imageTagMutability,
      imageTagMutabilityExclusionFilters: inputs.imageTagMutabilityExclusionFilters,
      imageScanningConfiguration: inputs.imageScanningConfiguration,
      encryptionConfiguration: encryption && {
        encryptionType: required(encryption.encryptionType),
        kmsKey: encryption.kmsKey,
      },
      tags: tagList(inputs.tags),
    });
    const made = answer.repository;
    return {
      id: required(made?.repositoryName),
      arn: made?.repositoryArn,
      repositoryUrl: made?.repositoryUri,
      registryId: made?.registryId,
    };
  },
  async read({ made }, { ecr }) {
    const { repositories } = await call(ecr, DescribeRepositoriesCommand, { repositoryNames: [made.id] });
    const { tags } = await call(ecr, ListTagsForResourceCommand, { resourceArn: required(made.arn) });
    const found = repositories?.[0];
    return {
      name: found?.repositoryName,
      imageTagMutability: found?.imageTagMutability,
      imageTagMutabilityExclusionFilters: found?.imageTagMutabilityExclusionFilters,
      imageScanningConfiguration: found?.imageScanningConfiguration,
      encryptionConfigurations: [found?.encryptionConfiguration],
      tags: tagMap(tags),
    };
  },
  unsent: { forceDelete: "whether the provider deletes the images with their repository" },
});

const lifecyclePolicy = mapping<aws.ecr.LifecyclePolicyArgs>({
  async create(inputs, { ecr }) {
    const lifecyclePolicyText = String(inputs.policy);
    await call(ecr, PutLifecyclePolicyCommand, { repositoryName: inputs.repository, lifecyclePolicyText });
    return { id: inputs.repository };
  },
  async read({ made }, { ecr }) {
    const found = await call(ecr, GetLifecyclePolicyCommand, { repositoryName: made.id });
    return { repository: found.repositoryName, policy: found.lifecyclePolicyText };
  },
});

const repositoryPolicy = mapping<aws.ecr.RepositoryPolicyArgs>({
  async create(inputs, { ecr }) {
    await call(ecr, SetRepositoryPolicyCommand, {
      repositoryName: inputs.repository,
      policyText: String(inputs.policy),
    });
    return { id: inputs.repository };
  },
  async read({ made }, { ecr }) {
    const found = await call(ecr, GetRepositoryPolicyCommand, { repositoryName: made.id });
    return { repository: found.repositoryName, policy: found.policyText };
  },
});

export const ecrMappings: Mappings = {
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": lifecyclePolicy,
  "aws:ecr/repository:Repository": repository,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": repositoryPolicy,
};
