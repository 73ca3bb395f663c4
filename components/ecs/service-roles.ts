import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { nameLimits } from "../../model/names.ts";
import type { Environment } from "../environment.ts";

export interface ServiceRolesArgs {
  environment: Environment;
  service: string;
  repositoryArn: string;
  logGroupArn: pulumi.Input<string>;
  /** ARNs that the service's variables come from. */
  secrets: readonly string[];
}

/**
 * The two roles of a service: `execution`, by which ECS pulls the image, writes the logs and fetches the secrets, and
 * `task`, which the program itself has and which may do nothing until it is given something.
 */
export class ServiceRoles extends pulumi.ComponentResource {
  readonly executionRoleArn: pulumi.Output<string>;
  readonly taskRoleArn: pulumi.Output<string>;
  /** What must be in place before a task may start. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: ServiceRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:ecs:ServiceRoles", name, { service: args.service, secrets: args.secrets }, opts);
    const role = (purpose: string) => {
      const roleName = args.environment.physicalName(nameLimits.role, args.service, purpose);
      return new aws.iam.Role(
        `${name}-${purpose}`,
        { name: roleName, assumeRolePolicy: tasksOnly, tags: args.environment.tags(roleName) },
        { parent: this },
      );
    };
    const execution = role("execution");
    const policy = new aws.iam.RolePolicy(
      `${name}-execution-policy`,
      {
        name: "execution",
        role: execution.name,
        policy: pulumi.output(args.logGroupArn).apply((logGroupArn) => executionPolicy(args, logGroupArn)),
      },
      { parent: this },
    );
    this.executionRoleArn = execution.arn;
    this.taskRoleArn = role("task").arn;
    this.ready = [policy];
    this.registerOutputs({ executionRoleArn: this.executionRoleArn, taskRoleArn: this.taskRoleArn });
  }
}

const tasksOnly = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

function executionPolicy({ repositoryArn, secrets }: ServiceRolesArgs, logGroupArn: string): string {
  const allow = (Action: string[], Resource: string[]) => ({ Effect: "Allow", Action, Resource });
  const parameters = secrets.filter((arn) => arn.includes(":ssm:"));
  const secretValues = secrets.filter((arn) => arn.includes(":secretsmanager:"));
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      // ECR hands tokens out per account, not per repository: the API takes no other resource.
      allow(["ecr:GetAuthorizationToken"], ["*"]),
      allow(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], [repositoryArn]),
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], [`${logGroupArn}:*`]),
      ...(parameters.length > 0 ? [allow(["ssm:GetParameters"], parameters)] : []),
      ...(secretValues.length > 0 ? [allow(["secretsmanager:GetSecretValue"], secretValues)] : []),
    ],
  });
}
