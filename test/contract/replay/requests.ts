/** Holds requests against the models that AWS publishes of its APIs. */
import path from "node:path";
import { execa } from "execa";
import { installPython } from "../../support/tools.ts";
import type { Asked } from "./clients.ts";

/**
 * What is in requests that the models do not allow.
 *
 * @example
 * await breaches([{ service: "ecs", operation: "CreateCluster", input: { name: "x" } }]) // ["ecs CreateCluster.name: no such member"]
 */
export async function breaches(requests: readonly Asked[]): Promise<string[]> {
  const python = await installPython(path.join(import.meta.dirname, "..", "moto"));
  const script = path.join(import.meta.dirname, "requests.py");
  const { stdout } = await execa(python, [script], { input: JSON.stringify(requests) });
  return JSON.parse(stdout) as string[];
}
