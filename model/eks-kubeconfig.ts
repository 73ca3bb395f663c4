/** What is needed of an EKS cluster to reach its API. */
export interface EksCluster {
  name: string;
  region: string;
  /** URL of its API server. */
  endpoint: string;
  /** Certificate authority, in base64. */
  authority: string;
}

/**
 * A kubeconfig for an EKS cluster. It holds no secret: whoever uses it signs in with AWS credentials of their own, by
 * `aws eks get-token`. Source: Amazon EKS user guide, "Create a kubeconfig file manually".
 *
 * @example
 * eksKubeconfig({ name: "shop", region: "eu-west-1", endpoint: "https://…", authority: "LS0t…" })
 */
export function eksKubeconfig({ name, region, endpoint, authority }: EksCluster): string {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "aws",
    args: ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
    interactiveMode: "Never",
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: endpoint, "certificate-authority-data": authority } }],
    users: [{ name, user: { exec } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}
