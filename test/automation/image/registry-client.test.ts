import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { bytesBlob } from "../../../automation/image/blob-upload.ts";
import { digestOf, encodeDocument, type Manifest, parseManifest } from "../../../automation/image/oci-types.ts";
import { parseChallenges } from "../../../automation/image/registry-auth.ts";
import { RegistryClient } from "../../../automation/image/registry-client.ts";
import { MemoryRegistry, type MemoryRegistryOptions } from "./memory-registry.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";

function index(extra: object = {}): Manifest {
  return parseManifest(encodeDocument({ schemaVersion: 2, mediaType: INDEX, manifests: [], ...extra }), INDEX);
}

function blobOf(bytes: Uint8Array<ArrayBuffer>) {
  return bytesBlob(bytes, digestOf(bytes));
}

describe("the registry client", () => {
  let registry: MemoryRegistry;
  let waits: number[];

  async function start(options: MemoryRegistryOptions = {}): Promise<void> {
    registry = await MemoryRegistry.start(options);
  }

  function client(options: object = {}): RegistryClient {
    waits = [];
    const sleep = async (milliseconds: number) => void waits.push(milliseconds);
    return new RegistryClient(registry.host, { sleep, ...options });
  }

  afterEach(() => registry.stop());

  describe("uploads", () => {
    const bytes = new Uint8Array(randomBytes(1000));

    it("a small blob in one piece, once", async () => {
      await start();
      const blob = blobOf(bytes);
      assert.equal(await client().uploadBlob("a", blob), "uploaded");
      assert.deepEqual(registry.blobs.get(`a@${blob.digest}`), Buffer.from(bytes));
      assert.deepEqual(registry.calls, [
        `HEAD /v2/a/blobs/${blob.digest}`,
        "POST /v2/a/blobs/uploads/",
        "PUT /v2/a/blobs/uploads/U",
      ]);
      assert.equal(await client().uploadBlob("a", blob), "present");
      assert.equal(registry.calls.length, 4);
    });

    it("a large blob in chunks, no smaller than the registry wants", async () => {
      await start({ minimumChunkBytes: 400 });
      const blob = blobOf(bytes);
      assert.equal(await client().uploadBlob("a", blob, { chunkBytes: 300 }), "uploaded");
      assert.deepEqual(registry.blobs.get(`a@${blob.digest}`), Buffer.from(bytes));
      const ranges = registry.seen
        .filter(({ method }) => method === "PATCH")
        .map(({ headers }) => headers["content-range"]);
      assert.deepEqual(ranges, ["0-399", "400-799", "800-999"]);
    });

    it("nothing that another repository of the registry holds", async () => {
      await start();
      const blob = blobOf(bytes);
      await client().uploadBlob("a", blob);
      assert.equal(await client().uploadBlob("b", blob, { mountFrom: "a" }), "mounted");
      assert.ok(registry.blobs.has(`b@${blob.digest}`));
    });

    it("all of it where the registry takes nothing over", async () => {
      await start({ mounts: false });
      const blob = blobOf(bytes);
      await client().uploadBlob("a", blob);
      assert.equal(await client().uploadBlob("b", blob, { mountFrom: "a" }), "uploaded");
      assert.deepEqual(registry.blobs.get(`b@${blob.digest}`), Buffer.from(bytes));
    });

    const passing = [
      { method: "POST", path: /uploads/, status: 503 },
      { method: "PATCH", path: /uploads/, status: 500 },
      { method: "PATCH", path: /uploads/, status: "reset" },
      { method: "PATCH", path: /uploads/, status: 404 },
      { method: "PUT", path: /uploads/, status: 502 },
    ] as const;
    for (const fault of passing) {
      it(`again from the start after ${fault.status} on ${fault.method}`, async () => {
        await start();
        registry.faults.push(fault);
        const blob = blobOf(bytes);
        assert.equal(await client().uploadBlob("a", blob, { chunkBytes: 600 }), "uploaded");
        assert.deepEqual(registry.blobs.get(`a@${blob.digest}`), Buffer.from(bytes));
        assert.equal(waits.length, 1);
      });
    }

    it("not twice what arrived though the answer was lost", async () => {
      await start();
      registry.faults.push({ method: "PUT", path: /uploads/, status: "reset", after: true });
      assert.equal(await client().uploadBlob("a", blobOf(bytes)), "present");
      assert.equal(registry.calls.filter((call) => call.startsWith("PUT")).length, 1);
    });

    it("never under a digest that is not its own", async () => {
      await start();
      await assert.rejects(client().uploadBlob("a", bytesBlob(bytes, `sha256:${"0".repeat(64)}`)), /DIGEST_INVALID/);
    });
  });

  describe("retries", () => {
    it("waits longer each time, and as long as it is told to", async () => {
      await start();
      for (const status of [500, 429, 503]) {
        const headers: Record<string, string> = status === 429 ? { "retry-after": "7" } : {};
        registry.faults.push({ method: "GET", path: /manifests/, status, headers });
      }
      assert.equal(await client().manifest("a", "v1"), undefined);
      assert.equal(waits.length, 3);
      const [first = 0, second = 0, third = 0] = waits;
      assert.ok(first >= 125 && first <= 250, `first wait ${first}`);
      assert.equal(second, 7000);
      assert.ok(third >= 500 && third <= 1000, `third wait ${third}`);
    });

    it("gives up at last, with the registry's own words", async () => {
      await start();
      for (let count = 0; count < 5; count += 1) registry.faults.push({ method: "GET", path: /./, status: 500 });
      await assert.rejects(client().manifest("a", "v1"), {
        kind: "registry",
        message: /answered HTTP 500 to GET \/v2\/a/,
      });
      assert.equal(registry.seen.length, 5);
    });

    it("does not repeat what was refused", async () => {
      await start({ immutable: true });
      await client().putManifest("a", "v1", index());
      registry.seen.length = 0;
      await assert.rejects(client().putManifest("a", "v1", index({ annotations: { a: "b" } })), {
        codes: ["TAG_INVALID"],
      });
      assert.equal(registry.seen.length, 1);
    });

    it("says that nobody listens", async () => {
      await start();
      const { host } = registry;
      await registry.stop();
      const dead = new RegistryClient(host, { sleep: async () => {}, attempts: 2 });
      await assert.rejects(dead.manifest("a", "v1"), {
        kind: "registry",
        message: /cannot be reached \(ECONNREFUSED\)/,
      });
    });
  });

  describe("credentials", () => {
    const login = { username: "user", password: "p:ä" };

    it("are sent only when they are asked for, and asked for once", async () => {
      await start({ auth: { scheme: "basic", username: "user", password: "p:ä" } });
      let asked = 0;
      const source = async () => {
        asked += 1;
        return login;
      };
      const authorized = client({ credentials: source });
      await authorized.manifest("a", "v1");
      await authorized.manifest("a", "v2");
      assert.equal(asked, 1);
      assert.deepEqual(
        registry.seen.map(({ headers, status }) => [headers.authorization !== undefined, status]),
        [
          [false, 401],
          [true, 404],
          [true, 404],
        ],
      );
    });

    it("become a token where the registry wants one, renewed when it runs out", async () => {
      await start({ auth: { scheme: "bearer", ...login } });
      const authorized = client({ credentials: async () => login });
      assert.equal(await authorized.manifest("a", "v1"), undefined);
      await authorized.putManifest("a", "v1", index());
      registry.expireTokens();
      assert.equal((await authorized.manifest("a", "v1"))?.digest, index().digest);
      const scopes = registry.seen.filter(({ url }) => url.startsWith("/token")).map(({ url }) => url.split("?")[1]);
      assert.deepEqual(scopes, [
        "service=test&scope=repository%3Aa%3Apull",
        "service=test&scope=repository%3Aa%3Apull%2Cpush",
        "service=test&scope=repository%3Aa%3Apull",
      ]);
    });

    it("that are missing or wrong are an error of their own", async () => {
      await start({ auth: { scheme: "basic", ...login } });
      await assert.rejects(client().manifest("a", "v1"), { kind: "auth", exitCode: 3, message: /wants credentials/ });
      const wrong = client({ credentials: async () => ({ username: "user", password: "no" }) });
      await assert.rejects(wrong.manifest("a", "v1"), { kind: "auth", exitCode: 3, message: /HTTP 401.*UNAUTHORIZED/ });
    });

    it("never go to another host than the registry's, also when it sends us there", async () => {
      await start({ auth: { scheme: "basic", ...login } });
      const other = await MemoryRegistry.start();
      const location = `http://${other.host}/v2/a/blobs/uploads/x`;
      const bytes = new Uint8Array([1]);
      const authorized = client({ credentials: async () => login });
      await authorized.manifest("a", "v1");
      registry.faults.push({ method: "POST", path: /uploads/, status: 202, headers: { location } });
      await authorized.uploadBlob("a", blobOf(bytes));
      await other.stop();
      assert.deepEqual(
        other.seen.map(({ method, headers }) => [method, headers.authorization]),
        [["PUT", undefined]],
      );
      assert.equal(registry.blobs.size, 1);
    });

    it("are read from challenges of either kind", () => {
      assert.deepEqual(
        parseChallenges('Basic realm="a, b", Bearer realm="https://x/t",service=s,scope="r:a:pull,push"'),
        [
          { scheme: "basic", parameters: { realm: "a, b" } },
          { scheme: "bearer", parameters: { realm: "https://x/t", service: "s", scope: "r:a:pull,push" } },
        ],
      );
    });
  });

  describe("reads", () => {
    it("every page of the tags", async () => {
      await start();
      for (const tag of ["e", "d", "c", "b", "a"]) await client().putManifest("x", tag, index());
      assert.deepEqual(await client().tags("x"), ["a", "b", "c", "d", "e"]);
      assert.deepEqual(await client().tags("none"), []);
    });

    it("no manifest that is not what its digest says", async () => {
      await start();
      const { digest } = index();
      registry.manifests.set(`a@${digest}`, { bytes: Buffer.from('{"schemaVersion":2}'), type: INDEX });
      await assert.rejects(client().manifest("a", digest), { kind: "registry", message: /not to be trusted/ });
    });

    it("no manifest that is none", async () => {
      await start();
      const bytes = Buffer.from("<html>");
      registry.manifests.set(`a@${digestOf(bytes)}`, { bytes, type: INDEX });
      await assert.rejects(client().manifest("a", digestOf(bytes)), { kind: "registry", message: /is not JSON/ });
    });

    for (const referrers of [true, false]) {
      it(`referrers ${referrers ? "by the API" : "by the tag that stands in for it"}`, async () => {
        await start({ referrers });
        const subject = index();
        const descriptor = { mediaType: INDEX, digest: subject.digest, size: subject.bytes.length };
        const signature = index({ subject: descriptor });
        await client().putManifest("a", signature.digest, signature);
        const entry = { mediaType: INDEX, digest: signature.digest, size: signature.bytes.length };
        if (!referrers) {
          await client().putManifest("a", subject.digest.replace(":", "-"), index({ manifests: [entry] }));
        }
        assert.deepEqual(await client().referrers("a", subject.digest), [entry]);
        assert.deepEqual(await client().referrers("a", signature.digest), []);
      });
    }
  });

  it("speaks plain HTTP to this machine only", async () => {
    await start();
    // A name that resolves to nothing: over HTTP or TLS it fails alike, so what is looked at is the redirect below.
    registry.faults.push({
      method: "POST",
      path: /uploads/,
      status: 202,
      headers: { location: "http://registry.example/v2/a/blobs/uploads/x" },
    });
    const bytes = new Uint8Array([1]);
    await assert.rejects(client().uploadBlob("a", blobOf(bytes)), {
      message: /sends us to http:\/\/registry.example, which is not https/,
    });
  });
});
