import {
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type * as aws from "@pulumi/aws";
import { call } from "./clients.ts";
import { type Mappings, mapping } from "./mapping.ts";
import { required } from "./tags.ts";

const logGroup = mapping<aws.cloudwatch.LogGroupArgs>({
  async create(inputs, { logs }) {
    const logGroupName = required(inputs.name);
    await call(logs, CreateLogGroupCommand, {
      logGroupName,
      kmsKeyId: inputs.kmsKeyId,
      logGroupClass: inputs.logGroupClass,
      tags: inputs.tags,
    });
    if (inputs.retentionInDays !== undefined) {
      await call(logs, PutRetentionPolicyCommand, { logGroupName, retentionInDays: inputs.retentionInDays });
    }
    const { logGroups } = await call(logs, DescribeLogGroupsCommand, { logGroupNamePrefix: logGroupName });
    const arn = logGroups?.find((one) => one.logGroupName === logGroupName)?.arn?.replace(/:\*$/, "");
    return { id: logGroupName, arn };
  },
  async read({ made }, { logs }) {
    const { logGroups } = await call(logs, DescribeLogGroupsCommand, { logGroupNamePrefix: made.id });
    const { tags } = await call(logs, ListTagsForResourceCommand, { resourceArn: required(made.arn) });
    const found = logGroups?.find((one) => one.logGroupName === made.id);
    return {
      name: found?.logGroupName,
      kmsKeyId: found?.kmsKeyId,
      logGroupClass: found?.logGroupClass,
      retentionInDays: found?.retentionInDays,
      tags,
    };
  },
  unsent: { skipDestroy: "whether the provider leaves the group when the resource goes" },
});

export const cloudwatchMappings: Mappings = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
};
