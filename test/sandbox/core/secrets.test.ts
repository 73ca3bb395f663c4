import assert from "node:assert/strict";
import * as secrets from "@aws-sdk/client-secrets-manager";
import * as ssm from "@aws-sdk/client-ssm";
import { createCloud } from "../../../sandbox/cloud/create.ts";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { invokes } from "../../../sandbox/providers/aws/invokes.ts";
import type { ProviderContext } from "../../../sandbox/providers/resource-type.ts";
import { Store } from "../../../sandbox/store.ts";
import { serve, type WireServer } from "../wire/harness.ts";

describe("secrets and parameters, as AWS's own clients see them", () => {
  let store: Store;
  let cloud: Cloud;
  let server: WireServer;
  let manager: secrets.SecretsManagerClient;
  let parameters: ssm.SSMClient;
  before(async () => {
    store = new Store(":memory:");
    cloud = createCloud({ home: "/nowhere", store, registryHost: "127.0.0.1:1" }).outer;
    server = await serve(cloud);
    manager = new secrets.SecretsManagerClient(server.clientConfig);
    parameters = new ssm.SSMClient(server.clientConfig);
  });
  after(async () => {
    manager.destroy();
    parameters.destroy();
    await server.close();
    store.close();
  });

  const value = async (input: secrets.GetSecretValueCommandInput) =>
    (await manager.send(new secrets.GetSecretValueCommand(input))).SecretString;

  it("keeps versions, and moves the labels as values are put", async () => {
    const made = await manager.send(new secrets.CreateSecretCommand({ Name: "db/main", SecretString: "one" }));
    assert.match(made.ARN ?? "", /^arn:aws:secretsmanager:eu-west-1:000000000000:secret:db\/main-[A-Za-z0-9]{6}$/);
    const put = await manager.send(new secrets.PutSecretValueCommand({ SecretId: "db/main", SecretString: "two" }));
    assert.equal(await value({ SecretId: "db/main" }), "two");
    assert.equal(await value({ SecretId: made.ARN, VersionStage: "AWSPREVIOUS" }), "one");
    assert.equal(await value({ SecretId: made.ARN, VersionId: made.VersionId }), "one");
    await manager.send(new secrets.PutSecretValueCommand({ SecretId: "db/main", SecretString: "three" }));
    const { Versions = [] } = await manager.send(new secrets.ListSecretVersionIdsCommand({ SecretId: "db/main" }));
    assert.deepEqual(
      Versions.map(({ VersionStages }) => VersionStages),
      [["AWSPREVIOUS"], ["AWSCURRENT"]],
      "the first has no label left, so it is deprecated and not listed",
    );
    assert.equal(Versions[0]?.VersionId, put.VersionId);
    await manager.send(
      new secrets.UpdateSecretVersionStageCommand({
        SecretId: "db/main",
        VersionStage: "AWSCURRENT",
        MoveToVersionId: put.VersionId,
        RemoveFromVersionId: Versions[1]?.VersionId,
      }),
    );
    assert.equal(await value({ SecretId: "db/main" }), "two");
  });

  it("keeps bytes", async () => {
    const SecretBinary = new Uint8Array([0, 255, 7]);
    await manager.send(new secrets.CreateSecretCommand({ Name: "bytes", SecretBinary }));
    const read = await manager.send(new secrets.GetSecretValueCommand({ SecretId: "bytes" }));
    assert.deepEqual([...(read.SecretBinary ?? [])], [0, 255, 7]);
  });

  it("refuses what Secrets Manager refuses, by its exceptions", async () => {
    await manager.send(new secrets.CreateSecretCommand({ Name: "empty" }));
    await assert.rejects(value({ SecretId: "empty" }), (error: Error) => {
      assert.ok(error instanceof secrets.ResourceNotFoundException);
      assert.match(error.message, /staging label: AWSCURRENT/);
      return true;
    });
    await assert.rejects(value({ SecretId: "none" }), secrets.ResourceNotFoundException);
    const again = new secrets.CreateSecretCommand({ Name: "empty", SecretString: "x" });
    await assert.rejects(manager.send(again), secrets.ResourceExistsException);
    await manager.send(new secrets.DeleteSecretCommand({ SecretId: "empty" }));
    await assert.rejects(value({ SecretId: "empty" }), secrets.InvalidRequestException);
  });

  it("keeps parameters with versions, and decrypts only when asked", async () => {
    const put = (Value: string, Overwrite?: boolean) =>
      parameters.send(new ssm.PutParameterCommand({ Name: "/app/key", Type: "SecureString", Value, Overwrite }));
    assert.equal((await put("first")).Version, 1);
    await assert.rejects(put("second"), ssm.ParameterAlreadyExists);
    assert.equal((await put("second", true)).Version, 2);
    const read = async (Name: string, WithDecryption = true) =>
      (await parameters.send(new ssm.GetParameterCommand({ Name, WithDecryption }))).Parameter;
    assert.equal((await read("/app/key"))?.Value, "second");
    assert.equal((await read("/app/key:1"))?.Value, "first");
    const arn = (await read("/app/key"))?.ARN ?? "";
    assert.equal(arn, "arn:aws:ssm:eu-west-1:000000000000:parameter/app/key");
    assert.equal((await read(arn))?.Value, "second");
    assert.notEqual((await read("/app/key", false))?.Value, "second");
    const some = await parameters.send(new ssm.GetParametersCommand({ Names: ["/app/key", "/none"] }));
    assert.deepEqual(some.InvalidParameters, ["/none"]);
    await assert.rejects(read("/none"), ssm.ParameterNotFound);
  });

  it("tells a program ids and labels of versions, and no value", async () => {
    const { ARN = "", VersionId } = await manager.send(
      new secrets.CreateSecretCommand({ Name: "told", SecretString: "never told" }),
    );
    const ctx = { cloud, region: "eu-west-1" } as unknown as ProviderContext;
    const found = await invokes["aws:secretsmanager/getSecretVersions:getSecretVersions"]?.run({ secretId: ARN }, ctx);
    assert.partialDeepStrictEqual(found, { versions: [{ versionId: VersionId, versionStages: ["AWSCURRENT"] }] });
    assert.ok(!JSON.stringify(found).includes("never told"));
  });
});
