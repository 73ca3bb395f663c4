/** Rules that join settings of the section `kubernetes`. */
import type { Config, ConfigProblem, CrossFieldRule } from "./config.ts";

function oneCluster({ kubernetes: section }: Config): ConfigProblem[] {
  if (section === undefined) return [];
  const named = (["eks", "context"] as const).filter((key) => section[key] !== undefined);
  if (named.length === 1) return [];
  return [
    {
      field: "kubernetes",
      rule: "one of eks and context",
      value: named.join(", ") || "none",
      remedy: "name the cluster by its EKS name, or by a context of the kubeconfig",
    },
  ];
}

export const kubernetesRules: readonly CrossFieldRule[] = [oneCluster];
