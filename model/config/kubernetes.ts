/** The section `kubernetes`: a cluster that exists, and the stack's place in it. */
import { z } from "zod";

export const kubernetes = z.strictObject({
  eks: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/, "the name of an EKS cluster: 1 to 100 of A-Z a-z 0-9 _ -")
    .optional()
    .describe("An EKS cluster in the stack's region and account, by name (EKS API, CreateCluster)."),
  context: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe(
      "A context of the kubeconfig that KUBECONFIG names, else of ~/.kube/config. Always explicit: the current context " +
        "is whatever somebody looked at last.",
    ),
  namespace: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "an RFC 1123 label: 1 to 63 of a-z 0-9 -, no - at either end")
    .refine((name) => !/^(?:kube-|default$)/.test(name), "none of the cluster's own (kube-*, default)")
    .optional()
    .describe("Namespace that the stack makes and owns. Default: PROJECT-STACK."),
});

export type KubernetesConfig = z.output<typeof kubernetes>;
