import assert from "node:assert/strict";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { openStateBackend } from "../../automation/images/state-backend.ts";
import { runCli } from "../../automation/stack-lifecycle.ts";
import { createProject, type Project } from "../automation/engine-fixture.ts";
import { type Moto, startMoto } from "./counterparts.ts";

/** What `sluice images` sees of states in S3, against what the real engine wrote there. */
describe("states of the real engine in moto's S3", function () {
  this.timeout(300_000);
  let moto: Moto | undefined;
  let project: Project | undefined;
  const credentials = { AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s", AWS_REGION: "us-east-1" };
  const environment = { ...process.env };

  before(async () => {
    moto = await startMoto();
    Object.assign(process.env, credentials);
    const client = new S3Client({ endpoint: moto.endpoint, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: "states" }));
    client.destroy();
    project = await createProject();
    const { host } = new URL(moto.endpoint);
    const options = `region=us-east-1&endpoint=${host}&disableSSL=true&s3ForcePathStyle=true`;
    Object.assign(project.context.env, credentials, { PULUMI_BACKEND_URL: `s3://states/team/one?${options}` });
    await pulumi("stack", "init", "dev");
    await pulumi("up", "--yes", "--skip-preview", "--stack", "dev", "--config", "value=first");
    await pulumi("up", "--yes", "--skip-preview", "--stack", "dev", "--config", "value=second");
  });
  after(async () => {
    process.env = environment;
    await moto?.stop();
    await project?.remove();
  });

  async function pulumi(...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await runCli(contextOf(), args);
    assert.equal(code, 0, stdout + stderr);
  }
  function contextOf(): Project["context"] {
    assert.ok(project);
    return project.context;
  }
  const cellOf = (state: unknown) =>
    (state as { resources: { type: string; outputs?: { value?: string } }[] }).resources.find(
      ({ type }) => type === "cell:index:Cell",
    )?.outputs?.value;

  it("finds the stack, its state, and what successful updates left, newest first", async () => {
    const backend = openStateBackend(contextOf());
    const [stack, ...others] = await backend.stacks();
    assert.ok(stack);
    assert.deepEqual([stack.name, others], ["dev", []]);
    assert.equal(cellOf(await backend.state(stack)), "second");
    const values: unknown[] = [];
    for await (const state of backend.successes(stack)) values.push(cellOf(state));
    assert.deepEqual(values, ["second", "first"]);
    assert.deepEqual([await backend.wasUpdated(stack), await backend.busy()], [true, []]);
  });

  it("holds the stack against the real engine, and lets it go", async () => {
    const backend = openStateBackend(contextOf());
    {
      await using hold = await backend.hold(await backend.stacks());
      await hold.check();
      const { code, stdout, stderr } = await runCli(contextOf(), ["destroy", "--yes", "--stack", "dev"]);
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /the stack is currently locked by 1 lock/);
    }
    await pulumi("destroy", "--yes", "--stack", "dev");
  });

  it("says that a state is gone", async () => {
    const backend = openStateBackend(contextOf());
    const gone = { id: "stacks/sluice/gone.json", name: "gone" };
    await assert.rejects(backend.state(gone), /stacks\/sluice\/gone\.json cannot be read/);
  });
});
