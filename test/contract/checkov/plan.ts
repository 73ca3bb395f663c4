/** The resources of states as a plan of Terraform's, the form that checkov has the most checks for. */
import type { StateResource } from "../replay/state.ts";
import { terraformArgument, terraformTypes } from "./terraform-types.ts";

/** What is checked: a resource of a state, or one that a test has made up. */
export type Checked = Pick<StateResource, "type" | "name" | "id" | "inputs" | "outputs">;

/**
 * @throws Error where a type has no counterpart in Terraform's provider
 */
export function terraformPlan(resources: readonly Checked[]): object {
  const owners = ownersOf(resources);
  const parts = resources.map((resource) => describe(resource, owners));
  return {
    format_version: "1.2",
    terraform_version: "1.9.0",
    planned_values: { root_module: { resources: parts.map(({ planned }) => planned) } },
    resource_changes: parts.map(({ change }) => change),
    configuration: {
      provider_config: { aws: { name: "aws", expressions: { region: { constant_value: "eu-west-1" } } } },
      root_module: { resources: parts.map(({ configuration }) => configuration) },
    },
  };
}

/** Address by identifier, so that a value that names a resource becomes a reference to it: checks follow these. */
function ownersOf(resources: readonly Checked[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const resource of resources) {
    for (const [attribute, value] of [["id", resource.id], ...Object.entries(resource.outputs)] as const) {
      const identifies = ["id", "arn", "name", "dnsName"].includes(attribute);
      // Names such as `api` are no identifiers: many things are called so.
      if (identifies && typeof value === "string" && value.length > 8 && !owners.has(value)) {
        owners.set(value, `${addressOf(resource).address}.${terraformArgument(attribute, value)[0]}`);
      }
    }
  }
  return owners;
}

function addressOf({ type, name }: Checked) {
  const terraformType = terraformTypes[type];
  if (terraformType === undefined) throw new Error(`${type} has no counterpart in the table of Terraform's types`);
  const terraformName = name.replace(/[^A-Za-z0-9_-]/g, "_");
  return { address: `${terraformType}.${terraformName}`, mode: "managed", type: terraformType, name: terraformName };
}

function describe(resource: Checked, owners: ReadonlyMap<string, string>) {
  const head = addressOf(resource);
  const inputs = Object.entries(resource.inputs).filter(([property]) => property !== "__defaults");
  const values = Object.fromEntries(inputs.map(([property, value]) => terraformArgument(property, value)));
  const provider = "registry.terraform.io/hashicorp/aws";
  return {
    planned: { ...head, provider_name: provider, schema_version: 1, values },
    change: {
      ...head,
      provider_name: provider,
      change: { actions: ["create"], before: null, after: values, after_unknown: {} },
    },
    configuration: { ...head, provider_config_key: "aws", expressions: expressions(values, owners) },
  };
}

/** The shape of the values, with the references in it. */
function expressions(values: object, owners: ReadonlyMap<string, string>): Record<string, unknown> {
  const found = Object.entries(values).map(([key, value]) => [key, expression(value, owners)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

function expression(value: unknown, owners: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value) && value.some((item) => typeof item === "object")) {
    return value.map((item) => (typeof item === "object" && item !== null ? expressions(item, owners) : {}));
  }
  const references = [value].flat().flatMap((item) => {
    const owner = typeof item === "string" ? owners.get(item) : undefined;
    return owner === undefined ? [] : [owner, owner.replace(/\.[^.]*$/, "")];
  });
  return references.length > 0 ? { references } : { constant_value: value };
}
