/** Commands about images. */
import { json, sandbox, stack, timeout, yes } from "./options.mjs";

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

/** @type {readonly import("../command-table.d.mts").Command[]} */
export const imageCommands = [
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
];
