/**
 * Tools that others wrote, which tests hold Sluice against: pinned, with the hash of every file that they are made from, and
 * installed by the tests themselves into the user's cache, once per machine. Nothing else on the machine is changed, but for
 * Debian's packages where a test runs as root.
 */
import path from "node:path";
import { missing } from "./tools/debian.ts";
import { type GoTool, installGoTools } from "./tools/go.ts";
import { installPython } from "./tools/python.ts";

export { requireTool } from "./tools/debian.ts";
export { goTools, installGoTools } from "./tools/go.ts";
export { installPython } from "./tools/python.ts";

/**
 * Commands built from Go modules. Without a Go that can build them the test fails in CI, and is skipped, with the reason, elsewhere.
 * A hook that calls this needs `this.timeout(...)` of minutes: the docstring of the table in `tools/go.ts` says how long builds take.
 *
 * @param test - the running test or hook, to skip it
 * @example const { gitleaks } = await requireGoTools(this, "gitleaks");
 */
export async function requireGoTools<T extends GoTool>(test: Mocha.Context, ...tools: T[]): Promise<Record<T, string>> {
  try {
    return await installGoTools(...tools);
  } catch (error) {
    return missing(test, `cannot build ${tools.join(", ")}: ${(error as Error).message}`);
  }
}

/** zizmor, an auditor of workflows. @returns the command's path */
export async function installZizmor(): Promise<string> {
  const python = await installPython(path.join(import.meta.dirname, "tools", "zizmor"));
  return path.join(path.dirname(python), "zizmor");
}
