/** What every component of a stack shares. */
import { boundedName } from "../model/names.ts";

/** The place that resources belong to. */
export class Environment {
  readonly project: string;
  readonly stack: string;
  /** Name of the environment, e.g. `prod`; the stack's name unless the configuration says otherwise. */
  readonly name: string;
  readonly region: string;
  /**
   * The permissions boundary that the foundation demands of every role made here, as arguments of a role; nothing where
   * it demands none.
   */
  readonly roleBounds: { permissionsBoundary?: string };

  constructor(args: {
    project: string;
    stack: string;
    name: string;
    region: string;
    permissionsBoundary?: string | undefined;
  }) {
    this.project = args.project;
    this.stack = args.stack;
    this.name = args.name;
    this.region = args.region;
    this.roleBounds = args.permissionsBoundary === undefined ? {} : { permissionsBoundary: args.permissionsBoundary };
  }

  /**
   * A physical name within `limit` characters.
   *
   * @example
   * environment.physicalName(32, "api", "blue") // "sluice-prod-api-blue"
   */
  physicalName(limit: number, ...parts: string[]): string {
    return boundedName(limit, this.project, this.stack, ...parts);
  }

  /** Tags for every resource; `role` says what it is for, where policies or people need to know. */
  tags(name: string, role?: string): Record<string, string> {
    return {
      Name: name,
      "sluice:project": this.project,
      "sluice:stack": this.stack,
      "sluice:environment": this.name,
      ...(role === undefined ? {} : { "sluice:role": role }),
    };
  }
}
