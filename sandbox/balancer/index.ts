import type { Inner, Part } from "../cloud/index.ts";
import { Balancers } from "./balancers.ts";

/**
 * Serves the listeners of all load balancers and follows every change of them.
 *
 * @example
 * const part = await startBalancers(cloud);
 * await part.close(true);
 */
export async function startBalancers(cloud: Inner): Promise<Part> {
  const balancers = new Balancers(cloud);
  await balancers.start();
  return balancers;
}
