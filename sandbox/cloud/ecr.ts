import type {
  CreateRepositoryCommandInput,
  DeleteRepositoryCommandInput,
  DescribeRepositoriesCommandInput,
  EncryptionConfiguration,
  ImageTagMutability,
  ImageTagMutabilityExclusionFilter,
  PutLifecyclePolicyCommandInput,
  Repository,
  SetRepositoryPolicyCommandInput,
} from "@aws-sdk/client-ecr";
import { checkLifecyclePolicy } from "./ecr-lifecycle.ts";
import { checkRepositoryPolicy } from "./ecr-policy.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";

/** A repository as it is stored: dates as text. */
export interface StoredRepository extends Omit<Repository, "createdAt"> {
  repositoryName: string;
  repositoryArn: string;
  repositoryUri: string;
  registryId: string;
  createdAt: string;
  lifecyclePolicyText?: string;
  policyText?: string;
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const NAME = /^(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const FILTER = /^[0-9a-zA-Z._*-]{1,128}$/;
const MAX_FILTERS = 5;
const MAX_WILDCARDS = 2;

/** Repositories of the registry. What is in them is the business of `EcrImages`. */
export class Ecr {
  readonly #cloud: Inner;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
  }

  createRepository(input: CreateRepositoryCommandInput) {
    const name = input.repositoryName ?? "";
    if (name.length < 2 || name.length > 256 || !NAME.test(name)) {
      throw invalid(
        `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '${NAME.source}''`,
      );
    }
    if (this.#find(name)) {
      throw new CloudError(
        "RepositoryAlreadyExistsException",
        `The repository with name '${name}' already exists in the registry with id '${this.#cloud.account}'`,
      );
    }
    const mutability = input.imageTagMutability ?? "MUTABLE";
    const stored: StoredRepository = {
      repositoryName: name,
      repositoryArn: `arn:aws:ecr:${this.#cloud.region}:${this.#cloud.account}:repository/${name}`,
      repositoryUri: `${this.#cloud.registryHost}/${name}`,
      registryId: this.#cloud.account,
      createdAt: new Date().toISOString(),
      imageTagMutability: mutability,
      ...filters(mutability, input.imageTagMutabilityExclusionFilters),
      imageScanningConfiguration: { scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false },
      encryptionConfiguration: encryption(input.encryptionConfiguration),
    };
    this.#put(stored);
    return { repository: shape(stored) };
  }

  describeRepositories(input: DescribeRepositoriesCommandInput = {}) {
    const names = input.repositoryNames;
    const found = names?.length
      ? names.map((name) => this.#need(name))
      : this.#cloud.store.list<StoredRepository>("ecr-repository");
    return { repositories: found.map(shape) };
  }

  async deleteRepository(input: DeleteRepositoryCommandInput) {
    const stored = this.#need(input.repositoryName);
    const { ecrImages } = this.#cloud;
    const digests = ecrImages.index.images(stored.repositoryName).map((image) => image.digest);
    if (digests.length > 0 && !input.force) {
      throw new CloudError(
        "RepositoryNotEmptyException",
        `The repository with name '${stored.repositoryName}' in registry with id '${stored.registryId}' cannot be deleted because it still contains images`,
      );
    }
    await ecrImages.dropAll(stored.repositoryName, digests);
    this.#cloud.store.delete("ecr-repository", stored.repositoryName);
    return { repository: shape(stored) };
  }

  putImageTagMutability(input: {
    repositoryName: string | undefined;
    imageTagMutability: ImageTagMutability | undefined;
    imageTagMutabilityExclusionFilters?: ImageTagMutabilityExclusionFilter[] | undefined;
  }) {
    const { imageTagMutabilityExclusionFilters: _, ...stored } = this.#need(input.repositoryName);
    const mutability = input.imageTagMutability ?? "MUTABLE";
    const excluded = filters(mutability, input.imageTagMutabilityExclusionFilters);
    this.#put({ ...stored, imageTagMutability: mutability, ...excluded });
    return {
      registryId: stored.registryId,
      repositoryName: stored.repositoryName,
      imageTagMutability: mutability,
      ...excluded,
    };
  }

  putImageScanningConfiguration(input: {
    repositoryName: string | undefined;
    imageScanningConfiguration: { scanOnPush?: boolean | undefined } | undefined;
  }) {
    const stored = this.#need(input.repositoryName);
    const imageScanningConfiguration = { scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false };
    this.#put({ ...stored, imageScanningConfiguration });
    return { registryId: stored.registryId, repositoryName: stored.repositoryName, imageScanningConfiguration };
  }

  putLifecyclePolicy(input: PutLifecyclePolicyCommandInput) {
    const stored = this.#need(input.repositoryName);
    const lifecyclePolicyText = input.lifecyclePolicyText ?? "";
    const problems = checkLifecyclePolicy(lifecyclePolicyText);
    if (problems.length > 0) {
      throw invalid(
        `Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ${problems.join("; ")}'`,
      );
    }
    this.#put({ ...stored, lifecyclePolicyText });
    return this.getLifecyclePolicy(input);
  }

  getLifecyclePolicy(input: { repositoryName: string | undefined }) {
    const { registryId, repositoryName, lifecyclePolicyText } = this.#need(input.repositoryName);
    if (lifecyclePolicyText === undefined) {
      throw new CloudError(
        "LifecyclePolicyNotFoundException",
        `Lifecycle policy does not exist for the repository with name '${repositoryName}' in the registry with id '${registryId}'`,
      );
    }
    return { registryId, repositoryName, lifecyclePolicyText };
  }

  deleteLifecyclePolicy(input: { repositoryName: string | undefined }) {
    const answer = this.getLifecyclePolicy(input);
    const { lifecyclePolicyText: _, ...stored } = this.#need(input.repositoryName);
    this.#put(stored);
    return answer;
  }

  setRepositoryPolicy(input: SetRepositoryPolicyCommandInput) {
    const stored = this.#need(input.repositoryName);
    const policyText = input.policyText ?? "";
    const problem = checkRepositoryPolicy(policyText);
    if (problem !== undefined) {
      throw invalid(`Invalid parameter at 'PolicyText' failed to satisfy constraint: '${problem}'`);
    }
    this.#put({ ...stored, policyText });
    return this.getRepositoryPolicy(input);
  }

  getRepositoryPolicy(input: { repositoryName: string | undefined }) {
    const { registryId, repositoryName, policyText } = this.#need(input.repositoryName);
    if (policyText === undefined) {
      throw new CloudError(
        "RepositoryPolicyNotFoundException",
        `Repository policy does not exist for the repository with name '${repositoryName}' in the registry with id '${registryId}'`,
      );
    }
    return { registryId, repositoryName, policyText };
  }

  deleteRepositoryPolicy(input: { repositoryName: string | undefined }) {
    const answer = this.getRepositoryPolicy(input);
    const { policyText: _, ...stored } = this.#need(input.repositoryName);
    this.#put(stored);
    return answer;
  }

  /** Any user and password will do on loopback; the shape is AWS's. */
  getAuthorizationToken(_input: object = {}) {
    const expiresAt = new Date(Date.now() + 12 * 3600_000);
    const authorizationToken = Buffer.from("AWS:sandbox").toString("base64");
    return {
      authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: `http://${this.#cloud.registryHost}` }],
    };
  }

