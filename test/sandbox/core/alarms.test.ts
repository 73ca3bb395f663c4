import assert from "node:assert/strict";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { type Judged, judge } from "../../../sandbox/cloud/cloudwatch-verdict.ts";
import type { Cloud } from "../../../sandbox/cloud/index.ts";
import { awsProvider } from "../../../sandbox/providers/aws/index.ts";
import type { ProviderServer } from "../../../sandbox/providers/server.ts";
import { serve as serveWire } from "../wire/harness.ts";
import { bareCloud, Engine, serve, urnOf } from "./harness.ts";

const minute = 60_000;
const place = { loadBalancer: "app/shop/1", targetGroup: "targetgroup/api-blue/2" };
const dimensions = { LoadBalancer: place.loadBalancer, TargetGroup: place.targetGroup };
const hosts = {
  name: "hosts",
  namespace: "AWS/ApplicationELB",
  metricName: "HealthyHostCount",
  statistic: "Minimum",
  period: 60,
  dimensions,
  comparisonOperator: "LessThanThreshold",
  threshold: 2,
  evaluationPeriods: 1,
  treatMissingData: "breaching",
};
const metric = (metricName: string) => ({
  namespace: "AWS/ApplicationELB",
  metricName,
  stat: "Sum",
  period: 60,
  dimensions,
});
const errors = {
  name: "errors",
  metricQueries: [
    { id: "ratio", expression: "IF(requests >= 10, 100 * FILL(errors, 0) / requests, 0)", returnData: true },
    { id: "requests", metric: metric("RequestCount") },
    { id: "errors", metric: metric("HTTPCode_Target_5XX_Count") },
  ],
  comparisonOperator: "GreaterThanThreshold",
  threshold: 1,
  evaluationPeriods: 1,
  treatMissingData: "notBreaching",
};

