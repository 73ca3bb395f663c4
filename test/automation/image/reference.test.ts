import assert from "node:assert/strict";
import { checkDigest, checkTag, isLoopback, parseImage, parseRepository } from "../../../automation/image/reference.ts";

describe("a reference", () => {
  for (const tag of ["v1.2.3", "_", "A", "a".repeat(128), "1-2_3.4"]) {
    it(`takes the tag ${tag.slice(0, 20)}`, () => assert.equal(checkTag(tag), tag));
  }
  for (const tag of ["", ".a", "-a", "a b", "a/b", "a:b", "ä", "a".repeat(129), "a\n", "../x", "a@b"]) {
    it(`refuses the tag ${JSON.stringify(tag.slice(0, 20))}`, () => {
      assert.throws(() => checkTag(tag), { kind: "usage", exitCode: 2 });
    });
  }

  it("takes a digest only whole", () => {
    const digest = `sha256:${"0".repeat(64)}`;
    assert.equal(checkDigest(digest), digest);
    for (const bad of ["sha256:0", digest.toUpperCase(), `${digest}0`, digest.replace("256", "512")]) {
      assert.throws(() => checkDigest(bad), { kind: "usage" });
    }
  });

  it("takes addresses of repositories", () => {
    const ecr = "000000000000.dkr.ecr.eu-west-1.amazonaws.com";
    assert.deepEqual(parseRepository(`${ecr}/team/api`), { host: ecr, name: "team/api" });
    assert.deepEqual(parseRepository("127.0.0.1:5000/a__b-c.d"), { host: "127.0.0.1:5000", name: "a__b-c.d" });
  });
  for (const url of ["api", "https://x/api", "x/", "/x", "x/API", "x/a:tag", "x/a..b", "x/a//b", "x/../a", "u@x/a"]) {
    it(`refuses the repository ${url}`, () => assert.throws(() => parseRepository(url), { kind: "usage" }));
  }

  const images: [string, object][] = [
    ["node", { host: "registry-1.docker.io", name: "library/node" }],
    ["node:24", { host: "registry-1.docker.io", name: "library/node", tag: "24" }],
    ["docker.io/team/x", { host: "registry-1.docker.io", name: "team/x" }],
    ["docker.io/node", { host: "registry-1.docker.io", name: "library/node" }],
    ["team/x:1", { host: "registry-1.docker.io", name: "team/x", tag: "1" }],
    ["gcr.io/a/b", { host: "gcr.io", name: "a/b" }],
    ["localhost/a", { host: "localhost", name: "a" }],
    [
      `127.0.0.1:5000/a:t@sha256:${"1".repeat(64)}`,
      { host: "127.0.0.1:5000", name: "a", tag: "t", digest: `sha256:${"1".repeat(64)}` },
    ],
  ];
  for (const [text, expected] of images) {
    it(`reads the image ${text.slice(0, 30)}`, () => assert.deepEqual(parseImage(text), expected));
  }

  it("knows what is on this machine, and what only looks so", () => {
    for (const host of ["localhost", "localhost:5000", "127.0.0.1:1", "127.8.9.10", "[::1]:5000"]) {
      assert.ok(isLoopback(host), host);
    }
    for (const host of ["127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "x127.0.0.1", "[::2]"]) {
      assert.ok(!isLoopback(host), host);
    }
  });
});
