import type { CommandModule } from "../cli.ts";
import { configurationError, ExitCode, SluiceError } from "../errors.ts";
import { explainGates, explanationLines } from "../gates/explanation.ts";
import { judgeImages } from "../gates/judgement.ts";
import { type Asked, askedImages, type OpenStack, openStack } from "../gates/open.ts";
import { repositoriesOf, type WantedImage, wantedImages } from "../gates/wanted-images.ts";
import { OptionReader } from "../options.ts";

export const run: CommandModule["run"] = async ({ args, options, output }) => {
  const reader = new OptionReader(options);
  const asked = askedImages(reader);
  const json = reader.flag("json");
  reader.done();
  const [only] = args;
  const open = await openStack({ ...asked, output, registry: asked.tag !== undefined });
  const { target, pack, settings, gates } = open;
  const judgements = await judgeImages(pack, gates, await imagesToLookAt(open, asked), Date.now());
  const explained = repositoriesOf(target.stack, settings, asked).map((repository) => {
    const own = judgements.filter((one) => one.repository === repository);
    return { all: explainGates(gates, repository, own), ...explainGates(gates, repository, own, only) };
  });
  if (only !== undefined && explained.every((one) => one.gates.length === 0)) {
    const names = [...new Set(explained.flatMap(({ all }) => all.gates.map(({ gate }) => gate)))];
    throw configurationError(`no gate ${only} is in force for ${pack.environment}`, {
      remedy: `name one of: ${names.join(", ") || "(there is none)"}`,
    });
  }
  const explanations = explained.map(({ repository, gates: found }) => ({ repository, gates: found }));
  if (json) output.json({ stack: target.stack, environment: pack.environment, repositories: explanations });
  else for (const one of explanations) for (const line of explanationLines(one, pack.environment)) output.data(line);
  return undefined;
};

/** A stack that was never brought up has gates, too; only its evidence cannot be looked at. */
async function imagesToLookAt({ target, settings }: OpenStack, asked: Asked): Promise<WantedImage[]> {
  if (settings.services === undefined && asked.artifact === undefined) return [];
  try {
    return await wantedImages(target, settings, asked);
  } catch (error) {
    const nothingRuns = asked.tag === undefined && error instanceof SluiceError && error.exitCode === ExitCode.noStack;
    if (nothingRuns) return [];
    throw error;
  }
}
