import * as pulumi from "@pulumi/pulumi";
import type { RepositoryOutputs } from "./registry.ts";

/** What environments need of the stack that holds what exists once per account. */
export interface Foundation {
  stackName: string;
  /** @throws Error where the foundation does not exist, or has no such repository */
  repository(name: string): Promise<RepositoryOutputs>;
  /** ARN of the permissions boundary of the roles that a stack makes; undefined where the foundation has none for it. */
  boundary(stack: string): Promise<string | undefined>;
}

/**
 * @param stack NAME for a stack of this project and organization, or ORG/PROJECT/NAME
 * @example
 * await readFoundation("foundation").repository("api")
 */
export function readFoundation(stack: string): Foundation {
  const stackName = stack.includes("/") ? stack : `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
  let reference: pulumi.StackReference | undefined;
  const output = async <T>(name: string): Promise<T | undefined> => {
    reference ??= new pulumi.StackReference(stackName);
    return (await reference.getOutputDetails(name)).value as T | undefined;
  };
  return {
    stackName,
    async boundary(one) {
      return (await output<Record<string, string>>("boundaries"))?.[one];
    },
    async repository(name) {
      const repositories = await output<Record<string, RepositoryOutputs>>("registry");
      if (repositories === undefined) {
        throw new pulumi.RunError(
          `stack ${stackName} has no registry: bring it up first, with \`sluice up --stack ${stack}\``,
        );
      }
      const repository = repositories[name];
      if (repository === undefined) {
        const known = Object.keys(repositories).join(", ");
        throw new pulumi.RunError(
          `configuration error:\n  services: a repository in the registry of ${stackName} (${known}); got "${name}"; ` +
            `add it there under sluice:registry.repositories, or name another under services.<name>.repository`,
        );
      }
      return repository;
    },
  };
}
