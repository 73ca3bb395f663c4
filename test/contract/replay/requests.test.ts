import assert from "node:assert/strict";
import { breaches } from "./requests.ts";

describe("requests held against AWS's models", () => {
  const cases: readonly [service: string, operation: string, input: unknown, breach: RegExp | undefined][] = [
    ["ecs", "CreateCluster", { clusterName: "a" }, undefined],
    ["ecs", "CreateCluster", { name: "a" }, /no such member/],
    ["ecs", "CreateCluster", { clusterName: 1 }, /string wanted/],
    ["ecs", "CreateService", { cluster: "a" }, /serviceName: missing/],
    ["ecs", "CreateService", { serviceName: "a", launchType: "LAMBDA" }, /is none of/],
    ["ecr", "CreateRepository", { repositoryName: "AB" }, /does not match/],
    [
      "iam",
      "CreateRole",
      { RoleName: "a".repeat(65), AssumeRolePolicyDocument: "{}" },
      /65 characters is more than 64/,
    ],
    ["elbv2", "CreateTargetGroup", { Name: "a", HealthCheckIntervalSeconds: 301 }, /301 is more than 300/],
    ["elbv2", "CreateRule", { ListenerArn: "a", Conditions: [], Actions: [], Priority: 0 }, /0 is less than 1/],
    ["ec2", "CreateVpc", { Cidr: "10.0.0.0/16" }, /no such member/],
    ["cloudwatch", "PutMetricAlarm", { AlarmName: "a", EvaluationPeriods: 1, ComparisonOperator: "Equal" }, /none of/],
  ];
  let found: string[][];

  before(async function () {
    // The first run installs moto, which brings the models along.
    this.timeout(300_000);
    found = [];
    for (const [service, operation, input] of cases) found.push(await breaches([{ service, operation, input }]));
  });

  for (const [index, [service, operation, input, breach]] of cases.entries()) {
    it(`${breach === undefined ? "takes" : "refuses"} ${service} ${operation} ${JSON.stringify(input).slice(0, 60)}`, () => {
      if (breach === undefined) assert.deepEqual(found[index], []);
      else assert.ok(found[index]?.length === 1 && breach.test(found[index][0] ?? ""), String(found[index]));
    });
  }
});
