import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import type { Store } from "../store.ts";

const KIND = "address";
/** Tries before giving up; more than one is rarely needed among some 12 million addresses. */
const TRIES = 50;

/**
 * Gives `owner` a loopback address of its own, 127.x.y.z with x >= 64 (lower ones are used by resolvers and the like).
 *
 * @param port the port that must be free on it; 0 for none in particular.
 * @throws Error when no address can be bound (an operating system whose loopback network is a single address).
 */
export async function allocateAddress(store: Store, owner: string, port: number): Promise<string> {
  let problem: unknown;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const ip = `127.${randomInt(64, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
    if (store.get(KIND, ip) !== undefined) continue;
    store.put(KIND, ip, { ip, owner });
    problem = await bindingProblem(ip, port);
    if (problem === undefined) return ip;
    releaseAddress(store, ip);
  }
  throw new Error(`no free loopback address for ${owner}: ${problem}`);
}

/** Gives an address back. */
export function releaseAddress(store: Store, ip: string): void {
  store.delete(KIND, ip);
}

/** Why a server cannot listen there; a port that only the superuser may bind says nothing about the address. */
function bindingProblem(ip: string, port: number): Promise<unknown> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EACCES" ? undefined : error));
    probe.listen({ host: ip, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}
