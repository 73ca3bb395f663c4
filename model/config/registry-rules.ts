/** Rules that join settings of repositories. */
import { maximumPolicyLength, repositoryPolicy } from "../images/repository-policy.ts";
import type { CrossFieldRule } from "./config.ts";

/** The region with the longest partition: what fits there fits everywhere. */
const longestRegion = "us-gov-west-1";

/** Each principal is within its own limit; together they must fit into one document. */
const policiesFit: CrossFieldRule = ({ registry }) =>
  Object.entries(registry?.repositories ?? {}).flatMap(([name, repository]) => {
    const length = repositoryPolicy(repository, longestRegion)?.length ?? 0;
    if (length <= maximumPolicyLength) return [];
    return [
      {
        field: `registry.repositories.${name}.pullFrom`,
        rule: `at most ${maximumPolicyLength} characters of policy (ECR API, SetRepositoryPolicy)`,
        value: `${length} characters for ${repository.pullFrom.length + repository.pushFrom.length} principals`,
        remedy: "name accounts instead of their roles, and let each account's IAM say which of its roles may pull",
      },
    ];
  });

export const registryRules: readonly CrossFieldRule[] = [policiesFit];
