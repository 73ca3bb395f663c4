import { isDeepStrictEqual } from "node:util";
import type { InputSpec } from "../resource-type.ts";
import { off, textSet, texts } from "./shared.ts";

const object = (fields: Record<string, InputSpec>): InputSpec => ({ type: { object: fields } });
const required = (spec: InputSpec): InputSpec => ({ ...spec, required: true });
const text: InputSpec = { type: "string" };

const pattern = object({
  name: text,
  negate: { type: "boolean" },
  operator: { type: "string", required: true, oneOf: ["starts_with", "ends_with", "contains", "regex"] },
  pattern: required(text),
});

const mergeQueue = object({
  checkResponseTimeoutMinutes: { type: "integer", default: 60, min: 0, max: 360 },
  groupingStrategy: { type: "string", default: "ALLGREEN", oneOf: ["ALLGREEN", "HEADGREEN"] },
  maxEntriesToBuild: { type: "integer", default: 5, min: 0, max: 100 },
  maxEntriesToMerge: { type: "integer", default: 5, min: 0, max: 100 },
  mergeMethod: { type: "string", default: "MERGE", oneOf: ["MERGE", "SQUASH", "REBASE"] },
  minEntriesToMerge: { type: "integer", default: 1, min: 0, max: 100 },
  minEntriesToMergeWaitMinutes: { type: "integer", default: 5, min: 0, max: 360 },
});

const pullRequest = object({
  allowedMergeMethods: {
    type: { list: { type: "string", oneOf: ["merge", "squash", "rebase"] } },
    computed: true,
    minLength: 1,
  },
  dismissStaleReviewsOnPush: off,
  requireCodeOwnerReview: off,
  requireLastPushApproval: off,
  requiredApprovingReviewCount: { type: "integer", default: 0, min: 0, max: 10 },
  requiredReviewThreadResolution: off,
  requiredReviewers: {
    type: {
      set: object({
        filePatterns: required(texts),
        minimumApprovals: { type: "integer", required: true, min: 0, max: 10 },
        reviewer: required(object({ id: { type: "integer", required: true }, type: required(text) })),
      }),
    },
  },
});

const requiredStatusChecks = object({
  doNotEnforceOnCreate: { type: "boolean", default: false },
  requiredChecks: {
    type: { set: object({ context: required(text), integrationId: { type: "integer", default: 0 } }) },
    required: true,
    minLength: 1,
  },
  strictRequiredStatusChecksPolicy: off,
});

const requiredCodeScanning = object({
  requiredCodeScanningTools: {
    type: {
      set: object({
        alertsThreshold: { type: "string", required: true, oneOf: ["none", "errors", "errors_and_warnings", "all"] },
        securityAlertsThreshold: {
          type: "string",
          required: true,
          oneOf: ["none", "critical", "high_or_higher", "medium_or_higher", "all"],
        },
        tool: required(text),
      }),
    },
    required: true,
    minLength: 1,
  },
});

/** Rules for refs (branches and tags), which a push ruleset must not have. */
export const REF_RULES: Record<string, InputSpec> = {
  branchNamePattern: pattern,
  commitAuthorEmailPattern: pattern,
  commitMessagePattern: pattern,
  committerEmailPattern: pattern,
  copilotCodeReview: object({ reviewDraftPullRequests: off, reviewOnPush: off }),
  creation: { type: "boolean" },
  deletion: { type: "boolean" },
  mergeQueue,
  nonFastForward: { type: "boolean" },
  pullRequest,
  requiredCodeScanning,
  requiredDeployments: object({ requiredDeploymentEnvironments: required(texts) }),
  requiredLinearHistory: { type: "boolean" },
  requiredSignatures: { type: "boolean" },
  requiredStatusChecks,
  tagNamePattern: pattern,
  update: { type: "boolean" },
  updateAllowsFetchAndMerge: off,
};

/** Rules for what is in a push, which branch and tag rulesets must not have. */
export const PUSH_RULES: Record<string, InputSpec> = {
  fileExtensionRestriction: object({ restrictedFileExtensions: required(textSet) }),
  filePathRestriction: object({ restrictedFilePaths: required(texts) }),
  maxFilePathLength: object({ maxFilePathLength: { type: "integer", required: true, min: 1, max: 32_767 } }),
  maxFileSize: object({ maxFileSize: { type: "integer", required: true, min: 1, max: 100 } }),
};

/** Actors whose number the cloud ignores. */
const WITHOUT_ID = ["OrganizationAdmin", "DeployKey", "EnterpriseOwner"];

/** As the provider compares them: in any order, and without numbers that mean nothing. */
function sameActors(one: unknown, other: unknown): boolean {
  const keys = (actors: unknown) =>
    (actors as Record<string, unknown>[])
      .map(({ actorId, actorType, bypassMode }) =>
        [actorType, WITHOUT_ID.includes(String(actorType)) ? "" : actorId, bypassMode].join(" "),
      )
      .sort();
  return isDeepStrictEqual(keys(one), keys(other));
}

/** Inputs of a ruleset (https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset). */
export const rulesetInputs: Record<string, InputSpec> = {
  bypassActors: {
    same: sameActors,
    type: {
      list: object({
        actorId: { type: "integer" },
        actorType: {
          type: "string",
          required: true,
          oneOf: ["RepositoryRole", "Team", "Integration", "OrganizationAdmin", "DeployKey", "EnterpriseOwner", "User"],
        },
        bypassMode: { type: "string", required: true, oneOf: ["always", "pull_request", "exempt"] },
      }),
    },
  },
  conditions: object({ refName: required(object({ excludes: required(texts), includes: required(texts) })) }),
  enforcement: { type: "string", required: true, oneOf: ["disabled", "active", "evaluate"] },
  name: { type: "string", computed: true, minLength: 1, maxLength: 100 },
  repository: { type: "string", required: true, replace: true, pattern: /^[-a-zA-Z0-9_.]{1,100}$/ },
  rules: required(object({ ...REF_RULES, ...PUSH_RULES })),
  target: { type: "string", required: true, replace: true, oneOf: ["branch", "push", "tag"] },
};
