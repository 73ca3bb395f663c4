/** Commands that bring up, change, show and compare stacks. */
import { json, lockTimeout, release, sandbox, service, stack, timeout, yes } from "./options.mjs";

/** @type {readonly import("../command-table.d.mts").Command[]} */
export const stackCommands = [
  {
    name: "up",
    module: "./commands/up.ts",
    summary: "bring a stack to its configuration, or to the release that you name",
    details: [
      "Previews with the policy pack, updates, then reads back what is live. Without a tag, no traffic moves.",
      "Example: sluice up --stack local --image-tag v1.1.0",
      "Example: sluice up --stack prod --candidate v1.1.0 --weight 25 --service api",
    ],
    options: [
      stack,
      sandbox,
      ...release,
      { flags: "--create", summary: "create the stack if it does not exist (in the sandbox it always is)" },
      {
        flags: "--refresh",
        summary: "read everything again first, so that what was changed by hand is changed back",
      },
      lockTimeout,
      timeout,
      yes,
      json,
    ],
  },
  {
    name: "preview",
    module: "./commands/preview.ts",
    summary: "show what an up would change, judged by the policy pack; changes nothing",
    details: ["Example: sluice preview --stack prod --sandbox"],
    options: [stack, sandbox, ...release, timeout, json],
  },
  {
    name: "destroy",
    module: "./commands/destroy.ts",
    summary: "delete everything in a stack",
    details: ["Outside the sandbox it needs --yes, and refuses stacks with protected resources."],
    options: [stack, sandbox, lockTimeout, timeout, yes, json],
  },
  {
    name: "outputs",
    module: "./commands/outputs.ts",
    summary: "print what a stack exports: services, colours, weights, registry, roles",
    details: ["Example: sluice outputs --stack local --json"],
    options: [stack, sandbox, json],
  },
  {
    name: "rollback",
    module: "./commands/rollback.ts",
    summary: "go back to what ran before, or to a tag",
    details: [
      "`previous` is what stands on the standby colour, with its own environment and size: only weights move,",
      "once it has the tasks that the load needs.",
      "Example: sluice rollback --stack local --to previous --service api",
    ],
    options: [
      stack,
      sandbox,
      { flags: "--to <release>", summary: "`previous`, or a tag", required: true },
      service,
      lockTimeout,
      timeout,
      yes,
      json,
    ],
  },
  {
    name: "task",
    module: "./commands/task.ts",
    summary: "run a command once, with the image, secrets, roles and network of a service's active release",
    details: [
      "The command takes the place of the image's CMD; its ENTRYPOINT stays. What it prints goes to stdout when it has ended.",
      "Exit code 4: it ended with another code than 0, or could not run. Ctrl-C and --timeout (an hour, if not given) stop its task.",
      "Example: sluice task --stack prod --service api -- node report.js --all",
    ],
    args: [{ name: "<command...>", summary: "command and arguments, after --" }],
    options: [
      stack,
      sandbox,
      { flags: "--service <name>", summary: "service whose release runs it", required: true },
      timeout,
      yes,
      json,
    ],
  },
  {
    name: "drift",
    module: "./commands/drift.ts",
    summary: "compare what a stack declares with what is live; changes nothing",
    details: [
      "Rulesets and environments on GitHub, bypass actors too, and the stack's resources as the engine would read them.",
      "Exit code 4: something differs; 1: something could not be read; 3: the token may not look.",
      "Example: sluice drift --stack foundation --json",
    ],
    options: [
      stack,
      sandbox,
      { flags: "--only <part>", summary: "look at one part alone", choices: ["github", "cloud"] },
      timeout,
      json,
    ],
  },
];
