/** ECS services: a failing deployment stops by itself, and tasks are reached through the balancer only. */
import { resourcePolicy } from "./support/definition.ts";
import { demand, type Finding, quote, undecided } from "./support/finding.ts";
import { type Known, records, unknown } from "./support/known.ts";
import { types } from "./support/types.ts";

export interface ServiceSettings {
  readonly publicIp: boolean;
  readonly executeCommand: boolean;
}

export const servicesGuarded = resourcePolicy({
  name: "services-guarded",
  description: "Services stop failing deployments, have no public addresses and no shell from outside.",
  severity: "high",
  remedy: "Enable deploymentCircuitBreaker with rollback; set assignPublicIp and enableExecuteCommand to false.",
  tags: ["availability", "ecs"],
  settings: {
    publicIp: { default: false, description: "Let tasks have public addresses." },
    executeCommand: { default: false, description: "Let `aws ecs execute-command` open shells in tasks." },
  },
  types: [types.ecsService],
  judge: ({ properties }, settings) => judgeService(properties, settings),
});

/**
 * Judges an ECS service.
 *
 * @example
 * judgeService({ deploymentCircuitBreaker: { enable: true, rollback: true } }, settings) // []
 */
export function judgeService(properties: Known, settings: ServiceSettings): Finding[] {
  return [
    ...judgeCircuitBreaker(properties),
    ...judgeNetwork(properties, settings),
    ...demand(
      properties.enableExecuteCommand,
      (value) => value === undefined || value === false || settings.executeCommand,
      "enableExecuteCommand",
      "opens shells in running tasks",
      "set it to false",
    ),
  ];
}

function judgeCircuitBreaker({ deploymentCircuitBreaker, deploymentController }: Known): Finding[] {
  const where = "deploymentCircuitBreaker";
  const breakers = records(deploymentCircuitBreaker);
  const controllers = records(deploymentController);
  if (breakers === unknown || controllers === unknown) return [undecided(where)];
  const { enable, rollback } = breakers[0] ?? {};
  const remedy = "set enable and rollback to true";
  return [
    ...demand(
      enable,
      (value) => value === true,
      `${where}.enable`,
      "is off, so a failing deployment never ends",
      remedy,
    ),
    ...demand(rollback, (value) => value === true, `${where}.rollback`, "is off, so a failed deployment stays", remedy),
    ...controllers.flatMap(({ type }) =>
      demand(
        type,
        (value) => value === undefined || value === "ECS",
        "deploymentController.type",
        `is ${quote(type)}, which ignores the circuit breaker`,
        'leave it at "ECS"',
      ),
    ),
  ];
}

function judgeNetwork({ networkConfiguration }: Known, { publicIp }: ServiceSettings): Finding[] {
  const networks = records(networkConfiguration);
  if (networks === unknown) return [undecided("networkConfiguration")];
  return networks.flatMap(({ assignPublicIp }) =>
    demand(
      assignPublicIp,
      (value) => value === undefined || value === false || publicIp,
      "networkConfiguration.assignPublicIp",
      "gives tasks public addresses, past the balancer",
      "set sluice:network.egress to single-nat or nat-per-zone",
    ),
  );
}
