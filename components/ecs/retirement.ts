/** Keeps a service that users reach from vanishing because a section went missing. */
import * as pulumi from "@pulumi/pulumi";
import { type Config, formatProblems } from "../../model/config/config.ts";
import type { StackState } from "./stack-state.ts";

/**
 * A service that has its traffic rule in the stack goes only where the configuration says so: a lost section, a renamed
 * service or a bad merge of stack files looks the same as a decision to switch it off.
 *
 * @throws pulumi.RunError naming every service that is neither declared nor retired
 * @example
 * refuseUnannouncedRemovals(await StackState.read(), config)
 */
export function refuseUnannouncedRemovals(state: StackState, config: Pick<Config, "services" | "retire">): void {
  const announced = new Set([...Object.keys(config.services), ...config.retire]);
  const problems = state
    .servicesWithTraffic()
    .filter((name) => !announced.has(name))
    .map((name) => ({
      field: `services.${name}`,
      rule: "a service that carries traffic goes only when it is retired",
      value: "nothing",
      remedy: `declare it again, or add ${name} to sluice:retire to delete it with its next update`,
    }));
  if (problems.length > 0) throw new pulumi.RunError(formatProblems(problems));
}
