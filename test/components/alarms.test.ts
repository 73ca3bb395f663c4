import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { Alarms } from "../../components/alarms/alarms.ts";
import type { MonitoredColour, MonitoredService } from "../../components/alarms/service-alarms.ts";
import { Environment } from "../../components/environment.ts";
import { type AlarmsConfig, alarmKinds } from "../../model/config/alarms.ts";
import { dashboardBody, servicesPerDashboard } from "../../model/dashboard.ts";
import { awsProvider } from "../../sandbox/providers/aws/index.ts";
import { checkInputs } from "../../sandbox/providers/check.ts";
import { plain } from "../../sandbox/providers/protocol.ts";
import { specsOf } from "../../sandbox/providers/tagging.ts";
import { configOf, type Declarations, declare, environment } from "./harness.ts";

const elb = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";
const colour = (name: "blue" | "green", weight: number, more: Partial<MonitoredColour> = {}): MonitoredColour => ({
  colour: name,
  tag: `v-${name}`,
  weight,
  tasks: 2,
  complete: true,
  startSeconds: 60,
  targetGroupArn: `${elb}:targetgroup/sluice-test-api-${name}/73e2d6bc24d8a067`,
  ecsService: `sluice-test-api-${name}`,
  ...more,
});
const api = (...colours: MonitoredColour[]): MonitoredService => ({
  name: "api",
  cluster: "sluice-test",
  balancerArn: `${elb}:loadbalancer/app/sluice-test/50dc6c495c0c9188`,
  colours,
  traffic: undefined,
});
const settled = api(colour("blue", 100), colour("green", 0));

function alarms(
  settings: Record<string, unknown> = {},
  services: readonly MonitoredService[] = [settled],
  where: Environment = environment,
): Promise<Declarations> {
  const declared = Object.fromEntries(services.map(({ name }) => [name, { route: { hosts: [`${name}.test`] } }]));
  const config = configOf({ network: {}, cluster: {}, services: declared, alarms: settings });
  return declare(() => {
    new Alarms("alarms", {
      environment: where,
      config: config.alarms as NonNullable<typeof config.alarms>,
      balancerArns: [1, 2].map((n) => pulumi.output(`${elb}:loadbalancer/app/sluice-test-${n}/50dc6c495c0c9188`)),
      services,
    });
  });
}

/** How a secret crosses the engine's protocol. */
const secretMark = { key: "4dabf18193072939515e22adb298388d", value: "1b47061264138c4ac30d75fd1eb44270" };
const kind = "cloudwatch/metricAlarm";
const topicArn = (severity: string) => `arn:mock:aws:sns/topic:Topic:alarms-topics-${severity}`;
const target = {
  LoadBalancer: "app/sluice-test/50dc6c495c0c9188",
  TargetGroup: "targetgroup/sluice-test-api-blue/73e2d6bc24d8a067",
};

