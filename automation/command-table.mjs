/**
 * Every command of `sluice`, with its help. Plain JavaScript that imports nothing, so that `sluice --help` starts as
 * fast as Node itself; the command line parser is built from the same table.
 */

const stack = { flags: "-s, --stack <name>", summary: "stack to work on (default: local)" };
const sandbox = { flags: "--sandbox", summary: "work in the local cloud; stack local always does" };
const json = { flags: "--json", summary: "print the result as JSON on stdout" };
const lockTimeout = {
  flags: "--lock-timeout <seconds>",
  summary: "how long to wait for another update of the stack (default: 60)",
};
const timeout = { flags: "--timeout <seconds>", summary: "end the run in order after this long; exit code 9" };
const yes = { flags: "-y, --yes", summary: "do not ask" };
const service = { flags: "--service <name>", summary: "only this service (default: all of the stack)" };
const release = [
  { flags: "--image-tag <tag>", summary: "release to switch to, for all services or for --service" },
  service,
  { flags: "--candidate <tag>", summary: "release to try beside the active one, with --weight" },
  { flags: "--weight <percent>", summary: "share of the traffic for the candidate, 0 to 100" },
];

const retention = [
  { flags: "--repository <name>", summary: "only this repository (default: all of the registry)" },
  { flags: "--keep <count>", summary: "good releases to keep, per service of every stack (default: 5)" },
  {
    flags: "--older-than <days>",
    summary: "leave images alone that were pushed or pulled less than so long ago (default: 30)",
  },
  { flags: "--backend <urls>", summary: "further backends with stacks that use the registry, separated by commas" },
  { flags: "--unused-by <accounts>", summary: "accounts that may pull and run none of it, separated by commas" },
];

/** @type {import("./command-table.d.mts").Program} */
export const program = {
  name: "sluice",
  summary: "Deliver services with Pulumi: blue-green switches, weighted splits and rollbacks that lose no request.",
  commands: [
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
    {
      name: "push",
      module: "./commands/push.ts",
      summary: "build an image and push it to the stack's registry",
      details: [
        "Without --builder: docker where a daemon answers and the registry is a real one, else oci, which needs none.",
        "Example: sluice push examples/service --repository api --tag v1.1.0 --stack local",
      ],
      args: [{ name: "<context>", summary: "folder with a Dockerfile" }],
      options: [
        { flags: "--repository <name>", summary: "repository in the registry", required: true },
        { flags: "--tag <tag>", summary: "tag of the image; never given twice to different content", required: true },
        { flags: "--builder <kind>", summary: "docker or oci", choices: ["docker", "oci"] },
        stack,
        sandbox,
        json,
      ],
    },
    {
      name: "images",
      summary: "the images in the registry: who needs which, and delete what nobody needs",
      commands: [
        {
          name: "list",
          module: "./commands/images.ts",
          summary: "show every image, and why it would stay or go",
          details: ["Example: sluice images list --stack foundation"],
          options: [stack, sandbox, ...retention, timeout, json],
        },
        {
          name: "prune",
          module: "./commands/images.ts",
          summary: "delete the images that no stack needs now, or for a rollback",
          details: [
            "Reads the state and the history of every stack of the backend; refuses where one cannot be read, or is being updated.",
            "Example: sluice images prune --stack foundation --keep 5 --older-than 30 --dry-run",
          ],
          options: [
            stack,
            sandbox,
            ...retention,
            { flags: "--dry-run", summary: "only show what would go" },
            timeout,
            yes,
            json,
          ],
        },
      ],
    },
    {
      name: "sandbox",
      summary: "the local cloud: one process that keeps state, runs tasks and balances traffic",
      commands: [
        {
          name: "start",
          module: "./commands/sandbox.ts",
          summary: "start it; does nothing where it runs",
          options: [json],
        },
        {
          name: "stop",
          module: "./commands/sandbox.ts",
          summary: "end it and its tasks; state is kept",
          options: [json],
        },
        {
          name: "status",
          module: "./commands/sandbox.ts",
          summary: "what runs, and where it listens",
          options: [json],
        },
        {
          name: "reset",
          module: "./commands/sandbox.ts",
          summary: "forget everything: its state, and the stacks that lived in it",
          options: [yes],
        },
        {
          name: "logs",
          module: "./commands/sandbox.ts",
          summary: "what tasks, or the daemon itself, have printed",
          args: [{ name: "[task]", summary: "a task's id, or a service's name (default: the daemon)" }],
          options: [{ flags: "--lines <count>", summary: "how many lines from the end (default: 100)" }],
        },
        {
          name: "fault",
          module: "./commands/sandbox.ts",
          summary: "make it fail on purpose: list, add or clear faults",
          details: [
            `Example: sluice sandbox fault '{"kind":"slow","match":{"service":"ecs"},"ms":2000}'; docs/sandbox.md lists the kinds`,
          ],
          args: [{ name: "[fault]", summary: "a fault as JSON, or `clear`; none lists them" }],
          options: [json],
        },
      ],
    },
    {
      name: "doctor",
      module: "./commands/doctor.ts",
      summary: "check that everything needed is there, and say how to mend what is not",
      options: [stack, sandbox, json],
    },
    {
      name: "env",
      module: "./commands/env.ts",
      summary: 'print what a shell needs so that plain `pulumi` works here: eval "$(npx sluice env)"',
      options: [stack, sandbox, json],
    },
    {
      name: "quickstart",
      module: "./commands/quickstart.ts",
      summary: "foundation, example service and stack local in the sandbox, in one go (npm run up)",
      options: [json],
    },
  ],
  exitCodes: [
    "0 done",
    "1 error",
    "2 configuration or usage",
    "3 authentication",
    "4 a resource failed, or is not what was asked for",
    "5 refused by policy",
    "6 no such stack",
    "8 cancelled",
    "9 took too long",
    "20 waiting for approval",
    "21 rolled back",
    "22 held",
  ],
};

/**
 * The help of the program itself.
 *
 * @param {import("./command-table.d.mts").Program} table
 */
export function programHelp(table = program) {
  const width = Math.max(...table.commands.map(({ name }) => name.length)) + 2;
  return [
    `Usage: ${table.name} <command> [options]`,
    "",
    table.summary,
    "",
    "Commands:",
    ...table.commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    `Start here: npm run up, then ${table.name} <command> --help.`,
    `Exit codes: ${table.exitCodes.join(", ")}.`,
  ].join("\n");
}
