/** Workloads: whatever runs an image is something that this pack judges. */

import { matchesName } from "../model/environment-of.ts";
import { standsBy } from "./standby.ts";
import { type Member, resourcePolicy, stackPolicy } from "./support/definition.ts";
import { demand, type Finding, quote } from "./support/finding.ts";
import type { Known } from "./support/known.ts";
import { unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

export const taskDefinitionsKept = resourcePolicy({
  name: "task-definitions-kept",
  description: "Task definitions stay registered, so that a rollback finds the whole release as it was.",
  severity: "high",
  remedy: "Set skipDestroy to true.",
  tags: ["rollback", "ecs"],
  settings: {},
  types: [types.taskDefinition],
  judge: ({ properties }) => judgeKept(properties),
});

/** Judges whether a replaced task definition stays. */
export function judgeKept({ skipDestroy }: Known): Finding[] {
  const what = "is off, so an update removes what a rollback needs";
  return demand(skipDestroy, (value) => value === true, "skipDestroy", what, "set it to true");
}

export interface TypeSettings {
  readonly allowed: readonly string[];
}

/**
 * Types that run code or images, or attach permissions, past what the other policies judge. The list follows the
 * provider's own list of types.
 */
const unjudged: readonly string[] = [
  "aws:amplify/*",
  "aws:appfabric/*",
  "aws:apprunner/*",
  "aws:appstream/*",
  "aws:autoscaling/group:*",
  "aws:batch/*",
  "aws:bedrock/agent*",
  "aws:cloud9/*",
  "aws:cloudcontrol/*",
  "aws:cloudformation/*",
  "aws:cloudwatch/eventTarget:*",
  "aws:codebuild/*",
  "aws:codecatalyst/*",
  "aws:codedeploy/*",
  "aws:codepipeline/*",
  "aws:datapipeline/*",
  "aws:ec2/fleet:*",
  "aws:ec2/instance:*",
  "aws:ec2/launchConfiguration:*",
  "aws:ec2/launchTemplate:*",
  "aws:ec2/spot*",
  "aws:ecr/registryPolicy:*",
  "aws:ecr/repositoryCreationTemplate:*",
  "aws:ecs/daemon*",
  "aws:ecs/express*",
  "aws:ecs/taskSet:*",
  "aws:eks/*",
  "aws:elasticbeanstalk/*",
  "aws:emr*",
  "aws:gamelift/*",
  "aws:glue/devEndpoint:*",
  "aws:glue/job:*",
  "aws:iam/rolePoliciesExclusive:*",
  "aws:iam/samlProvider:*",
  "aws:iam/user:*",
  "aws:iam/userLoginProfile:*",
  "aws:imagebuilder/*",
  "aws:kinesisanalytics*",
  "aws:lambda*",
  "aws:lightsail/*",
  "aws:m2/*",
  "aws:mwaa/*",
  "aws:pipes/*",
  "aws:rolesanywhere/*",
  "aws:sagemaker/*",
  "aws:scheduler/schedule:*",
  "aws:serverlessrepository/*",
  "aws:servicecatalog/*",
  "aws:sfn/*",
  "aws:ssm/activation:*",
  "aws:ssm/association:*",
  "aws:ssm/document:*",
  "aws:ssm/maintenanceWindow*",
  "aws:ssoadmin/*",
  "aws-native:*",
  "awsx:*",
  "cloudinit:*",
  "command:*",
  "docker:*",
  "docker-build:*",
  "eks:*",
  "kubernetes:*",
  "pulumi-nodejs:dynamic*",
];

/** Of what these patterns name: what runs nothing, and Sluice declares. */
const harmless: readonly string[] = ["kubernetes:core/v1:Namespace"];

export const typesJudged = resourcePolicy({
  name: "types-judged",
  description: "Nothing runs code or grants access in a way that this pack does not judge.",
  severity: "high",
  remedy:
    "Declare it as an ECS service of Sluice, or list the type under allowed in policy/config.json after a review.",
  tags: ["workloads"],
  settings: { allowed: { default: [], description: "Types (* for any characters) that were reviewed." } },
  types: "all",
  judge: ({ type }, settings) => judgeType(type, settings),
});

/**
 * Judges a type by its token.
 *
 * @example
 * judgeType("aws:lambda/function:Function", { allowed: [] }).length // 1
 */
export function judgeType(type: string, { allowed }: TypeSettings): Finding[] {
  const matches = (patterns: readonly string[]) => patterns.some((pattern) => matchesName(pattern, type));
  if (!matches(unjudged) || matches([...harmless, ...allowed])) return [];
  const remedy = "declare it as a service of Sluice, or list it under allowed in policy/config.json after a review";
  return [{ where: "", what: `type ${quote(type)} runs or grants what no policy here judges`, remedy }];
}

export const workloadsJudged = stackPolicy({
  name: "workloads-judged",
  description: "Services run task definitions of their own stack, whose images this pack has judged.",
  severity: "critical",
  remedy: "Let the service use a task definition that the same stack declares.",
  tags: ["supply-chain", "ecs"],
  settings: {},
  judge: (members) => judgeWorkloads(members),
});

/** Judges where services get their task definitions from. */
export function judgeWorkloads(members: readonly Member[]): (Finding & { urn: string })[] {
  const judged = members.filter(({ type }) => type === types.taskDefinition);
  return members
    .filter(({ type }) => type === types.ecsService)
    .filter(
      ({ properties, comesFrom }) => !runsOneOf(judged, properties.taskDefinition, comesFrom.taskDefinition ?? []),
    )
    .filter((service) => !(runsOlderRevision(judged, service.properties.taskDefinition) && standsBy(service, members)))
    .map(({ urn, properties }) => ({
      urn,
      where: "taskDefinition",
      what: `runs ${quote(properties.taskDefinition)}, which this stack does not declare`,
      remedy: "declare the task definition in the same stack",
    }));
}

/**
 * ECS takes a failed deployment back to the revision before, which this stack declared once and no longer does. Where no
 * traffic goes there it must not stand in the way of an abort or a rollback; a release that goes there is judged.
 */
function runsOlderRevision(judged: readonly Member[], taskDefinition: unknown): boolean {
  const [family, revision] = revisionOf(taskDefinition);
  return judged.some(({ properties }) => {
    const [declared, newest] = revisionOf(properties.arn);
    return declared === family && revision < newest;
  });
}

/** Family and revision of an ARN, `…:task-definition/family:revision`; NaN compares as false. */
function revisionOf(arn: unknown): [family: string, revision: number] {
  const [, family = "", revision] = /^(.+):(\d+)$/.exec(typeof arn === "string" ? arn : "") ?? [];
  return [family, Number(revision)];
}

/** The ARN decides; before it is known, where it comes from. */
function runsOneOf(judged: readonly Member[], taskDefinition: unknown, sources: readonly string[]): boolean {
  const arns = judged.map(({ properties }) => properties.arn).filter((arn) => arn !== unknown && arn !== undefined);
  if (taskDefinition !== unknown && taskDefinition !== undefined && arns.includes(taskDefinition)) return true;
  const fromHere = judged.some(({ urn }) => sources.includes(urn));
  return fromHere && (taskDefinition === unknown || arns.length < judged.length);
}
