import assert from "node:assert/strict";
import { CloudError } from "../../../sandbox/cloud/error.ts";
import { FaultInjector, isWrite } from "../../../sandbox/faults.ts";
import { Store } from "../../../sandbox/store.ts";

class Service {
  readonly made: string[] = [];
  createThing(input: { name: string }) {
    this.made.push(input.name);
    return { thing: { name: input.name, parts: [{ arn: "true" }] } };
  }
  getMetricData() {
    return { MetricDataResults: [{ Id: "a", Timestamps: [new Date(0)], Values: [1] }] };
  }
  count() {
    return this.made.length;
  }
}

describe("faults", () => {
  let store: Store;
  let faults: FaultInjector;
  let service: Service;
  const remote = () => faults.wrap("svc", service);

  beforeEach(() => {
    store = new Store(":memory:");
    faults = new FaultInjector(store);
    service = new Service();
  });
  afterEach(() => store.close());

  it("leaves calls alone without a fault, and counts those that write", async () => {
    assert.equal((await remote().createThing({ name: "a" })).thing.name, "a");
    await remote().getMetricData();
    assert.deepEqual(faults.calls(), { "svc.createThing": 1 });
    faults.mark();
    assert.deepEqual(faults.calls(), {});
  });

  it("refuses before the effect, as often as asked", async () => {
    faults.add({ kind: "throttle", match: { operation: "createThing" }, times: 2 });
    for (let i = 0; i < 2; i += 1) {
      await assert.rejects(
        remote().createThing({ name: "a" }),
        (error) => error instanceof CloudError && error.code === "ThrottlingException",
      );
    }
    await remote().createThing({ name: "b" });
    assert.deepEqual(service.made, ["b"]);
    assert.deepEqual(faults.list(), []);
  });

  it("fails with the code and status asked for", async () => {
    faults.add({ kind: "error", match: {}, value: { code: "AccessDenied", status: 403 } });
    await assert.rejects(remote().createThing({ name: "a" }), { code: "AccessDenied", httpStatus: 403 });
  });

  it("loses the answer after the effect", async () => {
    faults.add({ kind: "timeout-after-success", match: {}, times: 1 });
    await assert.rejects(remote().createThing({ name: "a" }), { dropConnection: true });
    assert.deepEqual(service.made, ["a"]);
  });

  it("lies: in the answer with a value, about the effect without", async () => {
    const fault = faults.add({ kind: "lie", match: {}, value: { "thing.parts.0.arn": "false", "thing.no.such": 1 } });
    assert.deepEqual((await remote().createThing({ name: "a" })).thing.parts, [{ arn: "false" }]);
    faults.clear(fault.id);
    faults.add({ kind: "lie", match: {} });
    assert.deepEqual(await remote().createThing({ name: "b" }), {});
    assert.deepEqual(service.made, ["a"]);
  });

  it("takes the points out of metrics", async () => {
    faults.add({ kind: "gap", match: { operation: "getMetricData" } });
    assert.deepEqual((await remote().getMetricData()).MetricDataResults, [{ Id: "a", Timestamps: [], Values: [] }]);
  });

  it("looks at service, operation, type and names", async () => {
    const call = {
      service: "ecs",
      operation: "updateService",
      type: "t",
      input: [{ service: "arn:aws:ecs:x:0:service/c/api" }],
    };
    for (const match of [{}, { service: "ecs" }, { operation: "updateService" }, { type: "t" }, { name: "api" }]) {
      faults.add({ kind: "die", match, times: 1 });
      assert.ok(faults.take(["die"], call), JSON.stringify(match));
    }
    for (const match of [{ service: "elb" }, { operation: "x" }, { type: "u" }, { name: "ap" }]) {
      const { id } = faults.add({ kind: "die", match });
      assert.equal(faults.take(["die"], call), undefined, JSON.stringify(match));
      faults.clear(id);
    }
  });

  it("are still there after a restart", () => {
    faults.add({ kind: "gap", match: {} });
    assert.equal(new FaultInjector(store).list().length, 1);
  });

  it("knows writes from reads", () => {
    assert.deepEqual(
      ["createX", "putX", "batchDeleteImage", "runTask", "stopTask"].filter((one) => !isWrite(one)),
      [],
    );
    assert.deepEqual(["describeX", "getX", "listX", "batchGetImage", "start", "close"].filter(isWrite), []);
  });
});
