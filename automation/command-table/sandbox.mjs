/** Commands about the local cloud. */
import { json, yes } from "./options.mjs";

/** @type {readonly import("../command-table.d.mts").Command[]} */
export const sandboxCommands = [
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
];
