/** The resources of a stack, from what `pulumi stack export --show-secrets` prints. */

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** The name in the program. */
  readonly name: string;
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What marks a secret in state. */
const secretMark = "4dabf18193072939515e22adb298388d";

/** Providers whose resources are not on AWS. */
export const otherProviders: readonly string[] = ["github", "pulumi", "random"];

interface Exported {
  readonly deployment: {
    readonly pending_operations?: readonly unknown[];
    readonly resources: readonly (Omit<StateResource, "name"> & { custom?: boolean; delete?: boolean })[];
  };
}

/**
 * Resources in the order of their dependencies, components left out.
 *
 * @throws Error where the state is not that of a finished update
 */
export function resourcesOf(exported: string): StateResource[] {
  const { resources, pending_operations: pending = [] } = (JSON.parse(exported) as Exported).deployment;
  if (pending.length > 0 || resources.some((one) => one.delete)) throw new Error("the update has not finished");
  return resources
    .filter((one) => one.custom)
    .map(({ urn, type, id, inputs, outputs }) => ({
      urn,
      type,
      id,
      name: urn.split("::").at(-1) ?? "",
      inputs: (revealed(inputs) ?? {}) as Record<string, unknown>,
      outputs: (revealed(outputs) ?? {}) as Record<string, unknown>,
    }));
}

/** The part that must be mapped, everything that is not by name another provider's. */
export function awsResources(resources: readonly StateResource[]): StateResource[] {
  return resources.filter(({ type }) => !otherProviders.some((provider) => type.startsWith(`${provider}:`)));
}

/** Takes secrets out of their envelopes. */
function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value) {
    const { plaintext } = value as { plaintext?: string };
    if (plaintext === undefined) throw new Error("a secret of the state is not shown");
    return revealed(JSON.parse(plaintext));
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revealed(member)]));
}
