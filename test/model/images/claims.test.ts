import assert from "node:assert/strict";
import fc from "fast-check";
import { goodReleases, namedImages, pullingAccounts } from "../../../model/images/claims.ts";
import { repositoryPolicy } from "../../../model/images/repository-policy.ts";

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
    it(`finds a digest ${title}`, () => assert.deepEqual([...namedImages(value).digests], [digest]));
  }

  const tagged: [string, object][] = [
    ["in an image", { image: `${url}:v1.0.0` }],
    ["beside a digest", { image: `${url}:v1.0.0@${digest}` }],
    ["of another name for the registry", { image: "123456789012.dkr-ecr.eu-west-1.on.aws/api:v1.0.0" }],
    ["in a chart's values", { values: { image: { repository: url, tag: "v1.0.0" } } }],
    ["in values as YAML", { valueYamlFiles: [`image:\n  repository: ${url}\n  tag: v1.0.0\n`] }],
    ["in JSON inside JSON", { policy: JSON.stringify({ tag: "v1.0.0" }) }],
  ];
  for (const [title, outputs] of tagged) {
    it(`finds a tag ${title}`, () => assert.ok(namedImages(state(outputs)).words.has("v1.0.0")));
  }

  it("finds a tag that is a number, and takes no longer word for it", () => {
    assert.ok(namedImages(state({ tag: 7 })).words.has("7"));
    assert.ok(!namedImages(state({ tag: "v1.0.0-rc1", name: "api-v1.0.0" })).words.has("v1.0.0"));
  });

  it("takes no longer text for a digest", () => {
    assert.equal(namedImages(state({ a: `${digest}0`, b: digest.slice(0, -1) })).digests.size, 0);
  });

  it("says where an image may stand that it cannot read", () => {
    const hidden = [{ containerDefinitions: secret }, { spec: { template: { spec: { containers: [secret] } } } }];
    for (const outputs of hidden) assert.equal(namedImages(state(outputs)).unreadable.length, 1);
  });

  it("takes other secrets for what they are", () => {
    const outputs = { result: secret, spec: { containers: [{ image: digest, env: [{ name: "A", value: secret }] }] } };
    assert.deepEqual(namedImages(state(outputs)).unreadable, []);
  });

  it("tells the accounts in which something runs, and no others", () => {
    const outputs = {
      cluster: "arn:aws:ecs:eu-west-1:210987654321:cluster/prod",
      rule: "arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:111122223333:listener/app/x",
      role: "arn:aws:iam::444455556666:root",
      repository: "arn:aws:ecr:eu-west-1:777788889999:repository/api",
    };
    assert.deepEqual([...namedImages(state(outputs)).accounts].sort(), ["111122223333", "210987654321"]);
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
        assert.ok(namedImages(put(holder)).digests.has(digest));
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

describe("accounts that may pull", () => {
  const policyOf = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const allow = (AWS: unknown, more: object = {}) => ({ Effect: "Allow", Principal: { AWS }, ...more });
  const account = "210987654321";
  const table: [string, string, string[]][] = [
    ["whole accounts", policyOf(allow(`arn:aws:iam::${account}:root`)), [account]],
    ["bare ids", policyOf(allow(["111122223333", account])), ["111122223333", account]],
    [
      "roles, each account once",
      policyOf(allow([`arn:aws:iam::${account}:role/a`, `arn:aws:iam::${account}:role/b`])),
      [account],
    ],
    ["everybody", policyOf({ Effect: "Allow", Principal: "*" }), ["*"]],
    ["everybody but some", policyOf({ Effect: "Allow", NotPrincipal: { AWS: account } }), ["*"]],
    ["nobody who is denied", policyOf({ ...allow(account), Effect: "Deny" }), []],
    ["nobody who pushes only", policyOf(allow(account, { Sid: "Push" })), []],
    ["anybody, where nothing can be read", "{", ["*"]],
  ];
  for (const [title, policy, accounts] of table) {
    it(`are ${title}`, () => assert.deepEqual(pullingAccounts(policy), accounts));
  }

  it("are those that the registry's configuration names", () => {
    const policy = repositoryPolicy(
      { pullFrom: [account], pushFrom: ["arn:aws:iam::111122223333:role/ci"] },
      "eu-west-1",
    );
    assert.deepEqual(pullingAccounts(policy ?? ""), [account]);
  });
});
