import type { Benchmark } from "../benchmark.ts";
import { command } from "../command.ts";

export const upWithoutChanges: Benchmark = {
  name: "up",
  question:
    "What does `sluice up` cost when there is nothing to do (preview, update, read-back), over an empty `pulumi up`?",
  prepare: async (setting) => {
    await setting.local();
    const [cwd, env] = [await setting.empty(), await setting.emptyEnvironment()];
    const args = ["up", "--stack", "empty", "--yes", "--non-interactive"];
    return {
      subject: {
        label: "sluice up of local, no changes",
        run: async () => void (await setting.sluice("up", "--stack", "local", "--yes")),
      },
      yardstick: {
        label: "pulumi up of an empty program",
        run: async () => void (await command(setting.pulumi, args, { cwd, env })),
      },
      rounds: 7,
    };
  },
};
