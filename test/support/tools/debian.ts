/** Tools from Debian's packages. */
import { execa } from "execa";
import { findOnPath } from "../../../engine/places.mjs";

/**
 * The path of a tool that a test runs. Where it is missing it is installed from Debian's packages, if that is possible; else the
 * test fails in CI, and is skipped, with the reason, elsewhere.
 *
 * @param test - the running test or hook, to skip it
 * @param debianPackage - @default the name of the tool
 * @example const skopeo = await requireTool(this, "skopeo");
 */
export async function requireTool(test: Mocha.Context, tool: string, debianPackage = tool): Promise<string> {
  const reason = findOnPath(tool) === undefined ? await installPackage(debianPackage) : undefined;
  return findOnPath(tool) ?? missing(test, `${tool} is not on PATH (${reason})`);
}

/** What is not there fails a test in CI, and skips it, with the reason, elsewhere. */
export function missing(test: Mocha.Context, message: string): never {
  if (process.env.CI === "true") throw new Error(message);
  console.warn(`      skipped: ${message}`);
  return test.skip();
}

/** @returns why it could not be installed, or undefined when it was */
export async function installPackage(name: string): Promise<string | undefined> {
  const apt = findOnPath("apt-get");
  if (apt === undefined) return "and there is no apt-get to install it with";
  if (process.getuid?.() !== 0) return `only root may install it: apt-get install ${name}`;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const install = () => execa(apt, ["install", "-y", "-qq", "--no-install-recommends", name], { env, reject: false });
  const first = await install();
  if (first.exitCode === 0) return undefined;
  // The lists of packages may be absent or old.
  await execa(apt, ["update", "-qq"], { env, reject: false });
  const second = await install();
  return second.exitCode === 0 ? undefined : `apt-get: ${String(second.stderr).trim().split("\n").at(-1)}`;
}
