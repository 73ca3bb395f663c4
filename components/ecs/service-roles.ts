import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Permission } from "../../model/config/permission.ts";
import { nameLimits } from "../../model/names.ts";
import { executionPolicy, rolePolicyLimit, taskPolicy } from "../../model/service-policies.ts";
import type { Environment } from "../environment.ts";

export interface ServiceRolesArgs {
  environment: Environment;
  service: string;
  /** Repositories of the service's image and of its sidecars'. */
  repositoryArns: readonly string[];
  logGroupArn: pulumi.Input<string>;
  /** References of all containers' variables, those of colours that are kept too. */
  secrets: readonly string[];
  /** KMS keys that secrets are encrypted with, where these are not AWS's own. */
  keys: readonly string[];
  permissions: readonly Permission[];
}

/**
 * The two roles of a service: `execution`, by which ECS pulls the images, writes the logs and fetches the secrets, and
 * `task`, which the program itself has and which may do nothing until it is given something.
 */
export class ServiceRoles extends pulumi.ComponentResource {
  readonly executionRoleArn: pulumi.Output<string>;
  readonly taskRoleArn: pulumi.Output<string>;
  /** What must be in place before a task may start. */
  readonly ready: pulumi.Resource[];

  readonly #name: string;
  readonly #args: ServiceRolesArgs;

  constructor(name: string, args: ServiceRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:ecs:ServiceRoles", name, { service: args.service, secrets: args.secrets }, opts);
    this.#name = name;
    this.#args = args;
    checkSize(args);
    const execution = this.#role("execution");
    const task = this.#role("task");
    const allowed = taskPolicy(args.permissions);
    const policy = pulumi.output(args.logGroupArn).apply((logGroupArn) => executionPolicy({ ...args, logGroupArn }));
    this.executionRoleArn = execution.arn;
    this.taskRoleArn = task.arn;
    this.ready = [
      this.#policy("execution", execution, policy),
      ...(allowed === undefined ? [] : [this.#policy("task", task, allowed)]),
    ];
    this.registerOutputs({ executionRoleArn: this.executionRoleArn, taskRoleArn: this.taskRoleArn });
  }

  #role(purpose: string): aws.iam.Role {
    const { environment, service } = this.#args;
    const name = environment.physicalName(nameLimits.role, service, purpose);
    return new aws.iam.Role(
      `${this.#name}-${purpose}`,
      { name, assumeRolePolicy: tasksOnly, ...environment.roleBounds, tags: environment.tags(name) },
      { parent: this },
    );
  }

  #policy(purpose: string, role: aws.iam.Role, policy: pulumi.Input<string>): aws.iam.RolePolicy {
    return new aws.iam.RolePolicy(
      `${this.#name}-${purpose}-policy`,
      { name: purpose, role: role.name, policy },
      { parent: this },
    );
  }
}

const tasksOnly = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** A configuration alone fits; what kept colours still refer to comes on top of it. */
function checkSize(args: ServiceRolesArgs): void {
  const { length } = executionPolicy({ ...args, logGroupArn: "l".repeat(290) });
  if (length <= rolePolicyLimit) return;
  throw new pulumi.RunError(
    `configuration error:\n  services.${args.service}.secrets: the secrets of both colours and of this configuration make a ` +
      `policy of ${length} characters, and IAM takes ${rolePolicyLimit}; keep several values in one secret`,
  );
}
