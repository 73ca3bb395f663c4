/** Rules that join a service's migration with its other settings. */
import { migrationOverrides, overridesLimit } from "../migration.ts";
import type { Config, CrossFieldRule } from "./config.ts";
import type { MigrationConfig } from "./migration.ts";
import type { ConfigProblem } from "./problems.ts";
import type { ServiceConfig } from "./service.ts";
import { fargateSizeProblem } from "./service-rules.ts";

type Migrating = ServiceConfig & { migration: MigrationConfig };

function ofMigrations(judge: (service: Migrating, name: string) => Omit<ConfigProblem, "field">[], field: string) {
  return (config: Config): ConfigProblem[] =>
    Object.entries(config.services).flatMap(([name, service]) =>
      service.migration === undefined
        ? []
        : judge(service as Migrating, name).map((problem) => ({
            field: `services.${name}.migration${field}`,
            ...problem,
          })),
    );
}

/** The release's containers run in it with what they reserve, so it is never smaller than a task of the service. */
const sizesAreFargates = ofMigrations(({ cpu, memory, migration }) => {
  const size = { cpu: migration.cpu ?? cpu, memory: migration.memory ?? memory };
  const value = JSON.stringify(size);
  if (size.cpu < cpu || size.memory < memory) {
    const rule = "no less CPU and memory than the service";
    return [{ rule, value, remedy: `leave them out, or ask for at least ${cpu} units and ${memory} MiB` }];
  }
  const rule = fargateSizeProblem(size);
  return rule === undefined ? [] : [{ rule, value, remedy: "choose one of these, or other CPU units" }];
}, "");

const overridesFit = ofMigrations(({ migration }, name) => {
  const length = JSON.stringify(migrationOverrides(name, migration)).length;
  if (length <= overridesLimit) return [];
  const rule = `command and environment take at most ${overridesLimit} characters as JSON (ECS)`;
  return [{ rule, value: `${length} characters`, remedy: "move the command into a script of the image" }];
}, "");

const variablesAreNotSecrets = ofMigrations(
  ({ migration, secrets }) =>
    Object.keys(migration.environment)
      .filter((variable) => Object.hasOwn(secrets, variable))
      .map((variable) => ({
        rule: "no variable that the service has as a secret",
        value: variable,
        remedy: "remove it",
      })),
  ".environment",
);

export const migrationRules: readonly CrossFieldRule[] = [sizesAreFargates, overridesFit, variablesAreNotSecrets];
