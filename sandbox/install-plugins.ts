import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sdkVersion } from "./versions.ts";

export const PROVIDERS = ["aws", "github", "kubernetes", "random"] as const;

/**
 * Puts the provider plugins into a PULUMI_HOME, where the engine finds them in the versions that the program's SDKs ask for.
 * Each is a small shell script: the providers themselves live in the daemon.
 *
 * @param pulumiHome the engine's home, which must be the sandbox's own
 * @param sandboxHome folder of the daemon
 * @returns paths of the plugins
 * @example
 * installPlugins(join(sluiceHome, "pulumi-home"), join(sluiceHome, "sandbox"));
 */
export function installPlugins(pulumiHome: string, sandboxHome: string): string[] {
  return PROVIDERS.map((name) => {
    const folder = join(pulumiHome, "plugins", `resource-${name}-v${sdkVersion(name)}`);
    const file = join(folder, `pulumi-resource-${name}`);
    const script = pluginScript(name, sandboxHome);
    mkdirSync(folder, { recursive: true });
    if (read(file) !== script) {
      // The engine may be starting it right now, so it is replaced in one step.
      const temporary = `${file}.${process.pid}`;
      writeFileSync(temporary, script);
      chmodSync(temporary, 0o755);
      renameSync(temporary, file);
    }
    return file;
  });
}

/**
 * The script prints the port of the provider and waits until its standard input, which the engine holds, is closed: it ends with
 * the engine, however that died. A daemon is alive when the process of that id has the recorded start time. Nothing is used
 * but the shell and `cat`, which are on every PATH.
 */
function pluginScript(name: string, sandboxHome: string): string {
  return `#!/bin/sh
# Provider '${name}' of Sluice's sandbox. The provider runs in the sandbox's daemon; the engine connects to it there.
info=${quoted(join(sandboxHome, "daemon.json"))}
field() {
  while read -r key value; do
    [ "$key" = "\\"$1\\":" ] || continue
    value=\${value%,}
    value=\${value#\\"}
    echo "\${value%\\"}"
    break
  done <"$info"
} 2>/dev/null
pid=$(field pid)
port=$(field ${name})
# State (field 3) and start time (field 22) of that process; a zombie is dead.
{ read -r stat <"/proc/\${pid:-none}/stat"; } 2>/dev/null
set -- \${stat##*) }
if [ -z "$port" ] || [ "\${1:-Z}" = Z ] || [ "\${20}" != "$(field startTime)" ]; then
  echo "the sandbox does not run; start it with: npx sluice sandbox start" >&2
  exit 1
fi
echo "$port"
exec cat >/dev/null
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
