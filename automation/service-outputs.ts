/** A stack's outputs, with what its resources say of the services: after a failed or targeted update outputs lie. */
import { type Colour, otherColour } from "../model/traffic.ts";
import { outputsOf, type StackState } from "./backend.ts";
import { type ServiceOutputs, servicesOf } from "./read-back.ts";
import { readServiceState, type ServiceState } from "./service-state.ts";

export interface TruthfulOutputs {
  outputs: Record<string, unknown>;
  /** Services whose outputs the resources contradicted. */
  corrected: string[];
}

/**
 * The outputs, secrets masked, corrected by the state of the resources.
 *
 * @example
 * const { outputs, corrected } = truthfulOutputs(state);
 */
export function truthfulOutputs(state: StackState): TruthfulOutputs {
  const outputs = outputsOf(state);
  const corrected: string[] = [];
  const services = Object.entries(servicesOf(outputs)).map(([name, told]) => {
    const service = correct(told, readServiceState(state, name));
    if (JSON.stringify(service) !== JSON.stringify(told)) corrected.push(name);
    return [name, service] as const;
  });
  return { outputs: services.length > 0 ? { ...outputs, services: Object.fromEntries(services) } : outputs, corrected };
}

function correct(told: ServiceOutputs, { weights, active, running, rule }: ServiceState): ServiceOutputs {
  if (weights === undefined || active === undefined) return told;
  const colour = (name: Colour) => {
    const release = running[name];
    const before = told[name];
    if (release === "unknown" || before === null || release === undefined) return before;
    if (before.release === release.id && before.taskDefinition === release.revision) return before;
    const { tag, digest, id, revision } = release;
    return { ...before, tag, digest, release: id, taskDefinition: revision };
  };
  return {
    ...told,
    active,
    standby: otherColour(active),
    weights,
    blue: colour("blue"),
    green: colour("green"),
    rule: rule ?? told.rule,
  };
}
