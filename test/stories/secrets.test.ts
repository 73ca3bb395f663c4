import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  CreateSecretCommand,
  type CreateSecretCommandOutput,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { Checkout, type Finished } from "./checkout.ts";

describe("story: secrets reach the tasks and nothing else", function () {
  this.timeout(400_000);
  const checkout = new Checkout();
  const made = (what: string) => `${what}-${randomBytes(12).toString("hex")}`;
  const values = { password: made("password"), next: made("next"), token: made("token"), sidecar: made("sidecar") };
  /** Everything that anybody could have read on a terminal or in a CI log. */
  const said: string[] = [];
  const commands = new Set<string>();
  let client: SecretsManagerClient;
  let secret: CreateSecretCommandOutput;

  /** Runs a command while every process's arguments are watched. */
  async function watched(running: Promise<Finished>, code = 0): Promise<Finished> {
    const watch = setInterval(() => noteArguments(commands), 25);
    const finished = await running.finally(() => clearInterval(watch));
    said.push(finished.stdout, finished.stderr);
    assert.equal(finished.code, code, finished.stderr);
    return finished;
  }

  before(async () => {
    checkout.create();
    await checkout.done("sandbox", "start");
    const config = {
      endpoint: `http://127.0.0.1:${checkout.daemon().apiPort}`,
      region: "eu-west-1",
      credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
    };
    client = new SecretsManagerClient(config);
    const SecretString = JSON.stringify({ user: "api", password: values.password });
    secret = await client.send(new CreateSecretCommand({ Name: "db", SecretString }));
    const parameters = new SSMClient(config);
    await parameters.send(new PutParameterCommand({ Name: "/api/token", Type: "SecureString", Value: values.token }));
    await parameters.send(new PutParameterCommand({ Name: "/api/beside", Type: "String", Value: values.sidecar }));
    parameters.destroy();
    await checkout.done("up", "--stack", "foundation", "--create", "--sandbox");
    const { stdout } = await checkout.done(
      ...["push", "examples/service", "--repository", "api", "--tag", "v1.0.0", "--stack", "local", "--json"],
    );
    configure(JSON.parse(stdout).digest);
  });
  after(async () => {
    client?.destroy();
    await checkout.remove();
  });

  const arnOf = (name: string) => `arn:aws:ssm:eu-west-1:000000000000:parameter${name}`;
  const configure = (digest: string) =>
    checkout.configure("local", (config) => {
      config["sluice:services"] = {
        api: {
          count: { min: 1, max: 2 },
          deregistrationDelay: 2,
          health: { interval: 5, timeout: 2, gracePeriod: 0 },
          cpu: 512,
          memory: 1024,
          secrets: {
            DB_PASSWORD: { arn: secret.ARN, key: "password", version: "pin" },
            API_TOKEN: arnOf("/api/token"),
          },
          writablePaths: ["/tmp"],
          dependsOn: { beside: "START" },
          sidecars: {
            beside: {
              image: `api@${digest}`,
              port: 9090,
              environment: { PORT: "9090" },
              secrets: { KEY: arnOf("/api/beside") },
            },
          },
        },
      };
    });
  const release = (tag: string) =>
    watched(checkout.sluice("up", "--stack", "local", "--create", "--image-tag", tag, "--json"));
  const holders = (value: string) => textsOf(checkout, said, commands).filter(([, text]) => text.includes(value));

  it("starts tasks with the values", async () => {
    await release("v1.0.0");
    const found = [...checkout.tasks().keys()].map((pid) => ({
      password: checkout.variable(pid, "DB_PASSWORD"),
      token: checkout.variable(pid, "API_TOKEN"),
      sidecar: checkout.variable(pid, "KEY"),
    }));
    assert.ok(found.some(({ password, token }) => password === values.password && token === values.token));
    assert.ok(found.some(({ sidecar }) => sidecar === values.sidecar));
  });

  it("makes another release of another version, and the live one keeps the version that it was made with", async () => {
    const before = await checkout.service();
    await client.send(
      new PutSecretValueCommand({
        SecretId: "db",
        SecretString: JSON.stringify({ user: "api", password: values.next }),
      }),
    );
    await watched(checkout.sluice("up", "--stack", "local"));
    assert.deepEqual(
      (await checkout.service()).weights,
      before.weights,
      "an update that names no release moves nothing",
    );
    await release("v1.0.0");
    const after = await checkout.service();
    assert.notEqual(after.active, before.active);
    assert.notEqual(after[after.active ?? "blue"]?.release, before[before.active ?? "blue"]?.release);
    assert.equal(after[after.active ?? "blue"]?.digest, before[before.active ?? "blue"]?.digest);
    const passwords = () => new Set([...checkout.tasks().keys()].map((pid) => checkout.variable(pid, "DB_PASSWORD")));
    assert.ok(passwords().has(values.next) && passwords().has(values.password), "each colour has its own");
    await watched(checkout.sluice("rollback", "--stack", "local", "--to", "previous"));
    assert.equal((await checkout.service()).active, before.active);
  });

  it("says what ECS says where a secret is missing, and no value", async () => {
    checkout.configure("local", (config) => {
      const api = config["sluice:services"].api as { secrets: Record<string, unknown> };
      api.secrets.DB_PASSWORD = { arn: secret.ARN, key: "no-such-key" };
    });
    const failed = await watched(checkout.sluice("up", "--stack", "local", "--image-tag", "v1.0.0"), 4);
    assert.match(failed.stderr, /ResourceInitializationError: .*did not contain json key no-such-key/);
  });

  it("leaves no value in state, output, arguments, files or the daemon's rows, but in the secrets themselves", async () => {
    const exported = await watched(checkout.pulumi("stack", "export", "-s", "local"));
    await watched(checkout.pulumi("preview", "-s", "local", "--diff", "--json"));
    await watched(checkout.sluice("outputs", "--stack", "local", "--json"));
    assert.match(exported.stdout, /secretsmanager/, "the state is the one that was asked for");
    for (const [name, value] of Object.entries(values)) {
      assert.deepEqual(
        holders(value).map(([where]) => where),
        [],
        `who holds ${name}`,
      );
    }
  });

  it("keeps the header's secret, which reaches a standby, out of the state", async () => {
    const rules = rowsOf(checkout).filter(([, json]) => json.includes("X-Sluice-Test"));
    const headers = new Set(rules.flatMap(([, json]) => json.match(/[A-Za-z0-9]{40}(?=-(?:blue|green)")/g) ?? []));
    assert.equal(headers.size, 1, "both colours have one secret, and the balancer must know it");
    for (const header of headers) {
      const elsewhere = holders(header)
        .map(([where]) => where)
        .filter((where) => !where.startsWith("row elb."));
      assert.deepEqual(elsewhere, []);
    }
  });
});

function noteArguments(into: Set<string>): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      into.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
    } catch {
      // It ended while we looked.
    }
  }
}

/** Rows of the daemon's database but those of secrets and parameters. */
function rowsOf(checkout: Checkout): [where: string, text: string][] {
  const database = new DatabaseSync(path.join(checkout.home, "sandbox/state.db"), { readOnly: true });
  const rows = database.prepare("SELECT kind, id, json FROM document").all() as Record<
    "kind" | "id" | "json",
    string
  >[];
  database.close();
  return rows
    .filter(({ kind }) => kind !== "secretsmanager.secret" && kind !== "ssm.parameter")
    .map(({ kind, id, json }) => [`row ${kind} ${id}`, json]);
}

/** All that is left behind, and where. */
function textsOf(checkout: Checkout, said: readonly string[], commands: ReadonlySet<string>): [string, string][] {
  const files = readdirSync(checkout.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("state.db"))
    .map((entry) => path.join(entry.parentPath, entry.name));
  assert.ok(
    files.some((file) => file.includes("/backend/")),
    "state is among the files",
  );
  assert.ok(
    [...commands].some((command) => command.includes("pulumi")),
    "the engine is among the processes",
  );
  return [
    ...rowsOf(checkout),
    ...files.map((file): [string, string] => [
      `file ${path.relative(checkout.home, file)}`,
      readFileSync(file, "latin1"),
    ]),
    ...said.map((text): [string, string] => ["output", text]),
    ...[...commands].map((text): [string, string] => ["arguments", text]),
  ];
}
