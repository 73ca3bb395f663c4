/** The services of a stack: first all is read, resolved and planned, then all is declared. */
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../model/config/config.ts";
import type { ServiceConfig } from "../../model/config/service.ts";
import { type Desired, type Plan, PlanError, planTraffic, StaleStateError } from "../../model/traffic.ts";
import { listenerPriorities } from "../../model/traffic-bands.ts";
import type { MonitoredService } from "../alarms/service-alarms.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../environment.ts";
import type { Foundation } from "../foundation.ts";
import type { RepositoryOutputs } from "../registry.ts";
import type { ReleaseImage } from "../release.ts";
import { refuseMoves } from "./balancer-moves.ts";
import { EcsService } from "./ecs-service.ts";
import { serviceImages } from "./images.ts";
import { readPast, type ServicePast } from "./previous.ts";
import { keptReferences, pinSecrets, sidecarRepositories } from "./references.ts";
import { resolveDesired } from "./release.ts";
import type { StackState } from "./stack-state.ts";

/** A service of which everything is known, and nothing declared. */
interface PlannedService {
  name: string;
  config: ServiceConfig;
  repository: RepositoryOutputs;
  sidecars: Readonly<Record<string, RepositoryOutputs>>;
  past: ServicePast;
  plan: Plan;
}

/** What an update does with the services of a stack. */
export interface PlannedServices {
  services: readonly PlannedService[];
  /** Listener rule priorities, by the rules' names. */
  priorities: ReadonlyMap<string, number>;
  /** Every image that the stack has once the update is done. */
  images: readonly ReleaseImage[];
}

/**
 * Reads, resolves and plans all services: whatever can be refused is refused here.
 *
 * @returns undefined where the stack has no services
 * @throws pulumi.RunError where something that is asked for is not there, or cannot be planned
 */
export async function planServices(
  config: Config,
  state: StackState,
  foundation: Foundation,
): Promise<PlannedServices | undefined> {
  const names = Object.keys(config.services).sort();
  if (names.length === 0) return undefined;
  const read = await Promise.all(
    names.map(async (name) => {
      const service = await pinSecrets(name, config.services[name] as ServiceConfig);
      const request = config.releases[name] ?? { imageTag: config.imageTag };
      const [past, sidecars, [repository, desired]] = await Promise.all([
        readPast(state, name),
        sidecarRepositories(name, service, foundation),
        foundation
          .repository(service.repository ?? name)
          .then(async (found) => [found, await resolveDesired(name, service, request, found)] as const),
      ]);
      return { name, config: service, repository, sidecars, past, desired };
    }),
  );
  const plans = planAll(read);
  refuseMoves(config.services, state);
  const services = read.map(({ desired: _, ...service }) => ({ ...service, plan: plans.get(service.name) as Plan }));
  const images = services.flatMap((service) => serviceImages({ ...service, state }));
  return { services, priorities: listenerPriorities(config.services, state.listenerPriorities()), images };
}

/**
 * Declares what was planned.
 *
 * @returns the outputs of each service, and what alarms watch of it
 */
export function declareServices(
  { services, priorities }: PlannedServices,
  { environment, cluster, state }: { environment: Environment; cluster: Cluster; state: StackState },
) {
  const outputs: Record<string, pulumi.Output<unknown>> = {};
  const monitored: MonitoredService[] = [];
  for (const { name, config, repository, sidecars, past, plan } of services) {
    const component = new EcsService(name, {
      environment,
      cluster,
      service: name,
      config,
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
function planAll(read: readonly { name: string; past: ServicePast; desired: Desired }[]): Map<string, Plan> {
  const refused: string[] = [];
  const stale: string[] = [];
  const plans = new Map<string, Plan>();
  for (const { name, past, desired } of read) {
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
