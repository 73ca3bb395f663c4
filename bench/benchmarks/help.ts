import type { Benchmark } from "../benchmark.ts";
import { command } from "../command.ts";

export const help: Benchmark = {
  name: "help",
  question: "How long does `sluice --help` keep one waiting, over the start of Node?",
  target: 1.5,
  prepare: async (setting) => ({
    subject: { label: "sluice --help", run: async () => void (await setting.sluice("--help")) },
    yardstick: {
      label: "node -e 0",
      run: async () => void (await command(setting.node, ["-e", "0"], { env: setting.environment })),
    },
    rounds: 41,
  }),
};
