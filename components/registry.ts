import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { RegistryConfig } from "../model/config/registry.ts";
import type { Environment } from "./environment.ts";

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
 * ECR repositories: immutable tags, scanned on push, encrypted, and expiring only what no rollback can need: lifecycle
 * rules cannot know which digests are in use, so they touch nothing but untagged, `dev-*` and `pr-*` images.
 *
 * @example
 * new Registry("registry", { environment, repositories: { api: { expireUntaggedDays: 14, expirePreviewDays: 14 } } })
 */
export class Registry extends pulumi.ComponentResource {
  readonly repositories: Record<string, pulumi.Output<RepositoryOutputs>> = {};

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:registry:Registry", name, args, opts);
    for (const [repositoryName, settings] of Object.entries(args.repositories)) {
      const repository = new aws.ecr.Repository(
        `${name}-${repositoryName}`,
        {
          name: repositoryName,
          imageTagMutability: "IMMUTABLE",
          imageScanningConfiguration: { scanOnPush: true },
          encryptionConfigurations: [{ encryptionType: "AES256" }],
          tags: args.environment.tags(repositoryName),
        },
        { parent: this },
      );
      new aws.ecr.LifecyclePolicy(
        `${name}-${repositoryName}-lifecycle`,
        { repository: repository.name, policy: JSON.stringify(lifecyclePolicy(settings)) },
        { parent: this },
      );
      this.repositories[repositoryName] = pulumi
        .all([repository.name, repository.repositoryUrl, repository.arn, repository.registryId])
        .apply(([name, url, arn, registryId]) => ({ name, url, arn, registryId }));
    }
    this.registerOutputs({ repositories: this.repositories });
  }
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
