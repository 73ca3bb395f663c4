/** How many tasks each colour may have, in every situation that the traffic plan makes. Pure. */
import type { Standby } from "./config/scaling.ts";
import { tasksFor } from "./readiness.ts";
import type { Colour, Plan, Weights } from "./traffic.ts";

/** Bounds of a colour's autoscaling once the update is done. */
export interface ColourScaling {
  /** Least and greatest number of tasks. */
  min: number;
  max: number;
  /** Whether autoscaling may take tasks away. */
  scaleIn: boolean;
  /**
   * Whether the bounds are set before the weights move, as for who is to receive traffic, or after, as for who gives it
   * away: a colour is never taken capacity from while it has weight.
   */
  order: "before" | "after";
}

export interface ScalingArgs {
  plan: Pick<Plan, "outcome" | "weights" | "colours">;
  liveWeights: Weights | undefined;
  /** Tasks that each colour is asked to run now. */
  desiredCounts: Readonly<Record<Colour, number>>;
  count: { min: number; max: number };
  standby: Standby;
}

const colours = ["blue", "green"] as const satisfies readonly Colour[];

/**
 * Bounds of both colours.
 *
 * - Who is about to receive more traffic gets at least what its share of the present load needs, before the weights
 *   move; `max` is raised too where that is more.
 * - Later updates take this minimum back to `count.min`. That moves no count: autoscaling lets go of what the load does
 *   not need.
 * - While traffic is split, no colour loses tasks: an abort, which waits for nothing, finds the active colour as it was.
 * - Who has no traffic and gets none is the standby.
 *
 * @example
 * planScaling({ plan, liveWeights, desiredCounts: { blue: 6, green: 1 }, count: { min: 2, max: 9 }, standby: "warm" }).green.min // 6
 */
export function planScaling(args: ScalingArgs): Record<Colour, ColourScaling> {
  return { blue: scalingOf("blue", args), green: scalingOf("green", args) };
}

function scalingOf(colour: Colour, args: ScalingArgs): ColourScaling {
  const { plan, liveWeights, desiredCounts, count } = args;
  const share = plan.weights?.[colour] ?? 0;
  const scaleIn = plan.weights === undefined || colours.some((one) => plan.weights?.[one] === 0);
  if (plan.outcome !== "abort" && share > (liveWeights?.[colour] ?? 0)) {
    const serving = Math.min(
      tasksServing(liveWeights, desiredCounts),
      Math.max(count.max, ...Object.values(desiredCounts)),
    );
    const min = Math.max(count.min, tasksFor(serving, share));
    return { min, max: Math.max(count.max, min), scaleIn, order: "before" };
  }
  const isStandby = plan.weights !== undefined && share === 0 && plan.colours[colour].action !== "deploy";
  return { ...(isStandby ? standbyBounds(args) : count), scaleIn, order: "after" };
}

function standbyBounds({ standby, count }: ScalingArgs): { min: number; max: number } {
  if (standby === "warm") return count;
  const tasks = standby === "cool" ? 1 : 0;
  return { min: tasks, max: tasks };
}

/**
 * Tasks that all of the traffic needs, no less. Each colour that has a share has enough for it, so what each would need for
 * all of it is an upper bound; the lower of the two is nearer.
 *
 * @example
 * tasksServing({ blue: 75, green: 25 }, { blue: 3, green: 2 }) // 4
 */
export function tasksServing(weights: Weights | undefined, desired: Readonly<Record<Colour, number>>): number {
  const bounds = colours
    .filter((colour) => (weights?.[colour] ?? 0) > 0 && desired[colour] > 0)
    .map((colour) => Math.ceil((desired[colour] * 100) / (weights as Weights)[colour]));
  return bounds.length === 0 ? 0 : Math.min(...bounds);
}

/**
 * What CloudWatch calls a target group behind a balancer, from their ARNs.
 * Source: Application Auto Scaling API reference, PredefinedMetricSpecification, ResourceLabel.
 *
 * @example
 * requestCountLabel("arn:…:listener/app/main/50dc/f2f7", "arn:…:targetgroup/api-blue/943f") // "app/main/50dc/targetgroup/api-blue/943f"
 */
export function requestCountLabel(listenerArn: string, targetGroupArn: string): string {
  const balancer = /:listener\/(app\/[^/]+\/[^/]+)\//.exec(listenerArn)?.[1];
  const group = /:(targetgroup\/[^/]+\/[^/]+)$/.exec(targetGroupArn)?.[1];
  if (balancer === undefined || group === undefined) {
    throw new Error(
      `no ARNs of an application load balancer's listener and a target group: ${listenerArn}, ${targetGroupArn}`,
    );
  }
  return `${balancer}/${group}`;
}
