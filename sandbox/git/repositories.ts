/** Bare repositories under the daemon's home. Every push to one of them is judged by the repository's rulesets. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A part of a path that cannot lead anywhere else. */
const NAME = /^(?!\.)[\w.-]{1,100}$/;

/**
 * The folder of a repository, made with its hook when it is first asked for.
 *
 * @param repository `owner/name`
 * @returns undefined where that is no name
 */
export function openRepository(home: string, repository: string): string | undefined {
  const [owner = "", name = "", ...rest] = repository.split("/");
  if (!NAME.test(owner) || !NAME.test(name) || rest.length > 0) return undefined;
  const folder = join(home, "git", owner.toLowerCase(), `${name.toLowerCase()}.git`);
  if (!existsSync(join(folder, "HEAD"))) {
    mkdirSync(folder, { recursive: true });
    execFileSync("git", ["init", "--bare", "--quiet", "--initial-branch", "main", folder]);
    execFileSync("git", ["-C", folder, "config", "http.receivepack", "true"]);
  }
  const hook = join(folder, "hooks", "pre-receive");
  writeFileSync(hook, hookScript(home, repository));
  chmodSync(hook, 0o755);
  return folder;
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Written again each time: node and this code may have moved since. */
function hookScript(home: string, repository: string): string {
  const script = join(import.meta.dirname, "pre-receive.ts");
  const words = [process.execPath, "--disable-warning=ExperimentalWarning", script, home, repository];
  return `#!/bin/sh\nexec ${words.map(quoted).join(" ")}\n`;
}
