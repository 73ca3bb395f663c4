import type { CheckProblem, Properties } from "../resource-type.ts";
import type { Provider } from "../server.ts";
import { repositoryEnvironment, repositoryEnvironmentDeploymentPolicy } from "./environment.ts";
import { repositoryRuleset } from "./ruleset.ts";

/** Whose repositories they are where the program names no owner. */
const DEFAULT_OWNER = "sandbox";
const ARGUMENTS = new Set(
  `appAuth baseUrl cachePath insecure legacyClient maxPerPage maxRetries organization owner parallelRequests readDelayMs
  retryDelayMs retryableErrors token writeDelayMs version pluginDownloadURL`.split(/\s+/),
);

/** The provider `github`, as far as Sluice uses it. */
export function githubProvider(version: string): Provider {
  return {
    name: "github",
    version,
    types: {
      "github:index/repositoryRuleset:RepositoryRuleset": repositoryRuleset,
      "github:index/repositoryEnvironment:RepositoryEnvironment": repositoryEnvironment,
      "github:index/repositoryEnvironmentDeploymentPolicy:RepositoryEnvironmentDeploymentPolicy":
        repositoryEnvironmentDeploymentPolicy,
    },
    invokes: {},
    configure,
  };
}

function configure(args: Properties) {
  const problems: CheckProblem[] = Object.keys(args)
    .filter((key) => !ARGUMENTS.has(key) && !key.startsWith("__"))
    .map((property) => ({ property, reason: "the provider has no such argument" }));
  const owner = args.owner ?? args.organization ?? DEFAULT_OWNER;
  return { config: { region: "", defaultTags: {}, settings: { owner } }, problems };
}
