/** Whether a colour may receive traffic. Pure. */

/** What is live on a colour. */
export interface LiveColour {
  /** ARN of the service's task definition. */
  taskDefinition: string;
  /** ARN of each deployment's task definition; one deployment means that nothing is under way. */
  deployments: readonly string[];
  runningCount: number;
  healthyTargets: number;
  /** Why tasks of the revision failed while its readiness was waited for. */
  failures: readonly string[];
}

/** As many failed tasks as ECS's own circuit breaker takes at least; it does not watch tasks that scaling starts. */
const failuresAllowed = 3;

export type Readiness = { ready: true } | { ready: false; final: boolean; reason: string };

/**
 * Judges what is live against what is asked for. `final` says that waiting will not help.
 *
 * @example
 * judgeReadiness(live, { taskDefinitionArn: "…:7", tasks: 2 })
 */
export function judgeReadiness(live: LiveColour, wanted: { taskDefinitionArn: string; tasks: number }): Readiness {
  if (live.taskDefinition !== wanted.taskDefinitionArn) {
    const reason = `it runs ${live.taskDefinition}, not ${wanted.taskDefinitionArn} (ECS may have rolled it back)`;
    return { ready: false, final: true, reason };
  }
  if (live.failures.length >= failuresAllowed) {
    const reason = `${live.failures.length} of its tasks have failed, the last with: ${live.failures.at(-1)}`;
    return { ready: false, final: true, reason };
  }
  const wait = (reason: string): Readiness => ({ ready: false, final: false, reason });
  if (live.deployments.length !== 1) return wait(`${live.deployments.length} deployments are under way`);
  if (live.deployments[0] !== wanted.taskDefinitionArn) return wait(`its deployment is of ${live.deployments[0]}`);
  if (live.runningCount < wanted.tasks) return wait(`${live.runningCount} of ${wanted.tasks} tasks run`);
  if (live.healthyTargets < wanted.tasks) return wait(`${live.healthyTargets} of ${wanted.tasks} targets are healthy`);
  return { ready: true };
}

/**
 * Tasks that a colour needs for its share of the traffic, in proportion to what serves all of it now; at least one.
 *
 * @param serving tasks that serve all traffic now
 * @param weight per cent that the colour is to get
 * @example
 * tasksFor(4, 25) // 1
 */
export function tasksFor(serving: number, weight: number): number {
  return Math.max(1, Math.ceil((serving * weight) / 100));
}
