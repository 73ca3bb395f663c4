/** A compliant trust policy, and ways to change one thing in it. */
import { type TrustDocument, trustPolicy } from "../../model/roles/oidc-trust.ts";
import { changed, type Resource } from "./harness.ts";

export const issuer = "token.actions.githubusercontent.com";
export const providerArn = `arn:aws:iam::123456789012:oidc-provider/${issuer}`;
export const repository = { providerArn, owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };
export const trust = trustPolicy({ ...repository, subjects: [{ environment: "prod" }, { branch: "main" }] });
export const [only] = trust.Statement as [TrustDocument["Statement"][number]];
export const role = (document: unknown, name = "deploy-prod"): Resource => ({
  type: "aws:iam/role:Role",
  name,
  props: { assumeRolePolicy: typeof document === "string" ? document : JSON.stringify(document) },
});
export const withDocument = (document: unknown) => ({ assumeRolePolicy: JSON.stringify(document) });
export const statement = (path: (string | number)[], to: unknown) =>
  withDocument(changed(trust, ["Statement", 0, ...path], to));
export const equals = (claim: string, to: unknown) =>
  statement(["Condition", "StringEquals", `${issuer}:${claim}`], to);
export const like = (...subjects: string[]) => {
  const { [`${issuer}:sub`]: _, ...others } = only.Condition.StringEquals as Record<string, unknown>;
  return statement(["Condition"], { StringEquals: others, StringLike: { [`${issuer}:sub`]: subjects } });
};
export const moved = (claim: string, operator: string) => {
  const { [`${issuer}:${claim}`]: value, ...others } = only.Condition.StringEquals as Record<string, unknown>;
  return statement(["Condition"], { StringEquals: others, [operator]: { [`${issuer}:${claim}`]: value } });
};
