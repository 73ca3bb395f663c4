import { GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Step } from "./aws-steps.ts";

const hour = 3_600_000;

export const otherSteps: readonly Step[] = [
  {
    name: "ask who is asking",
    async run({ sts }) {
      const { Account, Arn = "" } = await sts.send(new GetCallerIdentityCommand({}));
      return { Account, kind: Arn.split(":")[2] };
    },
  },
  {
    name: "get data of a metric that has none",
    run: ({ cloudwatch }) =>
      cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(Date.now() - hour),
          EndTime: new Date(),
          MetricDataQueries: [
            {
              Id: "requests",
              MetricStat: {
                Metric: {
                  Namespace: "AWS/ApplicationELB",
                  MetricName: "RequestCount",
                  Dimensions: [{ Name: "TargetGroup", Value: "targetgroup/none/1" }],
                },
                Period: 60,
                Stat: "Sum",
              },
            },
          ],
        }),
      ),
  },
  {
    name: "get data from an end before its start",
    run: ({ cloudwatch }) =>
      cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(),
          EndTime: new Date(Date.now() - hour),
          MetricDataQueries: [
            { Id: "a", MetricStat: { Metric: { Namespace: "n", MetricName: "m" }, Period: 60, Stat: "Sum" } },
          ],
        }),
      ),
  },
];
