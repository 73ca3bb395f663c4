// Runs a policy pack whose entry is JavaScript. The same as @pulumi/pulumi/cmd/run-policy-pack (which takes the engine's address and
// the pack's folder), without ts-node: that alone costs more than everything else that a pack does at its start.
"use strict";
const { createRequire } = require("node:module");

const folder = process.argv.at(-1);
const fromPack = createRequire(`${folder}/package.json`);

/** The host's sign for "the user has been told already". */
const ALREADY_REPORTED = 32;

let running = false;
const uncaught = new Set();
const reported = new Set();

function noteUncaught(error) {
  uncaught.add(error);
  // While the pack runs, the SDK reports to the engine; before and after, nobody else would.
  if (!running) console.error(error?.stack ?? error?.message ?? String(error));
}

process.on("uncaughtException", noteUncaught);
process.on("unhandledRejection", noteUncaught);
// An error must never end with 0: the engine would take a broken pack for one that found nothing.
process.on("exit", (code) => {
  if (code !== 0 || uncaught.size === 0) return;
  process.exitCode = [...uncaught].every((error) => reported.has(error)) ? ALREADY_REPORTED : 1;
});

fromPack("@pulumi/pulumi/cmd/run-policy-pack/run")
  .run({
    argv: { _: [folder] },
    programStarted: () => {
      running = true;
    },
    reportLoggedError: (error) => reported.add(error),
    typeScript: false,
  })
  .then(() => {
    running = false;
  });
