import type { KubernetesCluster, KubernetesClusterArgs } from "./kubernetes-cluster.ts";

/** The SDK is large: only a program that declares something in Kubernetes loads it. */
export async function declareKubernetes(args: KubernetesClusterArgs): Promise<KubernetesCluster> {
  const { KubernetesCluster } = await import("./kubernetes-cluster.ts");
  return new KubernetesCluster("kubernetes", args);
}
