import assert from "node:assert/strict";
import { kubernetesProvider } from "../../../sandbox/providers/kubernetes/index.ts";
import { bareCloud, Engine, serve, urnOf } from "./harness.ts";

const NAMESPACE = "kubernetes:core/v1:Namespace";
const inputs = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

describe("the sandbox's provider kubernetes", () => {
  const { cloud, dispose } = bareCloud();
  const urn = urnOf(NAMESPACE, "shop");
  let engine: Engine;
  let stop: () => Promise<void>;

  before(async () => {
    const server = await serve(cloud, kubernetesProvider("0"));
    stop = () => server.close();
    engine = await new Engine(server.port).configure({ context: "kind-shop" });
  });
  after(async () => {
    engine.close();
    await stop();
    dispose();
  });

  it("makes a namespace, changes its labels, reads it back and deletes it", async () => {
    const made = await engine.create(urn, inputs("shop-prod", { team: "a" }));
    assert.equal(made.id, "shop-prod");
    const live = () => cloud.kubernetes.getNamespace({ cluster: "kind-shop", name: "shop-prod" });
    assert.deepEqual((await live()).labels, { team: "a", "kubernetes.io/metadata.name": "shop-prod" });
    const relabelled = await engine.diff(urn, made.state, inputs("shop-prod", { team: "b" }));
    assert.deepEqual([relabelled.changes, relabelled.replaces], [true, []]);
    const updated = await engine.update(urn, made.id, made.state, inputs("shop-prod", { team: "b" }));
    assert.equal((await live()).labels.team, "b");
    const read = await engine.read(urn, made.id, updated, inputs("shop-prod", { team: "b" }));
    assert.partialDeepStrictEqual(read.state, { metadata: { name: "shop-prod", labels: { team: "b" } } });
    await engine.delete(urn, made.id, updated);
    await assert.rejects(live(), /namespaces "shop-prod" not found/);
  });

  it("keeps clusters apart, and refuses a second namespace of a name", async () => {
    const other = await cloud.kubernetes.createNamespace({ cluster: "elsewhere", name: "twice" });
    const { id, state } = await engine.create(urn, inputs("twice"));
    assert.notEqual(other.uid, (await cloud.kubernetes.getNamespace({ cluster: "kind-shop", name: "twice" })).uid);
    await assert.rejects(engine.create(urn, inputs("twice")), /namespaces "twice" already exists/);
    await engine.delete(urn, id, state);
  });

  it("makes another namespace where the name changes", async () => {
    const { id, state } = await engine.create(urn, inputs("old"));
    assert.deepEqual((await engine.diff(urn, state, inputs("new"))).replaces, ["metadata.name"]);
    await engine.delete(urn, id, state);
  });

  it("is another provider where the cluster is another one, and the same where only the way there changes", async () => {
    const old = { clusterIdentifier: "a", kubeconfig: "one" };
    assert.deepEqual(await engine.diffConfig(old, { clusterIdentifier: "b", kubeconfig: "one" }), [
      "clusterIdentifier",
    ]);
    assert.deepEqual(await engine.diffConfig(old, { clusterIdentifier: "a", kubeconfig: "two" }), []);
  });

  for (const [what, given, expected] of [
    ["a name that is no label", inputs("Shop_1"), /metadata\.name: Invalid value: "Shop_1"/],
    ["a name of 64 characters", inputs("n".repeat(64)), /must be a lowercase RFC 1123 label/],
    ["a label's value of 64 characters", inputs("shop", { team: "v".repeat(64) }), /metadata\.labels\["team"\]/],
    ["a label without a name", inputs("shop", { "a/": "v" }), /metadata\.labels\["a\/"\]/],
    ["what it does not know", { ...inputs("shop"), spec: { finalizers: [] } }, /spec/],
    ["no name", { ...inputs("shop"), metadata: {} }, /name/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { failures } = await engine.check(urn, given);
      assert.match(failures.join("\n"), expected);
    });
  }
});
