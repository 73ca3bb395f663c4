import assert from "node:assert/strict";
import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from "@aws-sdk/client-application-auto-scaling";
import {
  CloudWatchClient,
  GetMetricDataCommand,
  InvalidParameterValueException,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from "@aws-sdk/client-resource-groups-tagging-api";
import { serveWorld, type TestWorld } from "./world.ts";

/** ECR, ECS and load balancers are held against moto in test/contract, the read-back of a real service in test/automation/live. */
describe("sandbox/wire: real clients before the real services", () => {
  let world: TestWorld;
  before(async () => {
    world = await serveWorld();
  });
  after(() => world.close());

  it("CloudWatch keeps what is put, to the minute and the dimension", async () => {
    const client = new CloudWatchClient(world.clientConfig);
    const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 60_000);
    const Dimensions = [{ Name: "Colour", Value: "blue & green" }];
    const datum = (seconds: number, Value: number) => ({
      MetricName: "Latency",
      Dimensions,
      Timestamp: new Date(minute.getTime() + seconds * 1000),
      Value,
    });
    await client.send(new PutMetricDataCommand({ Namespace: "Sluice", MetricData: [datum(1, 10), datum(59, 20)] }));
    const Metric = { Namespace: "Sluice", MetricName: "Latency", Dimensions };
    const { MetricDataResults } = await client.send(
      new GetMetricDataCommand({
        StartTime: minute,
        EndTime: new Date(minute.getTime() + 60_000),
        MetricDataQueries: [{ Id: "mean", MetricStat: { Metric, Period: 60, Stat: "Average" } }],
      }),
    );
    assert.deepEqual(
      MetricDataResults?.map(({ Id, Timestamps, Values, StatusCode }) => ({ Id, Timestamps, Values, StatusCode })),
      [{ Id: "mean", Timestamps: [minute], Values: [15], StatusCode: "Complete" }],
    );
    client.destroy();
  });

  it("CloudWatch's refusals are the client's exceptions", async () => {
    const client = new CloudWatchClient(world.clientConfig);
    const asked = new PutMetricDataCommand({ Namespace: "AWS/ECS", MetricData: [] });
    await assert.rejects(client.send(asked), InvalidParameterValueException);
    client.destroy();
  });

  it("Application Auto Scaling tells of a registered target, with its time as a date", async () => {
    const { ecs, autoscaling } = world.cloud;
    await ecs.createCluster({ clusterName: "wire" });
    await ecs.registerTaskDefinition({
      family: "wire",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      containerDefinitions: [{ name: "main", image: `127.0.0.1/none@sha256:${"0".repeat(64)}` }],
    });
    const awsvpcConfiguration = { subnets: ["subnet-0"] };
    await ecs.createService({
      cluster: "wire",
      serviceName: "wire",
      taskDefinition: "wire",
      desiredCount: 0,
      launchType: "FARGATE",
      networkConfiguration: { awsvpcConfiguration },
    });
    const key = {
      ServiceNamespace: "ecs",
      ResourceId: "service/wire/wire",
      ScalableDimension: "ecs:service:DesiredCount",
    };
    await autoscaling.registerScalableTarget({ ...key, MinCapacity: 0, MaxCapacity: 3 });
    const client = new ApplicationAutoScalingClient(world.clientConfig);
    const { ScalableTargets } = await client.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: "ecs", ResourceIds: [key.ResourceId] }),
    );
    assert.deepEqual(
      ScalableTargets?.map(({ ResourceId, MinCapacity, MaxCapacity }) => ({ ResourceId, MinCapacity, MaxCapacity })),
      [{ ResourceId: key.ResourceId, MinCapacity: 0, MaxCapacity: 3 }],
    );
    assert.ok(ScalableTargets?.[0]?.CreationTime instanceof Date);
    client.destroy();
  });

  it("the tagging API finds resources by their tags", async () => {
    const { cluster } = await world.cloud.ecs.createCluster({
      clusterName: "tagged",
      tags: [{ key: "sluice:stack", value: "wire" }],
    });
    const client = new ResourceGroupsTaggingAPIClient(world.clientConfig);
    const find = async (value: string) => {
      const TagFilters = [{ Key: "sluice:stack", Values: [value] }];
      const { ResourceTagMappingList = [] } = await client.send(new GetResourcesCommand({ TagFilters }));
      return ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN);
    };
    assert.deepEqual(await find("wire"), [cluster?.clusterArn]);
    assert.deepEqual(await find("other"), []);
    client.destroy();
  });

  it("CloudWatch Logs lists log groups, with times in milliseconds", async () => {
    await world.cloud.logs.createLogGroup({ logGroupName: "/sluice/wire" });
    const client = new CloudWatchLogsClient(world.clientConfig);
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/sluice" }));
    assert.deepEqual(
      logGroups.map(({ logGroupName }) => logGroupName),
      ["/sluice/wire"],
    );
    assert.equal(new Date(logGroups[0]?.creationTime ?? 0).getUTCFullYear() >= 2025, true);
    client.destroy();
  });
});
