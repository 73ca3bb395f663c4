/** `punchtrunk --mode tool-health --tool-health-json FILE`, run with a bundle's own tools. */
import * as z from "zod/mini";
import { checkShape, parseJson } from "./json.ts";
import type { Report } from "./reader.ts";

const items = z.optional(z.array(z.looseObject({ name: z.string(), status: z.string() })));
const document = z.looseObject({
  timestamp: z.string(),
  trunk: z.looseObject({ status: z.string() }),
  plugin_sources: items,
  runtimes: items,
  linters: items,
  warnings: z.optional(z.array(z.string())),
});

/** `detected`: no version is demanded. */
const healthyTrunk = ["match", "detected"];
/** `skipped`: no version is demanded, so that there is none to be looked for. */
const healthyItems = ["hydrated", "skipped"];

/**
 * Whether every tool is there in its version, and nothing was warned of. A status that is not known is not healthy.
 *
 * @throws ReportError for what is no such report
 * @example
 * toolsHealthy({ file: "tool-health.json", text }) // true
 */
export function toolsHealthy(report: Report): boolean {
  const { trunk, plugin_sources, runtimes, linters, warnings } = checkShape(report, document, parseJson(report));
  const all = [plugin_sources, runtimes, linters].flatMap((list) => list ?? []);
  return (
    healthyTrunk.includes(trunk.status) &&
    all.every(({ status }) => healthyItems.includes(status)) &&
    (warnings ?? []).length === 0
  );
}
