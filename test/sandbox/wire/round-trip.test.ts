import assert from "node:assert/strict";
import * as autoscaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as ecr from "@aws-sdk/client-ecr";
import * as ecs from "@aws-sdk/client-ecs";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as tagging from "@aws-sdk/client-resource-groups-tagging-api";
import * as sts from "@aws-sdk/client-sts";
import fc from "fast-check";
import { requestedRegion } from "../../../sandbox/cloud/region.ts";
import { serve, type WireServer } from "./harness.ts";
import { sampleOf } from "./samples.ts";

/** A client as this test drives it, whatever its service. */
interface AnyClient {
  send(command: unknown): Promise<Record<string, unknown>>;
  destroy(): void;
}
type Package = Record<string, unknown>;

/** Every operation that the sandbox answers, by the domain class that does. */
const table: { cloudKey: string; exports: Package; client: string; operations: string }[] = [
  {
    cloudKey: "ecr",
    exports: ecr,
    client: "ECRClient",
    operations: `CreateRepository DescribeRepositories DeleteRepository PutLifecyclePolicy GetLifecyclePolicy
      DeleteLifecyclePolicy SetRepositoryPolicy GetRepositoryPolicy DeleteRepositoryPolicy PutImageTagMutability
      PutImageScanningConfiguration GetAuthorizationToken`,
  },
  {
    cloudKey: "ecrImages",
    exports: ecr,
    client: "ECRClient",
    operations: "DescribeImages BatchGetImage ListImages BatchDeleteImage PutImage",
  },
  {
    cloudKey: "ecs",
    exports: ecs,
    client: "ECSClient",
    operations: `CreateCluster DescribeClusters DeleteCluster RegisterTaskDefinition DescribeTaskDefinition
      DeregisterTaskDefinition CreateService DescribeServices UpdateService DeleteService ListTasks DescribeTasks StopTask
      RunTask`,
  },
  {
    cloudKey: "elb",
    exports: elb,
    client: "ElasticLoadBalancingV2Client",
    operations: `CreateLoadBalancer DescribeLoadBalancers DeleteLoadBalancer ModifyLoadBalancerAttributes
      DescribeLoadBalancerAttributes CreateTargetGroup DescribeTargetGroups ModifyTargetGroup ModifyTargetGroupAttributes
      DeleteTargetGroup CreateListener DescribeListeners ModifyListener DeleteListener CreateRule DescribeRules ModifyRule
      DeleteRule RegisterTargets DeregisterTargets DescribeTargetHealth DescribeTags AddTags RemoveTags`,
  },
  {
    cloudKey: "cloudwatch",
    exports: cloudwatch,
    client: "CloudWatchClient",
    operations: "GetMetricData GetMetricStatistics ListMetrics PutMetricData",
  },
  {
    cloudKey: "alarms",
    exports: cloudwatch,
    client: "CloudWatchClient",
    operations: `PutMetricAlarm DescribeAlarms DeleteAlarms SetAlarmState PutDashboard GetDashboard DeleteDashboards`,
  },
  { cloudKey: "sts", exports: sts, client: "STSClient", operations: "GetCallerIdentity" },
  {
    cloudKey: "autoscaling",
    exports: autoscaling,
    client: "ApplicationAutoScalingClient",
    operations: "DescribeScalableTargets RegisterScalableTarget DeregisterScalableTarget",
  },
  {
    cloudKey: "logs",
    exports: logs,
    client: "CloudWatchLogsClient",
    operations: "DescribeLogGroups DescribeLogStreams FilterLogEvents GetLogEvents",
  },
  {
    cloudKey: "tags",
    exports: tagging,
    client: "ResourceGroupsTaggingAPIClient",
    operations: "GetResources",
  },
];

/** Text that needs escaping in JSON, XML and forms. XML has no control characters, and trims blanks off the ends. */
const text = fc
  .string({
    unit: fc.constantFrom("a", "Z", "0", " ", "&", "<", ">", '"', "'", "+", "%", "=", ".", "é", "☃", "😀", "\n"),
  })
  .map((value) => value.trim())
  .filter((value) => value !== "");

describe("sandbox/wire: what real clients send and read", () => {
  let server: WireServer;
  let received: unknown[];
  let answer: unknown;

  before(async () => {
    const cloud = Object.fromEntries(
      table.map(({ cloudKey, operations }) => [cloudKey, echo(cloudKey, operations.split(/\s+/))]),
    );
    server = await serve(cloud);
  });
  after(() => server.close());

  /** A domain class that keeps what it was asked and answers what the test wants. */
  function echo(cloudKey: string, operations: string[]): object {
    return Object.fromEntries(
      operations.map((operation) => {
        const method = operation.charAt(0).toLowerCase() + operation.slice(1);
        return [
          method,
          async (input: unknown) => {
            received.push(cloudKey, method, input);
            return answer;
          },
        ];
      }),
    );
  }

  for (const row of table) {
    for (const operation of row.operations.split(/\s+/)) {
      it(`${row.cloudKey}: ${operation} keeps every member of its input and output`, async () => {
        const client = new (row.exports[row.client] as new (config: object) => AnyClient)(server.clientConfig);
        const Command = row.exports[`${operation}Command`] as new (input: unknown) => unknown;
        const schema = row.exports[`${operation}$`] as [number, string, string, unknown, () => unknown, () => unknown];
        const property = fc.asyncProperty(
          sampleOf(schema[4](), text),
          sampleOf(schema[5](), text),
          async (asked, answered) => {
            received = [];
            answer = answered;
            const { $metadata, ...read } = await client.send(new Command(asked));
            assert.deepEqual(received, [row.cloudKey, operation.charAt(0).toLowerCase() + operation.slice(1), asked]);
            assert.deepEqual(read, answered);
            assert.match(String(($metadata as { requestId?: string }).requestId), /^[0-9a-f-]{36}$/);
          },
        );
        await fc.assert(property, { numRuns: 20 }).finally(() => client.destroy());
      });
    }
  }

  it("cloudwatch: a large PutMetricData arrives, though the client compresses it", async () => {
    const client = new cloudwatch.CloudWatchClient(server.clientConfig);
    let encoding: string | undefined;
    client.middlewareStack.add(
      (next) => (args) => {
        encoding = (args.request as { headers: Record<string, string> }).headers["content-encoding"];
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const MetricData = Array.from({ length: 900 }, (_, Value) => ({ MetricName: "Requests", Value }));
    received = [];
    answer = {};
    await client.send(new cloudwatch.PutMetricDataCommand({ Namespace: "Sluice", MetricData }));
    assert.equal(encoding, "gzip");
    assert.deepEqual(received, ["cloudwatch", "putMetricData", { Namespace: "Sluice", MetricData }]);
    client.destroy();
  });

  it("every operation runs in the region that signed the request", async () => {
    let region: string | undefined;
    const regional = await serve({
      sts: {
        async getCallerIdentity() {
          await Promise.resolve();
          region = requestedRegion();
          return {};
        },
      },
    });
    const client = new sts.STSClient({ ...regional.clientConfig, region: "us-gov-west-1" });
    await client.send(new sts.GetCallerIdentityCommand({}));
    assert.equal(region, "us-gov-west-1");
    client.destroy();
    await regional.close();
  });
});
