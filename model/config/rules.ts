/** Every rule that joins several settings. Each is a named function that returns every breach it finds. */
import { alarmsRules } from "./alarms-rules.ts";
import { clusterRules } from "./cluster-rules.ts";
import type { CrossFieldRule } from "./config.ts";
import { containerRules } from "./container-rules.ts";
import { gatesRules } from "./gates-rules.ts";
import { githubEnvironmentRules } from "./github-environment-rules.ts";
import { githubRules } from "./github-rules.ts";
import { kubernetesRules } from "./kubernetes-rules.ts";
import { migrationRules } from "./migration-rules.ts";
import { networkRules } from "./network-rules.ts";
import { registryRules } from "./registry-rules.ts";
import { requestRules } from "./request-rules.ts";
import { rulesetRules } from "./ruleset-rules.ts";
import { serviceRules } from "./service-rules.ts";

export const crossFieldRules: readonly CrossFieldRule[] = [
  ...serviceRules,
  ...migrationRules,
  ...containerRules,
  ...networkRules,
  ...clusterRules,
  ...kubernetesRules,
  ...requestRules,
  ...registryRules,
  ...rulesetRules,
  ...githubEnvironmentRules,
  ...githubRules,
  ...alarmsRules,
  ...gatesRules,
];
