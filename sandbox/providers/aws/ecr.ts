import type { ImageTagMutability, ImageTagMutabilityExclusionFilter } from "@aws-sdk/client-ecr";
import { checkLifecyclePolicy } from "../../cloud/ecr-lifecycle.ts";
import { checkRepositoryPolicy, maximumPolicyLength } from "../../cloud/ecr-policy.ts";
import { unlessGone } from "../gone.ts";
import { isUnknown } from "../protocol.ts";
import type { CheckProblem, Properties, ProviderContext, ResourceType } from "../resource-type.ts";

const NO_REPOSITORY = "RepositoryNotFoundException";
const MUTABILITIES = ["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"];

interface RepositoryInputs extends Properties {
  name: string;
  imageTagMutability: ImageTagMutability;
  imageTagMutabilityExclusionFilters?: ImageTagMutabilityExclusionFilter[];
  imageScanningConfiguration?: { scanOnPush: boolean };
  encryptionConfigurations?: { encryptionType?: "AES256" | "KMS" | "KMS_DSSE"; kmsKey?: string }[];
  forceDelete: boolean;
}

function checkFilters(inputs: Properties): CheckProblem[] {
  const property = "imageTagMutabilityExclusionFilters";
  const { imageTagMutability: mutability } = inputs;
  const given = (inputs[property] as unknown[] | undefined)?.length ?? 0;
  if (isUnknown(mutability)) return [];
  const excluding = String(mutability).endsWith("_WITH_EXCLUSION");
  if (excluding && given === 0) return [{ property, reason: `must be given with ${mutability}` }];
  if (!excluding && given > 0)
    return [{ property, reason: `can only be given with *_WITH_EXCLUSION, not with ${mutability}` }];
  return [];
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
export const repository: ResourceType = {
  inputs: {
    encryptionConfigurations: {
      type: {
        list: {
          type: {
            object: {
              encryptionType: { type: "string", default: "AES256", oneOf: ["AES256", "KMS", "KMS_DSSE"] },
              kmsKey: { type: "string", computed: true },
            },
          },
        },
      },
      replace: true,
      computed: true,
      maxLength: 1,
    },
    forceDelete: { type: "boolean", default: false, local: true },
    imageScanningConfiguration: { type: { object: { scanOnPush: { type: "boolean", required: true } } } },
    imageTagMutability: { type: "string", default: "MUTABLE", oneOf: MUTABILITIES },
    imageTagMutabilityExclusionFilters: {
      type: {
        list: {
          type: {
            object: {
              filter: {
                type: "string",
                required: true,
                minLength: 1,
                maxLength: 128,
                pattern: /^(?!(?:[^*]*\*){3})[0-9a-zA-Z._*-]+$/,
                patternHint: "may hold letters, digits, ._- and at most two *",
              },
              filterType: { type: "string", required: true, oneOf: ["WILDCARD"] },
            },
          },
        },
      },
      maxLength: 5,
    },
    name: {
      type: "string",
      computed: true,
      replace: true,
      minLength: 2,
      maxLength: 256,
      pattern: /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/,
      patternHint: "may hold lower case letters, digits and ._-/ between them",
    },
  },
  outputs: ["arn", "registryId", "repositoryUrl"],
  autoname: { property: "name", maxLength: 256, transform: (name) => name.toLowerCase() },
  tagged: true,
  check: checkFilters,
  async create(inputs, ctx) {
    const wanted = inputs as RepositoryInputs;
    await ctx.cloud.ecr.createRepository({
      repositoryName: wanted.name,
      imageTagMutability: wanted.imageTagMutability,
      imageTagMutabilityExclusionFilters: wanted.imageTagMutabilityExclusionFilters,
      imageScanningConfiguration: wanted.imageScanningConfiguration,
      encryptionConfiguration: wanted.encryptionConfigurations?.[0] as { encryptionType: "AES256" } | undefined,
    });
    return { id: wanted.name, state: (await readRepository(wanted.name, wanted, ctx)) ?? {} };
  },
  read: (id, old, ctx) => readRepository(id, old, ctx),
  async update(id, olds, news, ctx) {
    const wanted = news as RepositoryInputs;
    const { ecr } = ctx.cloud;
    if (changed(olds, news, ["imageTagMutability", "imageTagMutabilityExclusionFilters"])) {
      const { imageTagMutability, imageTagMutabilityExclusionFilters } = wanted;
      await ecr.putImageTagMutability({ repositoryName: id, imageTagMutability, imageTagMutabilityExclusionFilters });
    }
    if (changed(olds, news, ["imageScanningConfiguration"])) {
      const imageScanningConfiguration = wanted.imageScanningConfiguration ?? { scanOnPush: false };
      await ecr.putImageScanningConfiguration({ repositoryName: id, imageScanningConfiguration });
    }
    return {};
  },
  async delete(id, state, ctx) {
    const force = state.forceDelete === true;
    await unlessGone(ctx.cloud.ecr.deleteRepository({ repositoryName: id, force }), NO_REPOSITORY);
  },
};

function changed(olds: Properties, news: Properties, keys: string[]): boolean {
  return keys.some((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
}

async function readRepository(id: string, old: Properties, ctx: ProviderContext): Promise<Properties | undefined> {
  const found = await unlessGone(ctx.cloud.ecr.describeRepositories({ repositoryNames: [id] }), NO_REPOSITORY);
  const one = found?.repositories[0];
  if (one === undefined) return undefined;
  const scanning = one.imageScanningConfiguration?.scanOnPush ?? false;
  return {
    name: one.repositoryName,
    arn: one.repositoryArn,
    registryId: one.registryId,
    repositoryUrl: one.repositoryUri,
    imageTagMutability: one.imageTagMutability,
    imageTagMutabilityExclusionFilters: one.imageTagMutabilityExclusionFilters,
    // Left out and switched off are the same to ECR.
    imageScanningConfiguration: scanning || old.imageScanningConfiguration ? { scanOnPush: scanning } : undefined,
    encryptionConfigurations: [{ kmsKey: "", ...one.encryptionConfiguration }],
  };
}

/** Its id is the repository's name. */
export const lifecyclePolicy: ResourceType = {
  inputs: {
    policy: { type: "json", required: true, maxLength: 30_720 },
    repository: { type: "string", required: true, replace: true },
  },
  outputs: ["registryId"],
  check: ({ policy }) =>
    isUnknown(policy) ? [] : checkLifecyclePolicy(String(policy)).map((reason) => ({ property: "policy", reason })),
  async create(inputs, ctx) {
    const { policy, repository: repositoryName } = inputs as { policy: string; repository: string };
    const { registryId } = await ctx.cloud.ecr.putLifecyclePolicy({ repositoryName, lifecyclePolicyText: policy });
    return { id: repositoryName, state: { registryId } };
  },
  async read(id, _old, ctx) {
    const gone = [NO_REPOSITORY, "LifecyclePolicyNotFoundException"];
    const found = await unlessGone(ctx.cloud.ecr.getLifecyclePolicy({ repositoryName: id }), ...gone);
    return found && { repository: id, policy: found.lifecyclePolicyText, registryId: found.registryId };
  },
  async update(id, _olds, news, ctx) {
    await ctx.cloud.ecr.putLifecyclePolicy({ repositoryName: id, lifecyclePolicyText: news.policy as string });
    return {};
  },
  async delete(id, _state, ctx) {
    const gone = [NO_REPOSITORY, "LifecyclePolicyNotFoundException"];
    await unlessGone(ctx.cloud.ecr.deleteLifecyclePolicy({ repositoryName: id }), ...gone);
  },
};

/** Its id is the repository's name. */
export const repositoryPolicy: ResourceType = {
  inputs: {
    policy: { type: "json", required: true, maxLength: maximumPolicyLength },
    repository: { type: "string", required: true, replace: true },
  },
  outputs: ["registryId"],
  check({ policy }) {
    const reason = isUnknown(policy) ? undefined : checkRepositoryPolicy(String(policy));
    return reason === undefined ? [] : [{ property: "policy", reason }];
  },
  async create(inputs, ctx) {
    const { policy, repository: repositoryName } = inputs as { policy: string; repository: string };
    const { registryId } = await ctx.cloud.ecr.setRepositoryPolicy({ repositoryName, policyText: policy });
    return { id: repositoryName, state: { registryId } };
  },
  async read(id, _old, ctx) {
    const found = await unlessGone(ctx.cloud.ecr.getRepositoryPolicy({ repositoryName: id }), ...noPolicy);
    return found && { repository: id, policy: found.policyText, registryId: found.registryId };
  },
  async update(id, _olds, news, ctx) {
    await ctx.cloud.ecr.setRepositoryPolicy({ repositoryName: id, policyText: news.policy as string });
    return {};
  },
  async delete(id, _state, ctx) {
    await unlessGone(ctx.cloud.ecr.deleteRepositoryPolicy({ repositoryName: id }), ...noPolicy);
  },
};

const noPolicy = [NO_REPOSITORY, "RepositoryPolicyNotFoundException"];
