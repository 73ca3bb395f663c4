import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubernetesConfig } from "../../model/config/kubernetes.ts";
import { eksKubeconfig } from "../../model/eks-kubeconfig.ts";
import { boundedName, nameLimits } from "../../model/names.ts";
import type { Environment } from "../environment.ts";

export interface KubernetesClusterArgs extends KubernetesConfig {
  environment: Environment;
}

/**
 * A Kubernetes cluster that exists, as a provider, and the stack's own namespace in it. Pods there must meet the Pod
 * Security Standard `restricted`.
 *
 * @example
 * new KubernetesCluster("kubernetes", { environment, eks: "shop" })
 */
export class KubernetesCluster extends pulumi.ComponentResource {
  readonly provider: kubernetes.Provider;
  /** Name of the stack's namespace. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: KubernetesClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:kubernetes:Cluster", name, args, opts);
    this.provider = new kubernetes.Provider(`${name}-provider`, this.#access(args), { parent: this });
    const namespace = new kubernetes.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: args.namespace ?? args.environment.physicalName(nameLimits.namespace),
          labels: labels(args.environment),
        },
      },
      { parent: this, provider: this.provider },
    );
    this.namespace = namespace.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }

  /** The identifier keeps the provider, and so all that stands in the cluster, when only the way there changes. */
  #access({ eks, context, environment }: KubernetesClusterArgs): kubernetes.ProviderArgs {
    if (eks === undefined) return { context: context as string, clusterIdentifier: context as string };
    const cluster = aws.eks.getClusterOutput({ name: eks }, { parent: this });
    const kubeconfig = cluster.apply(({ name, endpoint, certificateAuthorities }) =>
      eksKubeconfig({
        name,
        region: environment.region,
        endpoint,
        authority: certificateAuthorities[0]?.data ?? "",
      }),
    );
    return { kubeconfig, clusterIdentifier: cluster.arn };
  }
}

/**
 * Label values have at most 63 characters (Kubernetes, "Labels and Selectors").
 * Pod Security Standards: https://kubernetes.io/docs/concepts/security/pod-security-standards
 */
function labels({ project, stack, name }: Environment): Record<string, string> {
  return {
    "app.kubernetes.io/managed-by": "sluice",
    "app.kubernetes.io/part-of": boundedName(nameLimits.label, project),
    "sluice.dev/stack": boundedName(nameLimits.label, stack),
    "sluice.dev/environment": boundedName(nameLimits.label, name),
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
  };
}
