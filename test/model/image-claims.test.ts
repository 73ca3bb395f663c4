import assert from "node:assert/strict";
import fc from "fast-check";
import { goodReleases, namedImages } from "../../model/image-claims.ts";

const url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api";
const digest = `sha256:${"ab".repeat(32)}`;
const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x:y" };
const state = (outputs: object) => ({ resources: [{ urn: "urn:…", type: "t", outputs }] });

describe("images that a state names", () => {
  const found: [string, unknown][] = [
    ["in JSON inside JSON", state({ containerDefinitions: JSON.stringify([{ image: `${url}@${digest}` }]) })],
    ["in an operation that never ended", { pending_operations: [{ resource: { inputs: { image: digest } } }] }],
    ["as a key", state({ labels: { [digest]: true } })],
    ["in any other resource", state({ imageUri: `elsewhere.example/x@${digest}` })],
    ["under many levels", Array.from({ length: 20_000 }).reduce<unknown>((inner) => [inner], digest)],
  ];
  for (const [title, value] of found) {
    it(`finds a digest ${title}`, () => assert.deepEqual(namedImages(value, url).digests, [digest]));
  }

  it("finds tags of the repository asked about, and of no other", () => {
    const images = [`${url}:v1.0.0`, `${url}:v2@${digest}`, `${url}-web:v3`, `x/${url}:v4`, `${url}/web:v5`, `${url}:`];
    assert.deepEqual(namedImages(state({ images }), url).tags.toSorted(), ["v1.0.0", "v2", "v4"]);
  });

  it("takes no longer text for a digest", () => {
    assert.deepEqual(namedImages(state({ a: `${digest}0`, b: digest.slice(0, -1) }), url).digests, []);
  });

  it("says where an image may stand that it cannot read", () => {
    const hidden = [{ containerDefinitions: secret }, { spec: { template: { spec: { containers: [secret] } } } }];
    for (const outputs of hidden) assert.equal(namedImages(state(outputs), url).unreadable.length, 1);
  });

  it("takes other secrets for what they are", () => {
    const outputs = { result: secret, spec: { containers: [{ image: digest, env: [{ name: "A", value: secret }] }] } };
    assert.deepEqual(namedImages(state(outputs), url), { digests: [digest], tags: [], unreadable: [] });
  });

  it("finds a digest wherever it is put", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat(), (json, n) => {
        const holder = JSON.parse(json) as unknown;
        const places: ((value: unknown) => unknown)[] = [
          (value) => [value, digest],
          (value) => ({ [`k${n}`]: { deep: [value, `x ${digest} y`] } }),
          (value) => JSON.stringify({ value, image: digest }),
        ];
        const put = places[n % places.length] as (value: unknown) => unknown;
        assert.ok(namedImages(put(holder), url).digests.includes(digest));
      }),
    );
  });
});

describe("good releases", () => {
  it("are those that carried traffic after updates that succeeded, newest first, each once", () => {
    const updates = [{ api: ["c"] }, { api: ["b"], web: ["x"] }, { api: ["c"] }, {}, { api: ["a", "b"] }];
    assert.deepEqual(goodReleases(updates.map((releases) => ({ releases }))), { api: ["c", "b", "a"], web: ["x"] });
  });
});
