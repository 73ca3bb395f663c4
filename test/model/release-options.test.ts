import assert from "node:assert/strict";
import { releaseOf } from "../../components/ecs/release.ts";
import { checkConfig } from "../../model/config/config.ts";
import { releaseOptions } from "../../model/release-options.ts";
import { secretArn, toPin, valueFrom } from "../../model/secret-reference.ts";

const image = { tag: "v1", digest: `sha256:${"a".repeat(64)}` };
const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
const version = "0123456789abcdef0123456789abcdef";
const proxy = `tools/proxy@sha256:${"b".repeat(64)}`;

function serviceOf(settings: object) {
  const { config, problems } = checkConfig({ network: {}, cluster: {}, services: { api: settings } });
  assert.deepEqual(problems, []);
  return config?.services.api as NonNullable<NonNullable<typeof config>["services"][string]>;
}
const idOf = (settings: object) => releaseOf(serviceOf(settings), image).id;

describe("a release's identity", () => {
  it("is what it was before there were further options, so that an upgrade of Sluice releases nothing", () => {
    assert.equal(idOf({}), "09a20b4b4bbe5b02");
    assert.equal(
      idOf({
        environment: { A: "1" },
        secrets: { DB: `${secret}:password::` },
        cpu: 512,
        memory: 1024,
        architecture: "ARM64",
        stopTimeout: 60,
        count: { min: 2, max: 8 },
      }),
      "4d465c86efc28d82",
    );
  });

  it("takes no option that is by default", () => {
    assert.equal(releaseOptions(serviceOf({})), undefined);
    const spelledOut = {
      user: 65532,
      writablePaths: [],
      dependsOn: {},
      sidecars: {},
      permissions: [],
      secretKeys: [],
      capacity: { spot: 0, base: 0 },
      logs: { mode: "non-blocking", bufferMiB: 25 },
    };
    assert.equal(idOf(spelledOut), idOf({}));
  });

  const changes: Record<string, object> = {
    user: { user: "1000" },
    entryPoint: { entryPoint: ["/run"] },
    command: { command: ["serve"] },
    writablePaths: { writablePaths: ["/tmp"] },
    "a tmpfs": { writablePaths: [{ path: "/tmp", memoryMiB: 16 }] },
    containerHealth: { containerHealth: { command: "true" } },
    ephemeralStorage: { ephemeralStorage: 21 },
    capacity: { capacity: { spot: 50 } },
    "log mode": { logs: { mode: "blocking" } },
    "log buffer": { logs: { bufferMiB: 26 } },
    sidecars: { sidecars: { proxy: { image: proxy } } },
    "a sidecar's variable": { sidecars: { proxy: { image: proxy, environment: { A: "1" } } } },
    "a sidecar's secret": { sidecars: { proxy: { image: proxy, secrets: { A: secret } } } },
    "a sidecar's size": { sidecars: { proxy: { image: proxy, memory: 64 } } },
    "another sidecar's image": { sidecars: { proxy: { image: proxy.replaceAll("b", "c") } } },
    "a wait": { sidecars: { proxy: { image: proxy } }, dependsOn: { proxy: "START" } },
    "a secret's version": { secrets: { A: { arn: secret, version } } },
  };
  it("changes with each option that decides how it runs", () => {
    const ids = new Map(Object.entries(changes).map(([what, settings]) => [what, idOf(settings)]));
    ids.set("nothing", idOf({}));
    ids.set("a secret", idOf({ secrets: { A: secret } }));
    assert.equal(new Set(ids.values()).size, ids.size, JSON.stringify([...ids]));
  });

  it("does not change with what all releases of a service share", () => {
    const shared = {
      permissions: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::a/*"] }],
      secretKeys: ["arn:aws:kms:eu-west-1:123456789012:key/abc"],
      logs: { retentionDays: 7, kmsKey: "arn:aws:kms:eu-west-1:123456789012:key/abc" },
    };
    assert.equal(idOf(shared), idOf({}));
  });

  it("is the same for both ways to write a secret down", () => {
    assert.equal(idOf({ secrets: { A: { arn: secret } } }), idOf({ secrets: { A: secret } }));
    assert.equal(
      idOf({ secrets: { A: { arn: secret, key: "k", stage: "S" } } }),
      idOf({ secrets: { A: `${secret}:k:S:` } }),
    );
  });

  it("is not made while a version has yet to be looked up", () => {
    assert.throws(() => idOf({ secrets: { A: { arn: secret, version: "pin" } } }), /has not been looked up/);
  });
});

describe("references to secrets", () => {
  it("are permitted by what IAM knows of them", () => {
    assert.equal(secretArn(`${secret}:password:AWSCURRENT:`), secret);
    assert.equal(secretArn(secret), secret);
    assert.equal(
      secretArn("arn:aws:ssm:eu-west-1:123456789012:parameter/a/b"),
      "arn:aws:ssm:eu-west-1:123456789012:parameter/a/b",
    );
  });

  it("name one version once pinned, by the label that was asked for", () => {
    const reference = { arn: secret, key: "k", stage: "AWSPREVIOUS", version: "pin" };
    assert.equal(toPin(reference)?.stage, "AWSPREVIOUS");
    assert.equal(toPin({ arn: secret, version: "pin" })?.stage, "AWSCURRENT");
    assert.equal(toPin({ arn: secret, version }), undefined);
    assert.equal(toPin(secret), undefined);
    assert.equal(valueFrom(reference, version), `${secret}:k::${version}`);
  });
});