  #find(name: string): StoredRepository | undefined {
    return this.#cloud.store.get<StoredRepository>("ecr-repository", name);
  }

  #need(name: string | undefined): StoredRepository {
    const found = name === undefined ? undefined : this.#find(name);
    if (found) return found;
    throw new CloudError(
      "RepositoryNotFoundException",
      `The repository with name '${name}' does not exist in the registry with id '${this.#cloud.account}'`,
    );
  }

  #put(stored: StoredRepository): void {
    this.#cloud.store.put("ecr-repository", stored.repositoryName, stored);
  }
}

function shape(stored: StoredRepository) {
  const { lifecyclePolicyText: _, policyText: __, createdAt, ...rest } = stored;
  return { ...rest, createdAt: new Date(createdAt) };
}

function encryption(wanted: EncryptionConfiguration | undefined): EncryptionConfiguration {
  return { encryptionType: wanted?.encryptionType ?? "AES256", ...(wanted?.kmsKey && { kmsKey: wanted.kmsKey }) };
}

function filters(mutability: ImageTagMutability, wanted: ImageTagMutabilityExclusionFilter[] | undefined) {
  const excluding = mutability.endsWith("_WITH_EXCLUSION");
  if (!wanted?.length) {
    if (excluding) throw invalid(`imageTagMutabilityExclusionFilters must be given with ${mutability}`);
    return {};
  }
  if (!excluding) throw invalid(`imageTagMutabilityExclusionFilters cannot be given with ${mutability}`);
  if (wanted.length > MAX_FILTERS)
    throw invalid(`at most ${MAX_FILTERS} exclusion filters are allowed, got ${wanted.length}`);
  for (const { filter = "" } of wanted) {
    const stars = filter.split("*").length - 1;
    if (!FILTER.test(filter) || stars > MAX_WILDCARDS) {
      throw invalid(`the exclusion filter '${filter}' must match ${FILTER.source} with at most ${MAX_WILDCARDS} '*'`);
    }
  }
  return { imageTagMutabilityExclusionFilters: wanted };
}

function invalid(text: string): CloudError {
  return new CloudError("InvalidParameterException", text);
}
