// The CLI built from its Go module, pinned with all that it needs by engine/cli/go.sum.
import { rmSync } from "node:fs";
import path from "node:path";
import { findGo, goBuild } from "./go.mjs";
import { cacheFolder, ROOT } from "./places.mjs";
import { startStep } from "./progress.mjs";

const MAIN = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
/** For the progress line: how many modules are downloaded and packages compiled, measured. */
const MODULES = 274;
const PACKAGES = 1680;

/** Go says what it downloads, and with -v what it compiles. */
function progressReader(step) {
  const counts = { modules: 0, packages: 0 };
  return (line) => {
    const module = line.startsWith("go: downloading ");
    const isPackage = !module && /^[\w.-]+(\/[\w.~-]+)*$/.test(line);
    if (module) counts.modules++;
    if (isPackage) counts.packages++;
    step.detail =
      counts.packages > 0
        ? `${counts.packages} of about ${PACKAGES} packages`
        : `${counts.modules} of about ${MODULES} modules downloaded`;
    return module || isPackage;
  };
}

/**
 * Builds `pulumi` into `folder`. Go's caches are removed afterwards; after a failure they stay, so that the next try goes on from there.
 *
 * @throws Error that says why not: no Go, too old, or what Go complained about
 */
export async function buildEngine(version, folder) {
  const go = await findGo(path.join(cacheFolder(), "go"));
  const step = startStep(`building the Pulumi CLI ${version} with ${go.version}, about 3 minutes, once per machine`);
  try {
    await goBuild(go, {
      folder: path.join(ROOT, "engine", "cli"),
      main: MAIN,
      output: path.join(folder, "pulumi"),
      linkerFlags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
      onLine: progressReader(step),
    });
  } catch (error) {
    step.end();
    throw error;
  }
  rmSync(go.scratch, { recursive: true, force: true });
  step.end(`built the Pulumi CLI ${version}`);
}
