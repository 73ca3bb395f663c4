import assert from "node:assert/strict";
import { appendFileSync, cpSync, readdirSync } from "node:fs";
import path from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { projectSettings, readStackFile } from "../../automation/stack-file.ts";
import { checkConfig } from "../../model/config/config.ts";
import { Checkout, type ServiceOutput } from "./checkout.ts";
import { startLoad } from "./load.ts";

/** Stacks of the examples, by what is in the folder: nothing is left out by being forgotten. */
const examples = path.join(import.meta.dirname, "../../examples");
const stacks = readdirSync(examples, { recursive: true, encoding: "utf8" })
  .map((file) => /Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
  .filter((stack) => stack !== undefined)
  .sort();
const foundations = stacks.filter((stack) => stack.endsWith("-foundation"));
/** PunchTrunk's other stacks hold gates alone: nothing of it runs anywhere. */
const environments = stacks.filter((stack) => !stack.endsWith("-foundation") && !stack.startsWith("punchtrunk-"));

/** One AWS example of each shape: a service, two, and three. */
const shapes: { stack: string; repositories: string[]; host: string }[] = [
  { stack: "pantstack-prod", repositories: ["pantstack"], host: "pantstack.dev" },
  { stack: "salunga-prod", repositories: ["salunga/backend", "salunga/frontend"], host: "salunga.example" },
  {
    stack: "sanctum-prod",
    repositories: ["sanctum/auth", "sanctum/directory", "sanctum/messaging"],
    host: "sanctum.example",
  },
];

/** Two at a time: as many as the smallest machine has cores. */
async function inPairs<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

describe("story: the five pipelines' stacks", function () {
  this.timeout(600_000);
  const checkout = new Checkout();
  before(() => checkout.create());
  after(() => checkout.remove());

  /** By repository. */
  const digests = new Map<string, string[]>();
  const sandbox = (stack: string, ...args: string[]) => [...args, "--stack", stack, "--sandbox"];
  async function outputs(stack: string): Promise<Record<string, ServiceOutput>> {
    const { stdout } = await checkout.done(...sandbox(stack, "outputs", "--json"));
    return JSON.parse(stdout).services;
  }

  it("foundations come up", async () => {
    assert.deepEqual(foundations, [
      "alchemorsel-foundation",
      "pantstack-foundation",
      "punchtrunk-foundation",
      "salunga-foundation",
      "sanctum-foundation",
    ]);
    // The first starts the sandbox.
    await checkout.done(...sandbox(foundations[0] as string, "up"));
    await inPairs(foundations.slice(1), (stack) => checkout.done(...sandbox(stack, "up")));
  });

  /** The example with the repository's name in it: evidence is about a digest, wherever that is pushed to. */
  function sourceOf(repository: string): string {
    const folder = path.join(checkout.home, "sources", repository);
    cpSync(path.join(examples, "service"), folder, { recursive: true });
    appendFileSync(path.join(folder, "Dockerfile"), `LABEL org.opencontainers.image.title=${repository}\n`);
    return folder;
  }

  /** Proves what runs in a stack, by that stack's own gates and the pack's. */
  async function prove(stack: string): Promise<void> {
    const { config } = checkConfig(projectSettings(readStackFile(checkout.root, stack)));
    for (const [name, { repository = name }] of Object.entries(config?.services ?? {})) {
      for (const digest of digests.get(repository) ?? []) await checkout.prove(stack, digest, repository);
    }
  }

  it("take images", async () => {
    const repositories = [...shapes, { stack: "alchemorsel-prod", repositories: ["alchemorsel"] }].flatMap(
      ({ stack, repositories }) => repositories.map((repository) => ({ stack, repository })),
    );
    await inPairs(repositories, async ({ stack, repository }) => {
      for (const tag of ["v1.0.0", "v1.1.0"]) {
        const push = ["push", sourceOf(repository), "--repository", repository, "--tag", tag];
        const { stdout } = await checkout.done(...sandbox(stack, ...push));
        digests.set(repository, [...(digests.get(repository) ?? []), stdout.trim()]);
      }
    });
  });

  it("refuse them in every environment that demands proof", async () => {
    await inPairs(environments, async (stack) => {
      const { code, stderr } = await checkout.sluice(...sandbox(stack, "preview", "--image-tag", "v1.0.0"));
      assert.equal(code, 5, `${stack}: ${stderr}`);
      assert.match(stderr, /images-proven \[critical\]: release: [a-z]+ v1\.0\.0: secrets\.findings: needs /, stack);
    });
  });

  it("are content with them once they are proven", async () => {
    // Production last: its reports say most, and of two of a kind the newer one counts.
    const strictness = (stack: string) => Number(stack.endsWith("-prod"));
    const ordered = [...environments, "pantstack-preview-pr-123"].sort((a, b) => strictness(a) - strictness(b));
    for (const stack of ordered) await prove(stack);
  });

  it("every environment previews its first release without a refusal, a pull request's too", async () => {
    assert.equal(environments.length, 10);
    // The others come up below, and an update previews first.
    const others = environments.filter((one) => !shapes.some(({ stack }) => stack === one));
    await inPairs([...others, "pantstack-preview-pr-123"], async (stack) => {
      const { stdout, stderr } = await checkout.done(...sandbox(stack, "preview", "--image-tag", "v1.0.0", "--json"));
      const { steps } = JSON.parse(stdout) as { steps: { op: string }[] };
      assert.ok(steps.length > 30 && steps.every(({ op }) => op === "create"), `${stack}: ${steps.length} steps`);
      assert.doesNotMatch(stderr, /\bmandatory\b|\brefused\b/, stack);
    });
  });

  it("a switch and a rollback of one, two and three services lose no request", async () => {
    await inPairs(shapes, ({ stack }) => checkout.done(...sandbox(stack, "up", "--image-tag", "v1.0.0")));
    const loads = await Promise.all(
      shapes.map(async ({ stack, host }) => {
        const base = await checkout.address(stack);
        const paths = Object.values(await outputs(stack)).map(({ url }) => new URL(url).pathname);
        return paths.map((one) => ({ of: `${stack}${one}`, load: startLoad(`${base}${one}`, 20, "keep-alive", host) }));
      }),
    );
    assert.equal(loads.flat().length, 6);
    await inPairs(shapes, ({ stack }) => checkout.done(...sandbox(stack, "up", "--image-tag", "v1.1.0")));
    for (const { stack } of shapes) {
      for (const [name, service] of Object.entries(await outputs(stack))) {
        assert.equal(service[service.active ?? "blue"]?.tag, "v1.1.0", `${stack} ${name}`);
      }
    }
    assert.deepEqual(await pagers("pantstack-prod"), paging("green"));
    await inPairs(shapes, ({ stack }) => checkout.done(...sandbox(stack, "rollback", "--to", "previous")));
    for (const { of, load } of loads.flat()) {
      const { failures, answered, sent, versions } = await load.end();
      assert.deepEqual(failures, {}, of);
      assert.equal(answered, sent, of);
      assert.deepEqual(Object.keys(versions).sort(), ["v1.0.0", "v1.1.0"], of);
    }
    for (const { stack } of shapes) {
      for (const [name, service] of Object.entries(await outputs(stack))) {
        assert.equal(service[service.active ?? "blue"]?.tag, "v1.0.0", `${stack} ${name}`);
      }
    }
    assert.deepEqual(await pagers("pantstack-prod"), paging("blue"));
  });

  it("what AWS will not delete is known before anything else is deleted", async () => {
    const tasks = checkout.tasks().size;
    const { code, stderr } = await checkout.sluice(...sandbox("pantstack-prod", "destroy", "--yes"));
    assert.equal(code, 2, stderr);
    assert.match(stderr, /nothing was changed\n {2}cluster-balancer: its deletion protection is on\n/);
    assert.equal(checkout.tasks().size, tasks);
    await checkout.done(...sandbox("pantstack-prod", "drift"));
  });

  it("a stack without GitHub settings has none to compare: that is no good news", async () => {
    const { code, stderr } = await checkout.sluice(...sandbox("pantstack-prod", "drift", "--only", "github"));
    assert.equal(code, 2, stderr);
    assert.match(stderr, /declares nothing on GitHub/);
  });

  /** Alarms of a stack that would page, as CloudWatch has them. */
  async function pagers(stack: string): Promise<string[]> {
    const client = new CloudWatchClient({
      endpoint: `http://127.0.0.1:${checkout.daemon().apiPort}`,
      region: "us-east-1",
      credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
    });
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: `sluice-${stack}-` }));
    client.destroy();
    return MetricAlarms.filter(
      ({ ActionsEnabled, AlarmActions = [] }) =>
        ActionsEnabled && AlarmActions.some((arn) => arn.endsWith("-critical")),
    )
      .map(({ AlarmName = "" }) => AlarmName.slice(`sluice-${stack}-`.length))
      .sort();
  }

  /** They have moved with the weights: nobody is woken up for a colour without traffic. */
  const paging = (active: "blue" | "green") => [
    `api-${active}-errors`,
    `api-${active}-healthy-hosts`,
    "balancer-errors",
  ];
});
