/** Declares the services of a stack: reads what is, resolves what is asked for, and lets each plan its own traffic. */
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../model/config/config.ts";
import { type Desired, type Plan, PlanError, planTraffic, StaleStateError } from "../../model/traffic.ts";
import { listenerPriorities } from "../../model/traffic-bands.ts";
import type { MonitoredService } from "../alarms/service-alarms.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../environment.ts";
import type { Foundation } from "../foundation.ts";
import { refuseMoves } from "./balancer-moves.ts";
import { EcsService } from "./ecs-service.ts";
import { readPast, type ServicePast } from "./previous.ts";
import { keptReferences, pinSecrets, sidecarRepositories } from "./references.ts";
import { resolveDesired } from "./release.ts";
import type { StackState } from "./stack-state.ts";

export interface ServicesArgs {
  environment: Environment;
  cluster: Cluster;
  config: Config;
  foundation: Foundation;
  state: StackState;
}

/**
 * Everything that can be refused is read and checked for all services before the first of them is declared.
 *
 * @returns the outputs of each service, and what alarms watch of it
 */
export async function declareServices({ environment, cluster, config, foundation, state }: ServicesArgs) {
  const names = Object.keys(config.services).sort();
  if (names.length === 0) return undefined;
  const prepared = await Promise.all(
    names.map(async (name) => {
      const service = await pinSecrets(name, config.services[name] as Config["services"][string]);
      const request = config.releases[name] ?? { imageTag: config.imageTag };
      const [past, sidecars, [repository, desired]] = await Promise.all([
        readPast(state, name),
        sidecarRepositories(name, service, foundation),
        foundation
          .repository(service.repository ?? name)
          .then(async (found) => [found, await resolveDesired(name, service, request, found)] as const),
      ]);
      return { name, service, repository, sidecars, past, desired };
    }),
  );
  const plans = planAll(prepared);
  refuseMoves(config.services, state);
  const priorities = listenerPriorities(config.services, state.listenerPriorities());
  const outputs: Record<string, pulumi.Output<unknown>> = {};
  const monitored: MonitoredService[] = [];
  for (const { name, service, repository, sidecars, past } of prepared) {
    const plan = plans.get(name) as Plan;
    const component = new EcsService(name, {
      environment,
      cluster,
      service: name,
      config: service,
      repository,
      sidecarRepositories: sidecars,
      kept: keptReferences(state, name, plan),
      past,
      plan,
      priorities,
    });
    outputs[name] = component.outputs;
    monitored.push(component.monitored);
  }
  return { outputs, monitored };
}

/** @throws pulumi.RunError naming every service whose request cannot be planned */
function planAll(prepared: readonly { name: string; past: ServicePast; desired: Desired }[]): Map<string, Plan> {
  const refused: string[] = [];
  const stale: string[] = [];
  const plans = new Map<string, Plan>();
  for (const { name, past, desired } of prepared) {
    try {
      plans.set(name, planTraffic(past, desired));
    } catch (error) {
      if (error instanceof PlanError) refused.push(`  services.${name}: ${error.message}`);
      else if (error instanceof StaleStateError) stale.push(`  services.${name}: ${error.message}`);
      else throw error;
    }
  }
  if (refused.length > 0) throw new pulumi.RunError(["configuration error:", ...refused].join("\n"));
  if (stale.length > 0) throw new pulumi.RunError(["state out of date:", ...stale].join("\n"));
  return plans;
}
