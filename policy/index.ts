/** The policies of the pack. Each refuses by itself: `mandatory`, unless policy/config.json says otherwise. */
import type { Policies } from "@pulumi/policy";
import { balancersProtected, listenersEncrypted } from "./balancers.ts";
import { boundariesUnattached, rolesBounded } from "./boundaries.ts";
import { branchRulesActive, branchRulesPresent, githubEnvironmentsGuarded } from "./github-rules.ts";
import { containersHardened } from "./hardening.ts";
import { imagesByDigest } from "./images.ts";
import { balancerGroupKept, ingressClosed } from "./ingress.ts";
import { logsKept } from "./logs.ts";
import { networksWatched } from "./networks.ts";
import { oidcProviderExact, oidcTrustExact } from "./oidc-trust.ts";
import { permissionsNarrow } from "./permissions.ts";
import { noPlainSecrets } from "./plain-secrets.ts";
import { imagesProven } from "./proof.ts";
import { releasesKept, repositoriesImmutable } from "./repositories.ts";
import { repositoriesClosed } from "./repository-access.ts";
import { servicesGuarded } from "./services.ts";
import { trafficOneOwner, trafficWeightsOwned } from "./traffic.ts";
import { taskDefinitionsKept, typesJudged, workloadsJudged } from "./workloads.ts";

export const policies = [
  // What runs.
  imagesByDigest,
  imagesProven,
  workloadsJudged,
  typesJudged,
  containersHardened,
  noPlainSecrets,
  servicesGuarded,
  // What a rollback needs.
  repositoriesImmutable,
  releasesKept,
  taskDefinitionsKept,
  trafficWeightsOwned,
  trafficOneOwner,
  // Who gets in.
  repositoriesClosed,
  oidcTrustExact,
  oidcProviderExact,
  permissionsNarrow,
  rolesBounded,
  boundariesUnattached,
  ingressClosed,
  balancerGroupKept,
  listenersEncrypted,
  balancersProtected,
  // What deployments rest on.
  branchRulesActive,
  branchRulesPresent,
  githubEnvironmentsGuarded,
  networksWatched,
  logsKept,
] satisfies Policies;
