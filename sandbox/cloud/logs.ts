import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { logFile, page, tail } from "../runtime/task-logs.ts";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

export interface LogGroup {
  logGroupName: string;
  arn: string;
  logGroupArn: string;
  creationTime: number;
  retentionInDays?: number;
  kmsKeyId?: string;
  logGroupClass: string;
  deletionProtectionEnabled?: boolean;
  metricFilterCount: number;
  storedBytes: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Log groups. What tasks write stays in files beside the task; a group is what a task definition must name. */
export class Logs {
  readonly #cloud: Inner;
  readonly #groups: Table<LogGroup>;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    const missing = () => new CloudError("ResourceNotFoundException", "The specified log group does not exist.");
    this.#groups = new Table(cloud.store, "log-group", missing);
  }

  createLogGroup(input: {
    logGroupName?: string;
    kmsKeyId?: string;
    logGroupClass?: string;
    deletionProtectionEnabled?: boolean;
  }) {
    const name = input.logGroupName ?? "";
    if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)) {
      throw new CloudError(
        "InvalidParameterException",
        `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
      );
    }
    if (this.#groups.find(name)) {
      throw new CloudError("ResourceAlreadyExistsException", "The specified log group already exists");
    }
    const arn = `arn:aws:logs:${this.#cloud.region}:${this.#cloud.account}:log-group:${name}`;
    this.#groups.put(name, {
      logGroupName: name,
      arn: `${arn}:*`,
      logGroupArn: arn,
      creationTime: Date.now(),
      ...(input.kmsKeyId && { kmsKeyId: input.kmsKeyId }),
      ...(input.deletionProtectionEnabled && { deletionProtectionEnabled: true }),
      logGroupClass: input.logGroupClass ?? "STANDARD",
      metricFilterCount: 0,
      storedBytes: 0,
    });
    return {};
  }

  describeLogGroups(input: { logGroupNamePrefix?: string } = {}) {
    const prefix = input.logGroupNamePrefix ?? "";
    return { logGroups: this.#groups.list().filter((group) => group.logGroupName.startsWith(prefix)) };
  }

  /**
   * A stream `prefix/container/task id`, as the awslogs driver names it: its newest lines, or page by page from the head.
   * The token `f/N` says how many bytes of it have been read.
   */
  getLogEvents(input: {
    logGroupName?: string;
    logStreamName?: string;
    limit?: number;
    startFromHead?: boolean;
    nextToken?: string;
  }) {
    this.#groups.need(input.logGroupName);
    const [task = "", container = ""] = (input.logStreamName ?? "")
      .split("/")
      .reverse()
      .map((part) => basename(part));
    const file = logFile(this.#cloud.home, task, container);
    if (!existsSync(file)) {
      throw new CloudError("ResourceNotFoundException", "The specified log stream does not exist.");
    }
    const written = Math.round(statSync(file).mtimeMs);
    const from = Number(/^f\/(\d+)$/.exec(input.nextToken ?? "f/0")?.[1] ?? Number.NaN);
    if (Number.isNaN(from)) throw new CloudError("InvalidParameterException", "The specified nextToken is invalid.");
    const newest = { lines: tail(file, input.limit ?? 10_000), next: statSync(file).size };
    const { lines, next } = input.startFromHead || input.nextToken !== undefined ? page(file, from) : newest;
    const events = lines.map((message) => ({ message, timestamp: written, ingestionTime: written }));
    return { events, nextForwardToken: `f/${next}`, nextBackwardToken: "b/0" };
  }

  putRetentionPolicy(input: { logGroupName?: string; retentionInDays?: number }) {
    const group = this.#groups.need(input.logGroupName);
    if (!RETENTION_DAYS.includes(input.retentionInDays ?? 0)) {
      throw new CloudError(
        "InvalidParameterException",
        `Invalid retention value. Valid values are: [${RETENTION_DAYS.join(", ")}]`,
      );
    }
    this.#groups.put(group.logGroupName, { ...group, retentionInDays: input.retentionInDays ?? 0 });
    return {};
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html */
  associateKmsKey(input: { logGroupName?: string; kmsKeyId?: string }) {
    const group = this.#groups.need(input.logGroupName);
    this.#groups.put(group.logGroupName, { ...group, kmsKeyId: input.kmsKeyId ?? "" });
    return {};
  }

  disassociateKmsKey(input: { logGroupName?: string }) {
    const { kmsKeyId: _, ...group } = this.#groups.need(input.logGroupName);
    this.#groups.put(group.logGroupName, group);
    return {};
  }

  deleteRetentionPolicy(input: { logGroupName?: string }) {
    const { retentionInDays: _, ...group } = this.#groups.need(input.logGroupName);
    this.#groups.put(group.logGroupName, group);
    return {};
  }

  putLogGroupDeletionProtection(input: { logGroupIdentifier?: string; deletionProtectionEnabled?: boolean }) {
    const group = this.#groups.need(input.logGroupIdentifier);
    this.#groups.put(group.logGroupName, {
      ...group,
      deletionProtectionEnabled: input.deletionProtectionEnabled ?? false,
    });
    return {};
  }

  deleteLogGroup(input: { logGroupName?: string }) {
    if (this.#groups.need(input.logGroupName).deletionProtectionEnabled) {
      throw new CloudError("ValidationException", "The log group is protected against deletion");
    }
    this.#groups.remove(input.logGroupName);
    return {};
  }
}
