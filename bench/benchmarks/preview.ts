import type { Benchmark } from "../benchmark.ts";
import { command } from "../command.ts";
import type { Contender } from "../pairs.ts";
import { ROOT, type Setting, withoutPack } from "../setting.ts";

async function previewOfProd(setting: Setting, pack: boolean): Promise<Contender> {
  const config = await setting.prod();
  const attached = await setting.pulumiEnvironment("prod");
  const env = pack ? attached : withoutPack(attached);
  const args = ["preview", "--stack", "prod", "--config-file", config, "--non-interactive"];
  const run = async () => void (await command(setting.pulumi, args, { cwd: ROOT, env }));
  return { label: `preview of prod ${pack ? "with" : "without"} the pack`, run };
}

async function previewOfNothing(setting: Setting): Promise<Contender> {
  const [cwd, env] = [await setting.empty(), await setting.emptyEnvironment()];
  const args = ["preview", "--stack", "empty", "--non-interactive"];
  const run = async () => void (await command(setting.pulumi, args, { cwd, env }));
  return { label: "preview of an empty program", run };
}

export const previewAgainstEmpty: Benchmark = {
  name: "preview",
  question: "What does a preview of prod with the pack cost over Pulumi itself?",
  target: 2.5,
  prepare: async (setting) => ({
    subject: await previewOfProd(setting, true),
    yardstick: await previewOfNothing(setting),
    rounds: 9,
  }),
};

export const previewProgram: Benchmark = {
  name: "program",
  question: "How much of it is the program?",
  prepare: async (setting) => ({
    subject: await previewOfProd(setting, false),
    yardstick: await previewOfNothing(setting),
    rounds: 9,
  }),
};

export const previewPack: Benchmark = {
  name: "pack",
  question: "How much of it is the policy pack?",
  prepare: async (setting) => ({
    subject: await previewOfProd(setting, true),
    yardstick: await previewOfProd(setting, false),
    rounds: 9,
  }),
};

export const previewCommand: Benchmark = {
  name: "command",
  question: "What does `sluice preview` add to `pulumi preview`?",
  prepare: async (setting) => ({
    subject: {
      label: "sluice preview of prod",
      run: async () => void (await setting.sluice("preview", "--stack", "prod", "--sandbox")),
    },
    yardstick: await previewOfProd(setting, true),
    rounds: 9,
  }),
};
