/** After an update: what is live is read with clients of our own and compared with what the update says. */
import { compareLive, type ExpectedService, formatMismatches } from "../model/read-back.ts";
import { ExitCode, SluiceError } from "./errors.ts";
import { createLiveClients } from "./live/clients.ts";
import { readLiveService } from "./live/live-service.ts";
import { adoptCloudEnvironment, type Target } from "./target.ts";

/** A service in the outputs of a stack. */
export interface ServiceOutputs extends Omit<ExpectedService, "blue" | "green"> {
  url: string;
  active: "blue" | "green" | null;
  standby: "blue" | "green" | null;
  blue: (NonNullable<ExpectedService["blue"]> & { service: string; targetGroup: string }) | null;
  green: (NonNullable<ExpectedService["green"]> & { service: string; targetGroup: string }) | null;
  /** Null where nothing was ever deployed. */
  rule: string | null;
  cluster: string;
}

/** The services among a stack's outputs. */
export function servicesOf(outputs: Readonly<Record<string, unknown>>): Record<string, ServiceOutputs> {
  return (outputs.services ?? {}) as Record<string, ServiceOutputs>;
}

/**
 * @throws SluiceError (4) naming every difference, for all services at once
 * @example
 * await readBack(target, outputs);
 */
export async function readBack(target: Target, outputs: Readonly<Record<string, unknown>>): Promise<void> {
  const deployed = Object.entries(servicesOf(outputs)).filter(([, { rule }]) => rule !== null);
  if (deployed.length === 0) return;
  adoptCloudEnvironment(target);
  const differences = await Promise.all(
    deployed.map(async ([name, service]) => {
      const region = (service.rule as string).split(":")[3] ?? "";
      using clients = createLiveClients(region);
      const live = await readLiveService({ ...service, ruleArn: service.rule as string }, clients);
      return formatMismatches(name, compareLive(service, live));
    }),
  );
  const lines = differences.flat();
  if (lines.length === 0) return;
  throw new SluiceError("the update reports success, but what is live is something else", {
    exitCode: ExitCode.resource,
    details: lines,
    remedy: `look at the service's events and logs, then run sluice up --stack ${target.stack} again`,
  });
}
