/** Subjects of GitHub's OIDC tokens, as trust policies name them. */
import { quote } from "./finding.ts";

/** A subject, or pattern of subjects, that stays within one repository. */
export interface BoundedSubject {
  /** `owner/name`, as the token spells it. */
  repository: string;
  /** The number in `NAME@ID`; undefined in the older form, which has names only. */
  repositoryId: string | undefined;
  /** What follows the repository: `environment:prod`, `ref:refs/heads/main`, `pull_request`. */
  context: string;
  /** Whether the context has a wildcard. */
  wildcard: boolean;
}

/**
 * GitHub, "OpenID Connect reference", subject claims: `repo:OWNER/NAME:CONTEXT`, and for repositories created or renamed
 * since 2026-07-15 `repo:OWNER@ID/NAME@ID:CONTEXT`. No name holds a colon, so what begins with the literal text up to
 * the second colon belongs to that repository and to no other.
 */
const form = /^repo:([A-Za-z0-9][A-Za-z0-9_-]*)(?:@(\d+))?\/([A-Za-z0-9._-]+)(?:@(\d+))?:([^\p{Cc}]+)$/u;

/**
 * Reads one value of a condition on `sub`. A wildcard may only follow the repository and the kind of context, after at
 * least one more character: `environment:preview-*`, never `environment:*` or `*`.
 *
 * @returns a text that says what is wrong where the value reaches further than one kind of context of one repository
 * @example
 * readSubject("repo:acme/shop:environment:prod") // { repository: "acme/shop", context: "environment:prod", ... }
 */
export function readSubject(subject: string): BoundedSubject | string {
  const [, owner, ownerId, name, repositoryId, context] = form.exec(subject) ?? [];
  if (owner === undefined || name === undefined || context === undefined) {
    return /[*?]/.test(subject)
      ? `subject ${quote(subject)} has a wildcard that reaches other repositories`
      : `subject ${quote(subject)} is no repo:OWNER/NAME:CONTEXT or repo:OWNER@ID/NAME@ID:CONTEXT`;
  }
  if ((ownerId === undefined) !== (repositoryId === undefined)) {
    return `subject ${quote(subject)} has a number for only one of owner and repository`;
  }
  const named = /^(?:environment:|ref:refs\/heads\/|ref:refs\/tags\/)(.+)$/u.exec(context)?.[1];
  if (named === undefined && context !== "pull_request") {
    return `subject ${quote(subject)} names no environment, branch, tag or pull_request`;
  }
  if (named !== undefined && /^[*?]/.test(named)) {
    return `subject ${quote(subject)} takes any environment, branch or tag`;
  }
  return { repository: `${owner}/${name}`, repositoryId, context, wildcard: /[*?]/.test(context) };
}
