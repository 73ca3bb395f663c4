import * as pulumi from "@pulumi/pulumi";
import type { ServiceConfig } from "../../model/config/service.ts";
import type { ColourScaling } from "../../model/scaling.ts";
import type { Colour, Plan } from "../../model/traffic.ts";
import { releaseOf } from "./release.ts";

/**
 * Tells people what an update does with a service, and ends it as failed where it could not place the release that was
 * asked for.
 */
export function announcePlan(
  resource: pulumi.Resource,
  args: {
    service: string;
    config: ServiceConfig;
    plan: Plan;
    scaling: Readonly<Record<Colour, ColourScaling>>;
    /** Tasks that each colour is asked to run now. */
    desiredCounts: Readonly<Record<Colour, number>>;
    /** Resolves once the weights have moved. */
    moved: pulumi.Output<string> | undefined;
  },
): void {
  const { service, config, plan, scaling, desiredCounts, moved } = args;
  if (plan.outcome === "waiting") {
    const message = `${service} has no release yet: all but its workload is brought up; name one by imageTag`;
    pulumi.log.info(message, resource);
  }
  const running = plan.outcome === "none" && plan.active !== undefined ? plan.colours[plan.active] : undefined;
  if (running?.action === "keep" && releaseOf(config, running.deployed).id !== running.deployed.id) {
    const { tag } = running.deployed;
    const message = `${tag} runs with another configuration than this; name a release (${tag}, say) to change it`;
    pulumi.log.info(message, resource);
  }
  for (const colour of ["blue", "green"] as const) {
    const { order, min } = scaling[colour];
    const missing = min - desiredCounts[colour];
    if (plan.colours[colour].action !== "keep" || order !== "before" || missing <= 0) continue;
    const message = `before traffic moves to ${colour}, its tasks go from ${desiredCounts[colour]} to ${min}`;
    pulumi.log.info(message, resource);
  }
  if (plan.deferred === undefined) return;
  const { tag } = plan.deferred;
  const message =
    `release deferred: ${service} ${tag} could not be placed, because both colours carried traffic; ` +
    `all traffic is back on ${plan.active}: run the same update again to deploy ${tag}`;
  if (pulumi.runtime.isDryRun()) pulumi.log.warn(message, resource);
  else
    moved?.apply(() => {
      throw new pulumi.RunError(message);
    });
}
