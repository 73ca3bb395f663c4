import { githubIssuer, type TrustArgs } from "../../../model/roles/oidc-trust.ts";

export const providerArn = `arn:aws:iam::123456789012:oidc-provider/${githubIssuer}`;
export const args: TrustArgs = {
  providerArn,
  owner: "acme",
  ownerId: 1001,
  repository: "shop",
  repositoryId: 2002,
  subjects: [{ environment: "prod" }],
};
export const aud = "sts.amazonaws.com";

/** A token as GitHub would issue it to acme/shop for the environment prod, in the newer form of the subject. */
export const token = {
  sub: "repo:acme@1001/shop@2002:environment:prod",
  aud,
  repository: "acme/shop",
  repository_id: "2002",
  repository_owner: "acme",
  repository_owner_id: "1001",
  ref: "refs/heads/main",
  environment: "prod",
};
export const olderForm = { ...token, sub: "repo:acme/shop:environment:prod" };
