import type * as Sdk from "@aws-sdk/client-ecs";
import { EcsBase } from "./ecs-base.ts";
import { checkTaskDefinition, clientError, normalContainer } from "./ecs-checks.ts";
import { KIND, type TaskDefinitionDoc } from "./ecs-model.ts";

/** Operations on task definitions. A revision number is never used twice. */
export class EcsTaskDefinitions extends EcsBase {
  registerTaskDefinition(input: Sdk.RegisterTaskDefinitionRequest): Sdk.RegisterTaskDefinitionResponse {
    checkTaskDefinition(input);
    const { tags, containerDefinitions = [], ...rest } = input;
    const family = input.family ?? "";
    const region = this.cloud.region;
    const prefix = `arn:aws:ecs:${region}:${this.cloud.account}:task-definition/${family}`;
    const doc = this.cloud.store.transaction(() => {
      const revision = (this.cloud.store.get<{ revision: number }>(KIND.family, prefix)?.revision ?? 0) + 1;
      const made: TaskDefinitionDoc = {
        ...rest,
        family,
        revision,
        taskDefinitionArn: `${prefix}:${revision}`,
        containerDefinitions: containerDefinitions.map(normalContainer),
        status: "ACTIVE",
        volumes: input.volumes ?? [],
        placementConstraints: input.placementConstraints ?? [],
        requiresAttributes: [{ name: "com.amazonaws.ecs.capability.docker-remote-api.1.18" }],
        compatibilities: input.networkMode === "awsvpc" ? ["EC2", "FARGATE"] : ["EC2"],
        registeredAt: new Date().toISOString(),
        registeredBy: `arn:aws:iam::${this.cloud.account}:root`,
      };
      this.cloud.store.put(KIND.family, prefix, { revision });
      this.cloud.store.put(KIND.taskDefinition, made.taskDefinitionArn, made);
      return made;
    });
    this.saveTags(doc.taskDefinitionArn, tags);
    return { taskDefinition: shapeOf(doc), tags: this.tagsOf(doc.taskDefinitionArn) };
  }

  describeTaskDefinition(input: Sdk.DescribeTaskDefinitionRequest): Sdk.DescribeTaskDefinitionResponse {
    const doc = this.taskDefinition(input.taskDefinition);
    const tags = input.include?.includes("TAGS") ? this.tagsOf(doc.taskDefinitionArn) : [];
    return { taskDefinition: shapeOf(doc), tags };
  }

  deregisterTaskDefinition(input: Sdk.DeregisterTaskDefinitionRequest): Sdk.DeregisterTaskDefinitionResponse {
    const doc = this.taskDefinition(input.taskDefinition);
    const gone: TaskDefinitionDoc = { ...doc, status: "INACTIVE", deregisteredAt: new Date().toISOString() };
    this.cloud.store.put(KIND.taskDefinition, doc.taskDefinitionArn, gone);
    return { taskDefinition: shapeOf(gone) };
  }

  listTaskDefinitions(input: Sdk.ListTaskDefinitionsRequest): Sdk.ListTaskDefinitionsResponse {
    const found = this.cloud.store
      .list<TaskDefinitionDoc>(KIND.taskDefinition)
      .filter(
        (doc) =>
          (input.familyPrefix === undefined || doc.family === input.familyPrefix) &&
          doc.status === (input.status ?? "ACTIVE"),
      )
      .sort((a, b) => (a.family === b.family ? a.revision - b.revision : a.family < b.family ? -1 : 1));
    if (input.sort === "DESC") found.reverse();
    return { taskDefinitionArns: found.map((doc) => doc.taskDefinitionArn) };
  }

  /**
   * @param name `family` (its newest active revision), `family:revision`, or an ARN
   * @throws CloudError `ClientException`
   */
  taskDefinition(name: string | undefined): TaskDefinitionDoc {
    const arnOf = (part: string) => `arn:aws:ecs:${this.cloud.region}:${this.cloud.account}:task-definition/${part}`;
    const wanted = name ?? "";
    const arn = wanted.startsWith("arn:") ? wanted : arnOf(wanted);
    const exact = this.cloud.store.get<TaskDefinitionDoc>(KIND.taskDefinition, arn);
    if (exact !== undefined) return exact;
    const newest = this.cloud.store
      .list<TaskDefinitionDoc>(KIND.taskDefinition)
      .filter((doc) => doc.taskDefinitionArn === `${arn}:${doc.revision}` && doc.status === "ACTIVE")
      .sort((a, b) => b.revision - a.revision)[0];
    if (newest === undefined) throw clientError("Unable to describe task definition.");
    return newest;
  }

  /** One that new tasks may be started from. @throws CloudError `ClientException` */
  protected activeTaskDefinition(name: string | undefined): TaskDefinitionDoc {
    let doc: TaskDefinitionDoc;
    try {
      doc = this.taskDefinition(name);
    } catch {
      throw clientError("TaskDefinition not found.");
    }
    if (doc.status !== "ACTIVE") throw clientError("TaskDefinition is inactive");
    return doc;
  }
}

function shapeOf(doc: TaskDefinitionDoc): Sdk.TaskDefinition {
  const { registeredAt, deregisteredAt, ...rest } = doc;
  return {
    ...rest,
    registeredAt: new Date(registeredAt),
    ...(deregisteredAt === undefined ? {} : { deregisteredAt: new Date(deregisteredAt) }),
  };
}
