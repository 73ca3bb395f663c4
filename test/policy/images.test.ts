import assert from "node:assert/strict";
import fc from "fast-check";
import { imagesByDigest, judgeImages } from "../../policy/images.ts";
import { assertRefused, assertRemarks, judge, type Resource, refusesEach, unknownValue } from "./harness.ts";

const digest = `sha256:${"a1".repeat(32)}`;
const own = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api@${digest}`;
const containers = (...images: unknown[]) =>
  JSON.stringify(images.map((image, index) => ({ name: `c${index}`, image })));

const compliant: Resource = {
  type: "aws:ecs/taskDefinition:TaskDefinition",
  name: "api-blue",
  props: { executionRoleArn: "arn:aws:iam::123456789012:role/api", containerDefinitions: containers(own, own) },
};

describe("policy images-by-digest", () => {
  refusesEach(imagesByDigest, compliant, [
    {
      title: "a tag",
      change: { containerDefinitions: containers(own.replace(/@.*/, ":v1.0.0")) },
      says: /^api-blue: containerDefinitions\[0\] "c0" image ".*:v1\.0\.0" is named by tag.*; use REGISTRY\/REPOSITORY@sha256:DIGEST/,
    },
    {
      title: "a tag beside the digest",
      change: { containerDefinitions: containers(own.replace("@", ":v1@")) },
      says: /without a tag/,
    },
    { title: "no tag at all", change: { containerDefinitions: containers("nginx") }, says: /named by tag/ },
    {
      title: "a sidecar by tag",
      change: { containerDefinitions: containers(own, "envoy:1") },
      says: /containerDefinitions\[1\] "c1"/,
    },
    { title: "no image", change: { containerDefinitions: containers(undefined) }, says: /has no image/ },
    { title: "a short digest", change: { containerDefinitions: containers(own.slice(0, -1)) }, says: /is no REGISTRY/ },
    {
      title: "a digest in capitals",
      change: { containerDefinitions: containers(own.replace(/a1/g, "A1")) },
      says: /is no REGISTRY/,
    },
    {
      title: "another account's registry",
      change: { containerDefinitions: containers(own.replace("123456789012", "210987654321")) },
      says: /registry "210987654321\.dkr.*" is not this stack's; push the image to 123456789012\.dkr/,
    },
    {
      title: "a public registry",
      change: { containerDefinitions: containers(`docker.io/library/nginx@${digest}`) },
      says: /not this stack's/,
    },
    {
      title: "an image without registry",
      change: { containerDefinitions: containers(`nginx@${digest}`) },
      says: /is no REGISTRY/,
    },
    {
      title: "a host that only begins like the registry",
      change: { containerDefinitions: containers(own.replace(".com/", ".com.evil.example/")) },
      says: /not this stack's/,
    },
    {
      title: "a region that is none",
      change: { containerDefinitions: containers(own.replace("eu-west-1", "eu-west-1.evil")) },
      says: /not this stack's/,
    },
    {
      title: "a loopback registry in a real account",
      change: { containerDefinitions: containers(`127.0.0.1:5000/api@${digest}`) },
      says: /not this stack's/,
    },
    {
      title: "no execution role",
      change: { executionRoleArn: undefined },
      says: /names no account; give the task an execution role/,
    },
    {
      title: "a registry that the config does not list",
      config: { registries: ["ghcr.io"] },
      change: {},
      says: /not this stack's/,
    },
    { title: "a document that is no JSON", change: { containerDefinitions: "[{" }, says: /is not valid JSON/ },
    {
      title: "a document that is no list",
      change: { containerDefinitions: '{"image":"x"}' },
      says: /is no list of containers/,
    },
    { title: "an empty list", change: { containerDefinitions: "[]" }, says: /is no list of containers/ },
    { title: "no document", change: { containerDefinitions: undefined }, says: /is missing/ },
    {
      title: "a container that is null",
      change: { containerDefinitions: "[null]" },
      says: /is no container definition/,
    },
    {
      title: "an image given twice, of which readers may take either",
      change: { containerDefinitions: `[{"image":"nginx","image":${JSON.stringify(own)}}]` },
      says: /has a key twice/,
    },
    {
      title: "a second image under another spelling",
      change: { containerDefinitions: JSON.stringify([{ image: own, Image: "nginx" }]) },
      says: /has the field "Image"/,
    },
  ]);

  it("passes the sandbox's registry beside the sandbox's account only", () => {
    const sandbox = (account: string, image: string): Resource => ({
      ...compliant,
      props: { executionRoleArn: `arn:aws:iam::${account}:role/x`, containerDefinitions: containers(image) },
    });
    const loopback = `127.0.0.1:40123/api@${digest}`;
    assert.deepEqual(judge(imagesByDigest, sandbox("000000000000", loopback)), []);
    assertRefused(judge(imagesByDigest, sandbox("000000000001", loopback)), /not this stack's/);
    assertRefused(judge(imagesByDigest, sandbox("000000000000", loopback), { loopback: false }), /not this stack's/);
    for (const host of [
      "127.0.0.2:40123",
      "127.0.0.1",
      "127.0.0.1:0",
      "127.0.0.1:65536",
      "localhost:40123",
      "127.0.0.1.evil.example:1",
    ]) {
      assertRefused(
        judge(imagesByDigest, sandbox("000000000000", `${host}/api@${digest}`)),
        /not this stack's|is no REGISTRY/,
      );
    }
  });

  it("passes a listed host without asking for the account", () => {
    const config = { registries: ["registry.example.com:5000"] };
    const props = { containerDefinitions: containers(`registry.example.com:5000/api@${digest}`) };
    assert.deepEqual(judge(imagesByDigest, { ...compliant, props }, config), []);
  });

  it("waits for the role where only the update knows it, but not with what is wrong already", () => {
    const waiting = { ...compliant, props: { ...compliant.props, executionRoleArn: unknownValue } };
    assertRemarks(judge(imagesByDigest, waiting), /executionRoleArn, is not known before the update/);
    const tagged = { ...waiting, props: { ...waiting.props, containerDefinitions: containers("nginx:1") } };
    assertRefused(judge(imagesByDigest, tagged), /named by tag/);
  });

  it("lets no reference through that is not a digest in the account's registry (property)", () => {
    const part = fc.oneof(
      fc.constantFrom("@", ":", "/", "sha256", digest, "nginx", "api", own, "127.0.0.1:5000"),
      fc.string({ maxLength: 6 }),
    );
    const settings = { registries: ["{account}.dkr.ecr.{region}.amazonaws.com"], loopback: true };
    let passed = 0;
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const image = parts.join("");
        const props = { executionRoleArn: "arn:aws:iam::123456789012:role/x", containerDefinitions: containers(image) };
        if (judgeImages(props, settings).length > 0) return;
        passed++;
        // Read from the end and by position, not by the policy's own expression.
        assert.equal(image.slice(-72, -64), `${"@sha256:"[0]}sha256:`);
        assert.ok([...image.slice(-64)].every((digit) => "0123456789abcdef".includes(digit)));
        assert.ok(image.startsWith("123456789012.dkr.ecr."));
        assert.ok(!image.slice(0, -72).includes("@") && !image.slice(0, -72).includes(":"));
      }),
      { numRuns: 2000 },
    );
    assert.ok(passed > 0, "the generator never made an image that passes");
  });
});
