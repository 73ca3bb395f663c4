import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ConfigProblem, formatProblems } from "../model/config/config.ts";
import type { RegistryConfig } from "../model/config/registry.ts";
import { repositoryPolicy } from "../model/images/repository-policy.ts";
import type { Environment } from "./environment.ts";

type RepositoryConfig = RegistryConfig["repositories"][string];

export interface RegistryArgs {
  environment: Environment;
  repositories: RegistryConfig["repositories"];
}

/** What other stacks need to know of a repository. */
export interface RepositoryOutputs {
  name: string;
  url: string;
  arn: string;
  registryId: string;
}

/**
 * ECR repositories: immutable tags, scanned on push, encrypted, open to no other account unless one is named, and
 * expiring only what no rollback can need: lifecycle rules cannot know which digests are in use, so they touch nothing but
 * untagged, `dev-*` and `pr-*` images.
 *
 * @throws pulumi.RunError where a key is in another region
 * @example
 * new Registry("registry", { environment, repositories: { api: registry.repositories.api } })
 */
export class Registry extends pulumi.ComponentResource {
  readonly repositories: Record<string, pulumi.Output<RepositoryOutputs>> = {};

  readonly #name: string;
  readonly #environment: Environment;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:registry:Registry", name, checked(args), opts);
    this.#name = name;
    this.#environment = args.environment;
    for (const [repositoryName, settings] of Object.entries(args.repositories)) {
      const repository = this.#repository(repositoryName, settings);
      this.#lifecycle(repositoryName, repository, settings);
      this.#access(repositoryName, repository, settings);
      this.repositories[repositoryName] = pulumi
        .all([repository.name, repository.repositoryUrl, repository.arn, repository.registryId])
        .apply(([name, url, arn, registryId]) => ({ name, url, arn, registryId }));
    }
    this.registerOutputs({ repositories: this.repositories });
  }

  /**
   * Protected: a repository that leaves the configuration would first lose its policies and then, having images, stay.
   */
  #repository(repositoryName: string, { mutableTags, encryption }: RepositoryConfig): aws.ecr.Repository {
    return new aws.ecr.Repository(
      `${this.#name}-${repositoryName}`,
      {
        name: repositoryName,
        ...mutability(mutableTags),
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [
          encryption === "AES256" ? { encryptionType: "AES256" } : { encryptionType: "KMS", kmsKey: encryption },
        ],
        forceDelete: false,
        tags: this.#environment.tags(repositoryName),
      },
      { parent: this, protect: true },
    );
  }

  #lifecycle(repositoryName: string, repository: aws.ecr.Repository, settings: RepositoryConfig): void {
    new aws.ecr.LifecyclePolicy(
      `${this.#name}-${repositoryName}-lifecycle`,
      { repository: repository.name, policy: JSON.stringify(lifecyclePolicy(settings)) },
      { parent: this },
    );
  }

  #access(repositoryName: string, repository: aws.ecr.Repository, settings: RepositoryConfig): void {
    const policy = repositoryPolicy(settings, this.#environment.region);
    if (policy === undefined) return;
    new aws.ecr.RepositoryPolicy(
      `${this.#name}-${repositoryName}-policy`,
      { repository: repository.name, policy },
      { parent: this },
    );
  }
}

/** ECR encrypts with a key of its own region only (ECR API, EncryptionConfiguration). */
function checked(args: RegistryArgs): RegistryArgs {
  const { region } = args.environment;
  const problems = Object.entries(args.repositories).flatMap(([name, { encryption }]): ConfigProblem[] => {
    const keyRegion = encryption === "AES256" ? region : encryption.split(":")[3];
    const field = `registry.repositories.${name}.encryption`;
    const rule = `a key in the stack's region, ${region}`;
    return keyRegion === region ? [] : [{ field, rule, value: encryption, remedy: "name a key, or a replica, there" }];
  });
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(problems));
  return args;
}

function mutability(mutableTags: readonly string[]) {
  if (mutableTags.length === 0) return { imageTagMutability: "IMMUTABLE" };
  return {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: mutableTags.map((filter) => ({ filter, filterType: "WILDCARD" })),
  };
}

/** ECR lifecycle policy document; the provider's typed document lacks `tagPatternList`. */
function lifecyclePolicy(days: { expireUntaggedDays: number; expirePreviewDays: number }) {
  const expire = (rulePriority: number, description: string, selection: object, countNumber: number) => ({
    rulePriority,
    description,
    selection: { ...selection, countType: "sinceImagePushed", countUnit: "days", countNumber },
    action: { type: "expire" },
  });
  return {
    rules: [
      expire(1, "images that lost their tag", { tagStatus: "untagged" }, days.expireUntaggedDays),
      expire(2, "development images", { tagStatus: "tagged", tagPatternList: ["dev-*"] }, days.expirePreviewDays),
      expire(3, "preview images", { tagStatus: "tagged", tagPatternList: ["pr-*"] }, days.expirePreviewDays),
    ],
  };
}
