import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Version of Sluice itself. */
export function packageVersion(): string {
  return versionIn(join(import.meta.dirname, "..", "package.json"));
}

/** Version of a provider's SDK, which the engine asks the plugin for: `sdkVersion("aws")`. */
export function sdkVersion(name: string): string {
  return versionIn(createRequire(import.meta.url).resolve(`@pulumi/${name}/package.json`));
}

function versionIn(file: string): string {
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
