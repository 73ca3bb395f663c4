#!/usr/bin/env node
// The launcher behind every npm script: `node engine/run.mjs <what> [args]`. Needs Node 20, nothing else. Brings node_modules in line,
// finds or gets a Pulumi CLI, then runs the pinned Node (or the CLI) in an environment where everything is found.
import path from "node:path";
import { foreground } from "./foreground.mjs";
import { engineEnvironment, NoEngineError } from "./locate.mjs";
import { ensureModules, InstallError } from "./modules.mjs";
import { cacheFolder, ROOT } from "./places.mjs";
import { say } from "./progress.mjs";

const USAGE = `usage: node engine/run.mjs <what> [arguments]
  pulumi <arguments>         the Pulumi CLI, set up for this repository
  sluice <arguments>         the sluice command
  quickstart                 'sluice quickstart': everything, up to a service that answers
  test [mocha arguments]     the tests
  node <script> [arguments]  any script, with the pinned Node
  prepare                    get the Pulumi CLI and nothing else; may be started early, beside 'npm ci'
`;

const inRepository = (...parts) => path.join(ROOT, ...parts);
const SLUICE = inRepository("automation", "cli.mjs");

/** What to run, given what has been found. */
const COMMANDS = {
  pulumi: (found, args) => [found.node, [inRepository("automation", "pulumi-command.ts"), ...args]],
  sluice: (found, args) => [found.node, [SLUICE, ...args]],
  quickstart: (found, args) => [found.node, [SLUICE, "quickstart", ...args]],
  test: (found, args) => [found.node, [inRepository("node_modules", "mocha", "bin", "mocha.js"), ...args]],
  node: (found, args) => [found.node, args],
};

function environment(found) {
  const env = { ...process.env, PATH: found.path };
  // Coverage and V8's code cache do not go together: functions would be missing from the report.
  if (!env.NODE_V8_COVERAGE) env.NODE_COMPILE_CACHE ??= path.join(cacheFolder(), "compiled");
  return env;
}

/** Both steps are mostly waiting for others, so they run side by side. The first failure is the one that is told. */
async function prepare() {
  await Promise.all([engineEnvironment(), ensureModules()]);
  // Only now is the pinned Node certainly there.
  return engineEnvironment();
}

async function main([what, ...args]) {
  if (what === "prepare") {
    await engineEnvironment();
    return 0;
  }
  const command = COMMANDS[what];
  if (!command) {
    process.stderr.write(USAGE);
    return 2;
  }
  const found = await prepare();
  return foreground(...command(found, args), environment(found));
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    const expected = error instanceof NoEngineError || error instanceof InstallError;
    say("sluice: %s", expected ? error.message : error.stack);
    process.exit(1);
  },
);
