import type { CheckProblem, Properties } from "../resource-type.ts";
import type { Provider } from "../server.ts";
import { namespace } from "./namespace.ts";

const ARGUMENTS = new Set(
  `alwaysRender cluster clusterIdentifier context deleteUnreachable enableConfigMapMutable enablePatchForce
  enableSecretMutable enableServerSideApply helmReleaseSettings kubeClientSettings kubeconfig namespace
  renderYamlToDirectory skipUpdateUnreachable suppressDeprecationWarnings suppressHelmHookWarnings
  upsertExistingObjects version pluginDownloadURL`.split(/\s+/),
);

/** The provider `kubernetes`, as far as Sluice uses it. It never opens a kubeconfig: every cluster named exists. */
export function kubernetesProvider(version: string): Provider {
  return {
    name: "kubernetes",
    version,
    types: { "kubernetes:core/v1:Namespace": namespace },
    invokes: {},
    // Source: pulumi-kubernetes, DiffConfig: with a clusterIdentifier nothing else replaces the provider.
    replacing: ["clusterIdentifier"],
    configure,
  };
}

function configure(args: Properties) {
  const problems: CheckProblem[] = Object.keys(args)
    .filter((key) => !ARGUMENTS.has(key) && !key.startsWith("__"))
    .map((property) => ({ property, reason: "the provider has no such argument" }));
  const cluster = args.clusterIdentifier ?? args.context ?? "current";
  return { config: { region: "", defaultTags: {}, settings: { cluster } }, problems };
}
