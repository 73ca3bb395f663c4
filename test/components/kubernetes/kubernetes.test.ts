import assert from "node:assert/strict";
import { declareKubernetes } from "../../../components/kubernetes/kubernetes.ts";
import { checkConfig } from "../../../model/config/config.ts";
import { declare, environment } from "../harness.ts";

const eks = {
  "aws:eks/getCluster:getCluster": () => ({
    name: "shop",
    arn: "arn:aws:eks:eu-west-1:123456789012:cluster/shop",
    endpoint: "https://abc.eks.test",
    certificateAuthorities: [{ data: "Q0E=" }],
  }),
};

describe("KubernetesCluster", () => {
  it("reaches a cluster by a context, and makes a namespace of the stack's own", async () => {
    const declared = await declare(() => declareKubernetes({ environment, context: "kind-shop" }));
    assert.deepEqual(declared.one("providers", "kubernetes-provider"), {
      context: "kind-shop",
      clusterIdentifier: "kind-shop",
    });
    assert.deepEqual(declared.one("core/v1", "kubernetes-namespace"), {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "sluice-test",
        labels: {
          "app.kubernetes.io/managed-by": "sluice",
          "app.kubernetes.io/part-of": "sluice",
          "sluice.dev/stack": "test",
          "sluice.dev/environment": "test",
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
      },
    });
  });

  it("reaches an EKS cluster without a secret: whoever runs it signs in", async () => {
    const declared = await declare(() => declareKubernetes({ environment, eks: "shop" }), eks);
    const { kubeconfig, clusterIdentifier } = declared.one("providers", "kubernetes-provider") as Record<
      string,
      string
    >;
    assert.equal(clusterIdentifier, "arn:aws:eks:eu-west-1:123456789012:cluster/shop");
    const { clusters, users } = JSON.parse(kubeconfig ?? "");
    assert.deepEqual(clusters[0].cluster, {
      server: "https://abc.eks.test",
      "certificate-authority-data": "Q0E=",
    });
    assert.deepEqual(users, [
      {
        name: "shop",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1",
            command: "aws",
            args: ["eks", "get-token", "--cluster-name", "shop", "--region", "eu-west-1", "--output", "json"],
            interactiveMode: "Never",
          },
        },
      },
    ]);
  });
});

describe("the section kubernetes", () => {
  const problems = (kubernetes: Record<string, unknown>) =>
    checkConfig({ kubernetes }).problems.map(({ field, rule }) => `${field}: ${rule}`);

  it("takes one cluster", () => {
    for (const one of [{ eks: "shop" }, { context: "kind-shop", namespace: "shop" }])
      assert.deepEqual(problems(one), []);
  });

  for (const [what, section, expected] of [
    ["no cluster", {}, /^kubernetes: one of eks and context$/],
    ["two clusters", { eks: "a", context: "b" }, /^kubernetes: one of eks and context$/],
    [
      "a namespace of the cluster's own",
      { eks: "a", namespace: "kube-system" },
      /namespace: none of the cluster's own/,
    ],
    ["the namespace default", { eks: "a", namespace: "default" }, /namespace: none of the cluster's own/],
    ["a namespace of 64 characters", { eks: "a", namespace: "n".repeat(64) }, /namespace: an RFC 1123 label/],
    ["a kubeconfig, which may hold a secret", { context: "a", kubeconfig: "apiVersion: v1" }, /no such setting/],
  ] as const) {
    it(`refuses ${what}`, () => assert.match(problems(section).join("\n"), expected));
  }
});