describe("Alarms", () => {
  const kinds = ["cpu", "errors", "healthy-hosts", "latency-p95", "latency-p99", "memory", "unhealthy-hosts"];
  /** Whom each alarm of a colour tells. */
  const told = (declared: Declarations, name: "blue" | "green") =>
    Object.fromEntries(
      kinds.flatMap((one) => {
        const { actionsEnabled, alarmActions } = declared.one(kind, `api-${name}-${one}`);
        const severity = (alarmActions as string[]).map((arn) => arn.split("-").at(-1)).join();
        return actionsEnabled ? [[one, severity]] : [];
      }),
    );
  const allTold = {
    cpu: "warning",
    errors: "critical",
    "healthy-hosts": "critical",
    "latency-p95": "warning",
    "latency-p99": "warning",
    memory: "warning",
    "unhealthy-hosts": "info",
  };

  it("watch both colours with all there is, so that a change of weights makes and deletes none", async () => {
    const names = (await alarms()).names(kind).sort();
    const expected = ["blue", "green"].flatMap((name) => kinds.map((one) => `api-${name}-${one}`));
    assert.deepEqual(names, ["alarms-balancer-2-errors", "alarms-balancer-errors", ...expected]);
    assert.deepEqual((await alarms({}, [api(colour("blue", 0), colour("green", 100))])).names(kind).sort(), names);
  });

  it("tell of the colour with traffic, and of a standby only that it could not take over, which pages nobody", async () => {
    const declared = await alarms();
    assert.deepEqual(told(declared, "blue"), allTold);
    assert.deepEqual(told(declared, "green"), { "healthy-hosts": "warning" });
  });

  it("tell of both colours alike while traffic is split", async () => {
    const declared = await alarms({}, [api(colour("blue", 95), colour("green", 5))]);
    assert.deepEqual([told(declared, "blue"), told(declared, "green")], [allTold, allTold]);
  });

  it("tell nothing of a standby that is allowed to sleep, and are not there before the first release", async () => {
    const cold = await alarms({}, [api(colour("blue", 100), colour("green", 0, { complete: false }))]);
    assert.deepEqual(told(cold, "green"), {});
    const before = await alarms({}, [api()]);
    assert.deepEqual(before.names(kind), ["alarms-balancer-errors", "alarms-balancer-2-errors"]);
  });

  it("judge errors as a ratio from a least number of requests, and take silence for no error", async () => {
    const { tags: _, ...inputs } = (await alarms()).one(kind, "api-blue-errors");
    const metric = (metricName: string) => ({
      namespace: "AWS/ApplicationELB",
      metricName,
      stat: "Sum",
      period: 60,
      dimensions: target,
    });
    assert.deepEqual(inputs, {
      name: "sluice-test-api-blue-errors",
      alarmDescription: "test: api blue errors: more than 1 % of the requests fail (counted from 20 requests a minute)",
      metricQueries: [
        {
          id: "ratio",
          expression: "IF(requests >= 20, 100 * (FILL(answers, 0) + FILL(connections, 0)) / requests, 0)",
          returnData: true,
        },
        { id: "requests", returnData: false, metric: metric("RequestCount") },
        { id: "answers", returnData: false, metric: metric("HTTPCode_Target_5XX_Count") },
        { id: "connections", returnData: false, metric: metric("TargetConnectionErrorCount") },
      ],
      comparisonOperator: "GreaterThanThreshold",
      threshold: 1,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: "notBreaching",
      actionsEnabled: true,
      alarmActions: [topicArn("critical")],
      okActions: [topicArn("critical")],
    });
  });

  it("tell of silence where targets should be, and are not red by what was before their colour", async () => {
    assert.partialDeepStrictEqual((await alarms()).one(kind, "api-blue-healthy-hosts"), {
      namespace: "AWS/ApplicationELB",
      metricName: "HealthyHostCount",
      statistic: "Minimum",
      dimensions: target,
      comparisonOperator: "LessThanThreshold",
      threshold: 2,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      treatMissingData: "missing",
      insufficientDataActions: [topicArn("critical")],
    });
    const slow = await alarms({}, [api(colour("blue", 100, { startSeconds: 400 }))]);
    assert.equal(slow.one(kind, "api-blue-healthy-hosts").evaluationPeriods, 9);
    assert.equal(slow.one(kind, "api-blue-errors").insufficientDataActions, undefined);
  });

  it("ask as many healthy targets of a standby as under traffic: a change of weights changes no threshold", async () => {
    const threshold = async (weight: number, complete: boolean) =>
      (await alarms({}, [api(colour("blue", 100 - weight), colour("green", weight, { complete }))])).one(
        kind,
        "api-green-healthy-hosts",
      ).threshold;
    assert.deepEqual([await threshold(0, true), await threshold(0, false), await threshold(5, true)], [2, 2, 2]);
  });

  it("judge latency by percentiles of enough requests", async () => {
    const inputs = (await alarms()).one(kind, "api-blue-latency-p99");
    assert.partialDeepStrictEqual(inputs, {
      metricName: "TargetResponseTime",
      extendedStatistic: "p99",
      evaluateLowSampleCountPercentiles: "ignore",
      threshold: 3,
      treatMissingData: "notBreaching",
    });
    assert.equal(inputs.statistic, undefined);
  });

  it("read saturation of the ECS service", async () => {
    assert.partialDeepStrictEqual((await alarms()).one(kind, "api-blue-memory"), {
      namespace: "AWS/ECS",
      metricName: "MemoryUtilization",
      statistic: "Maximum",
      dimensions: { ClusterName: "sluice-test", ServiceName: "sluice-test-api-blue" },
      threshold: 85,
      treatMissingData: "missing",
    });
  });

  it("watch each balancer for what it answers itself", async () => {
    assert.partialDeepStrictEqual((await alarms()).one(kind, "alarms-balancer-2-errors"), {
      name: "sluice-test-balancer-2-errors",
      metricName: "HTTPCode_ELB_5XX_Count",
      statistic: "Sum",
      dimensions: { LoadBalancer: "app/sluice-test-2/50dc6c495c0c9188" },
      treatMissingData: "notBreaching",
      alarmActions: [topicArn("critical")],
    });
  });

  it("take a service's own thresholds over those for all, and severities by kind", async () => {
    const declared = await alarms(
      {
        thresholds: { p95Seconds: 1.5, errorPercent: 2 },
        services: { api: { p95Seconds: 0.5 } },
        severities: { "latency-p95": "critical" },
      },
      [settled, { ...settled, name: "web" }],
    );
    assert.equal(declared.one(kind, "api-blue-latency-p95").threshold, 0.5);
    assert.equal(declared.one(kind, "web-blue-latency-p95").threshold, 1.5);
    assert.equal(declared.one(kind, "api-blue-errors").threshold, 2);
    assert.deepEqual(declared.one(kind, "api-blue-latency-p95").alarmActions, [topicArn("critical")]);
  });

  it("tell topics, whose subscribers' endpoints are secrets", async () => {
    const endpoint = "https://events.example.com/token";
    const critical = { pager: { protocol: "https", endpoint, confirmsItself: true } };
    const warning = { team: { protocol: "email", endpoint: "team@example.com" } };
    const declared = await alarms({ subscriptions: { critical, warning } });
    assert.deepEqual(declared.names("sns/topic").sort(), [
      "alarms-topics-critical",
      "alarms-topics-info",
      "alarms-topics-warning",
    ]);
    assert.deepEqual(declared.one("sns/topicSubscription", "alarms-topics-critical-pager"), {
      topic: topicArn("critical"),
      protocol: "https",
      endpoint: { [secretMark.key]: secretMark.value, value: endpoint },
      endpointAutoConfirms: true,
    });
    assert.equal(declared.one("sns/topicSubscription", "alarms-topics-warning-team").endpointAutoConfirms, undefined);
    assert.equal(declared.one("sns/topic", "alarms-topics-critical").kmsMasterKeyId, undefined);
    const components = declared.all.filter(({ type }) => type.startsWith("sluice:"));
    assert.ok(!JSON.stringify(components).includes("token"), "an endpoint is an input of a component");
  });

  it("encrypt topics with a key of one's own", async () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1";
    const declared = await alarms({ kmsKeyArn });
    assert.equal(declared.one("sns/topic", "alarms-topics-info").kmsMasterKeyId, kmsKeyArn);
  });

  it("are tagged, like their topics", async () => {
    for (const { type, name, inputs } of (await alarms()).all) {
      if (!type.includes("etricAlarm") && !type.endsWith(":Topic")) continue;
      assert.equal((inputs.tags as Record<string, string>)["sluice:environment"], "test", name);
    }
  });

  it("stand on a dashboard with both colours, or on none", async () => {
    const body = (await alarms()).one("cloudwatch/dashboard", "alarms-dashboard").dashboardBody as string;
    const { widgets } = JSON.parse(body) as {
      widgets: { type: string; properties: Record<string, unknown> }[];
    };
    const text = widgets.map(({ properties }) => properties.markdown).join("\n");
    assert.match(text, /\*\*blue\*\* v-blue, 100 % of the traffic · \*\*green\*\* v-green, 0 % of the traffic/);
    const listed = widgets.flatMap(({ type, properties }) => (type === "alarm" ? (properties.alarms as string[]) : []));
    assert.equal(listed.length, 2 + 7 + 1);
    assert.match(body, /sluice-test-api-green/);
    assert.deepEqual((await alarms({ dashboard: false })).names("cloudwatch/dashboard"), []);
  });

  const identifier = fc.stringMatching(/^[a-z](?:[a-z0-9]{0,11}-)?[a-z0-9]{1,11}$/);
  const thresholds = fc.record(
    {
      errorPercent: fc.double({ min: 0.01, max: 100, noNaN: true }),
      errorMinimumRequests: fc.integer({ min: 1, max: 1_000_000 }),
      errorMinutes: fc.integer({ min: 1, max: 60 }),
      p95Seconds: fc.double({ min: 0.001, max: 1, noNaN: true }),
      p99Seconds: fc.double({ min: 1, max: 4000, noNaN: true }),
      latencyMinutes: fc.integer({ min: 1, max: 60 }),
      cpuPercent: fc.double({ min: 0.1, max: 100, noNaN: true }),
      memoryPercent: fc.double({ min: 0.1, max: 100, noNaN: true }),
      saturationMinutes: fc.integer({ min: 1, max: 60 }),
      healthMinutes: fc.integer({ min: 1, max: 60 }),
    },
    { requiredKeys: [] },
  );
  const settings = fc.record(
    {
      thresholds,
      services: fc.constant({}),
      balancerErrors: fc.integer({ min: 1, max: 1_000_000 }),
      severities: fc.dictionary(fc.constantFrom(...alarmKinds), fc.constantFrom("critical", "warning", "info")),
      subscriptions: fc.record(
        {
          critical: fc.dictionary(identifier, fc.constant({ protocol: "email", endpoint: "a@example.com" })),
          info: fc.dictionary(identifier, fc.constant({ protocol: "https", endpoint: "https://example.com" })),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  const longStack = new Environment({ project: "sluice", stack: "s".repeat(240), name: "s", region: "eu-west-1" });

  it("declare nothing that the provider would refuse, whatever the configuration, and give no name twice", async function () {
    this.timeout(60_000);
    const { types } = awsProvider("0");
    const names = fc.uniqueArray(identifier, { minLength: 1, maxLength: 3 });
    const weights = fc.integer({ min: 0, max: 100 });
    const property = fc.asyncProperty(settings, names, weights, fc.boolean(), async (raw, services, weight, long) => {
      const split = services.map((name) => ({ ...api(colour("blue", weight), colour("green", 100 - weight)), name }));
      const declared = await alarms(raw, split, long ? longStack : environment);
      for (const { type, name, inputs } of declared.all) {
        const spec = types[type];
        if (spec === undefined) continue;
        const checked = checkInputs(specsOf(spec), plain(inputs) as Record<string, unknown>);
        const problems = [...checked.problems, ...(spec.check?.(checked.inputs, { region: "eu-west-1" }) ?? [])];
        assert.deepEqual(problems, [], `${type} ${name}`);
      }
      const physical = declared.all
        .map(({ type, inputs }) => `${type} ${inputs.name}`)
        .filter((one) => one.includes("etricAlarm"));
      assert.equal(new Set(physical).size, physical.length);
    });
    await fc.assert(property, { numRuns: 8 });
  });

  it("fill a second dashboard where one is full", async () => {
    const many = Array.from({ length: servicesPerDashboard + 1 }, (_, index) => ({
      ...api(),
      name: `service-${index}`,
    }));
    const config = configOf({ network: {}, cluster: {}, alarms: {} }).alarms as AlarmsConfig;
    const balancerArns = [pulumi.output(settled.balancerArn)];
    const declared = await declare(() => new Alarms("alarms", { environment, config, balancerArns, services: many }));
    assert.deepEqual(
      declared.names("cloudwatch/dashboard").map((name) => declared.one("cloudwatch/dashboard", name).dashboardName),
      ["sluice-test", "sluice-test-2"],
    );
  });

  it("fit a dashboard that is full", () => {
    const names = { loadBalancer: "b", targetGroup: "t", cluster: "c", ecsService: "s" };
    const { thresholds } = configOf({ network: {}, cluster: {}, alarms: {} }).alarms as AlarmsConfig;
    const services = Array.from({ length: servicesPerDashboard }, (_, index) => ({
      name: `service-${index}`,
      thresholds,
      alarms: Array.from({ length: 2 * 7 }, (_, alarm) => `arn:${alarm}`),
      colours: (["blue", "green"] as const).map((one) => ({ colour: one, tag: "v1", weight: 50, names })),
    }));
    const dashboard = awsProvider("0").types["aws:cloudwatch/dashboard:Dashboard"];
    const body = dashboardBody({ title: "t", region: "eu-west-1", alarms: ["arn:0"], services });
    assert.deepEqual(dashboard?.check?.({ dashboardBody: body }, { region: "eu-west-1" }), []);
  });
});