describe("sandbox: alarms", () => {
  let cloud: Cloud;
  let dispose: () => void;
  let server: ProviderServer;
  let engine: Engine;
  const urn = (type: string, name = "one") => urnOf(type, name);
  const alarmUrn = urn("aws:cloudwatch/metricAlarm:MetricAlarm");

  beforeEach(async () => {
    ({ cloud, dispose } = bareCloud());
    server = await serve(cloud, awsProvider("0"));
    engine = await new Engine(server.port).configure({ region: "eu-west-1" });
  });
  afterEach(async () => {
    engine.close();
    await server.close();
    dispose();
  });

  async function create(inputs: Record<string, unknown>) {
    const { inputs: checked, failures } = await engine.check(alarmUrn, inputs);
    assert.deepEqual(failures, []);
    return engine.create(alarmUrn, checked);
  }
  async function states() {
    const { MetricAlarms } = await cloud.alarms.describeAlarms({});
    return Object.fromEntries(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
  }
  function requests(count: number, status: number) {
    for (let n = 0; n < count; n++) cloud.cloudwatch.noteRequest({ ...place, targetStatus: status, milliseconds: 5 });
  }

  it("judge by complete periods, a ratio only from its least number of requests", async () => {
    await create(errors);
    requests(9, 500);
    cloud.alarms.evaluate(Date.now() + minute);
    assert.deepEqual(await states(), { errors: "OK" });
    requests(9, 200);
    cloud.alarms.evaluate(Date.now() + minute);
    assert.deepEqual(await states(), { errors: "ALARM" });
    cloud.alarms.evaluate(Date.now() + 2 * minute);
    assert.deepEqual(await states(), { errors: "OK" });
  });

  it("take silence for what they are told to", async () => {
    await create(hosts);
    await create({ ...hosts, name: "unsure", treatMissingData: "missing" });
    await create({ ...hosts, name: "fine", treatMissingData: "notBreaching" });
    cloud.alarms.evaluate(Date.now());
    assert.deepEqual(await states(), { hosts: "ALARM", unsure: "INSUFFICIENT_DATA", fine: "OK" });
    cloud.cloudwatch.noteHosts(place.loadBalancer, place.targetGroup, 2, 0);
    cloud.alarms.evaluate(Date.now() + minute);
    assert.deepEqual(await states(), { hosts: "OK", unsure: "OK", fine: "OK" });
  });

  it("tell their topic of a change of state, and nobody of a change of themselves", async () => {
    const { TopicArn } = await cloud.sns.createTopic({ Name: "critical" });
    const { id, state } = await create(hosts);
    cloud.alarms.evaluate(Date.now());
    const { inputs } = await engine.check(alarmUrn, { ...hosts, alarmActions: [TopicArn] });
    await engine.update(alarmUrn, id, state, inputs);
    cloud.alarms.evaluate(Date.now());
    assert.deepEqual(cloud.sns.noted(TopicArn), [], "it was red already");
    await create({ ...hosts, name: "fresh", alarmActions: [TopicArn] });
    cloud.alarms.evaluate(Date.now());
    assert.deepEqual(
      cloud.sns.noted(TopicArn).map(({ alarm, from, to }) => [alarm, from, to]),
      [["fresh", "INSUFFICIENT_DATA", "ALARM"]],
    );
  });

  it("are what a real client reads", async () => {
    await create(errors);
    const wire = await serveWire(cloud);
    const client = new CloudWatchClient(wire.clientConfig);
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: ["errors"] }));
    assert.equal(MetricAlarms[0]?.StateValue, "INSUFFICIENT_DATA");
    assert.equal(MetricAlarms[0]?.Metrics?.[1]?.MetricStat?.Metric?.MetricName, "RequestCount");
    assert.ok(MetricAlarms[0]?.StateUpdatedTimestamp instanceof Date);
    client.destroy();
    await wire.close();
  });

  it("read back what was written", async () => {
    for (const inputs of [hosts, errors]) {
      const { id, state } = await create(inputs);
      const { inputs: checked } = await engine.check(alarmUrn, inputs);
      const read = await engine.read(alarmUrn, id, state, checked);
      assert.deepEqual((await engine.diff(alarmUrn, read.state, checked)).paths, []);
      assert.deepEqual(await engine.diff(alarmUrn, read.state, { ...checked, name: "other" }).then((d) => d.replaces), [
        "name",
      ]);
      await engine.delete(alarmUrn, id, read.state);
    }
    assert.deepEqual(await states(), {});
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    ["a name that is too long", { ...hosts, name: "n".repeat(256) }, /name.*at most 255/],
    ["six actions", { ...hosts, alarmActions: ["1", "2", "3", "4", "5", "6"].map((n) => `arn:${n}`) }, /at most 5/],
    ["more bad points than points", { ...hosts, datapointsToAlarm: 2 }, /must not be above evaluationPeriods/],
    ["more than a day", { ...hosts, evaluationPeriods: 1441 }, /one day/],
    ["a metric beside queries", { ...errors, metricName: "RequestCount" }, /conflicts with/],
    ["no result", { ...errors, metricQueries: errors.metricQueries.slice(1) }, /exactly one/],
    ["no statistic", { ...hosts, statistic: undefined }, /extendedStatistic must be given/],
  ];
  for (const [what, inputs, expected] of refused) {
    it(`are refused with ${what}`, async () => {
      const { failures } = await engine.check(alarmUrn, JSON.parse(JSON.stringify(inputs)));
      assert.match(failures.join("\n"), expected);
    });
  }

  it("stand on dashboards within CloudWatch's limits", async () => {
    const type = "aws:cloudwatch/dashboard:Dashboard";
    const body = (widgets: object[]) => ({ dashboardName: "shop", dashboardBody: JSON.stringify({ widgets }) });
    const { inputs, failures } = await engine.check(urn(type), body([{ type: "text" }]));
    assert.deepEqual(failures, []);
    const { id, state } = await engine.create(urn(type), inputs);
    assert.equal(state.dashboardArn, "arn:aws:cloudwatch::000000000000:dashboard/shop");
    assert.equal((await engine.read(urn(type), id, state, inputs)).state.dashboardBody, inputs.dashboardBody);
    const many = await engine.check(urn(type), body(Array.from({ length: 501 }, () => ({ type: "text" }))));
    assert.match(many.failures.join(), /at most 500 widgets/);
  });

  it("have topics whose policy is theirs while it stands, with subscriptions that wait to be confirmed", async () => {
    const [topicType, policyType] = ["aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"];
    const topic = await engine.create(urn(topicType), (await engine.check(urn(topicType), { name: "page" })).inputs);
    const policy = { arn: topic.id, policy: '{"Version":"2012-10-17","Statement":[]}' };
    const put = await engine.create(urn(policyType), (await engine.check(urn(policyType), policy)).inputs);
    assert.equal((await engine.read(urn(topicType), topic.id, topic.state)).state.policy, policy.policy);
    await engine.delete(urn(policyType), put.id, put.state);
    assert.match(
      String((await engine.read(urn(topicType), topic.id, topic.state)).state.policy),
      /__default_statement_ID/,
    );

    const type = "aws:sns/topicSubscription:TopicSubscription";
    const wanted = { topic: topic.id, protocol: "https", endpoint: "https://example.com/hook" };
    const subscribed = await engine.create(urn(type), (await engine.check(urn(type), wanted)).inputs);
    assert.equal(subscribed.state.pendingConfirmation, true);
    const { failures } = await engine.check(urn(type), { ...wanted, endpoint: "http://example.com" });
    assert.match(failures.join(), /must match the protocol https/);
    await engine.delete(urn(topicType), topic.id, topic.state);
    assert.deepEqual((await engine.read(urn(type), subscribed.id, subscribed.state)).id, "");
  });
});

describe("sandbox: the verdict of an evaluation", () => {
  const above: Judged = {
    ComparisonOperator: "GreaterThanThreshold",
    Threshold: 1,
    EvaluationPeriods: 3,
    DatapointsToAlarm: 2,
  };
  const table: [string, string, (number | undefined)[], string | undefined][] = [
    ["missing", "two of three", [2, 0, 2], "ALARM"],
    ["missing", "one of three", [2, 0, 0], "OK"],
    ["missing", "on the threshold", [1, 1, 1], "OK"],
    ["missing", "none known", [undefined, undefined, undefined], "INSUFFICIENT_DATA"],
    ["missing", "one known and bad", [undefined, undefined, 2], "OK"],
    ["ignore", "none known", [undefined, undefined, undefined], undefined],
    ["breaching", "none known", [undefined, undefined, undefined], "ALARM"],
    ["breaching", "one missing", [0, 0, undefined], "OK"],
    ["breaching", "one missing, one bad", [0, 2, undefined], "ALARM"],
    ["notBreaching", "none known", [undefined, undefined, undefined], "OK"],
  ];
  for (const [missing, what, points, expected] of table) {
    it(`${missing}: ${what} is ${expected ?? "what it was"}`, () => {
      assert.equal(judge({ ...above, TreatMissingData: missing }, points).state, expected);
    });
  }
});
