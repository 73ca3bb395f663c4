import type { Benchmark } from "../benchmark.ts";
import { command } from "../command.ts";
import type { Contender } from "../pairs.ts";
import { ROOT, type Setting, withoutGates, withoutPack } from "../setting.ts";

async function previewOfProd(setting: Setting, pack: boolean): Promise<Contender> {
  const config = await setting.prod();
  const attached = await setting.pulumiEnvironment("prod");
  const env = pack ? attached : withoutPack(attached);
  const args = ["preview", "--stack", "prod", "--config-file", config, "--non-interactive"];
  const run = async () => void (await command(setting.pulumi, args, { cwd: ROOT, env }));
  return { label: `preview of prod ${pack ? "with" : "without"} the pack`, run };
}

/** A preview of prod with a proven release, judged by as much of the pack as is named. */
async function previewOfRelease(
  setting: Setting,
  judged: "by the pack" | "without gates" | "by nobody",
): Promise<Contender> {
  const config = await setting.prodWithRelease();
  const attached = await setting.pulumiEnvironment("prod");
  const env = {
    "by the pack": attached,
    "without gates": await withoutGates(setting, attached),
    "by nobody": withoutPack(attached),
  }[judged];
  const args = ["preview", "--stack", "prod", "--config-file", config, "--non-interactive"];
  const run = async () => void (await command(setting.pulumi, args, { cwd: ROOT, env }));
  return { label: `preview of prod with a release, judged ${judged}`, run };
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
  question: "What does the policy pack add to a preview of a release, gates included?",
  prepare: async (setting) => ({
    subject: await previewOfRelease(setting, "by the pack"),
    yardstick: await previewOfRelease(setting, "by nobody"),
    rounds: 9,
  }),
};

export const previewGates: Benchmark = {
  name: "gates",
  question: "How much of that is gates: reading the evidence on the image, verifying and judging it?",
  prepare: async (setting) => ({
    subject: await previewOfRelease(setting, "by the pack"),
    yardstick: await previewOfRelease(setting, "without gates"),
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
