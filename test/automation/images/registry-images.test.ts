import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openRegistryImages } from "../../../automation/images/registry-images.ts";
import { RegistryFixture } from "./registry-fixture.ts";

describe("images of a registry", () => {
  let registry: RegistryFixture;
  beforeEach(async () => {
    registry = await RegistryFixture.open("api");
  });
  afterEach(() => registry.close());
  const open = () => openRegistryImages("eu-west-1", "000000000000");

  it("tell what they name and are about, their tags, and what they weigh", async () => {
    const child = await registry.image("api", "child");
    const index = await registry.index("api", [child], "v1");
    await registry.index("api", [child], "stable");
    const signature = await registry.image("api", "signature", undefined, index);
    using images = open();
    const all = new Map((await images.images("api")).map((image) => [image.digest, image]));
    assert.deepEqual([all.get(index)?.children, all.get(index)?.tags], [[child], ["stable", "v1"]]);
    assert.deepEqual([all.get(index)?.bytes, all.get(child)?.children], [0, []]);
    assert.equal(all.get(signature)?.subject, index);
    assert.ok((all.get(child)?.bytes ?? 0) > 0);
  });

  it("tell when they were pulled, but not by us", async () => {
    const child = await registry.image("api", "child", "v1");
    await registry.index("api", [child], "v2");
    using images = open();
    await images.images("api");
    assert.deepEqual(
      (await images.images("api")).map(({ pulledAt }) => pulledAt),
      [undefined, undefined],
    );
    const imageIds = [{ imageTag: "v1" }];
    await registry.world.cloud.ecrImages.batchGetImage({ repositoryName: "api", imageIds });
    const pulled = (await images.images("api")).filter(({ pulledAt }) => pulledAt !== undefined);
    assert.deepEqual(
      pulled.map(({ digest }) => digest),
      [child],
    );
  });

  it("tell who may use them", async () => {
    using images = open();
    assert.equal(await images.policy("api"), undefined);
    await registry.share("api", "210987654321");
    assert.match((await images.policy("api")) ?? "", /210987654321/);
  });

  describe("of a registry whose clock is years behind ours", () => {
    let server: Server;
    const past = new Date("2020-01-01T00:00:00Z");
    before(async () => {
      server = createServer((_, response) => {
        response.writeHead(200, { date: past.toUTCString(), "content-type": "application/x-amz-json-1.1" });
        response.end('{"imageDetails":[]}');
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
    });
    after(() => server.close());

    it("are judged by its clock", async () => {
      process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      using images = open();
      await images.images("api");
      const theirs = new Date(Date.now() + images.clockOffset());
      assert.equal(theirs.getUTCFullYear(), 2020);
    });
  });
});
