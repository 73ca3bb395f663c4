/** What ECR calls the steps of pulling and pushing, for every policy that allows them. */

/** The three that a pull takes. Source: ECR user guide, "Private repository policy examples". */
export const fetchActions = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:GetDownloadUrlForLayer",
] as const;

/** Reading: a pull, and the one by which Sluice turns a tag into its digest. */
export const pullActions = [...fetchActions, "ecr:DescribeImages"] as const;

/** Pushing, and reading back what was pushed. Nobody is given a deletion, a tag's mutability or the policy itself. */
export const pushActions = [
  ...pullActions,
  "ecr:CompleteLayerUpload",
  "ecr:InitiateLayerUpload",
  "ecr:PutImage",
  "ecr:UploadLayerPart",
] as const;
