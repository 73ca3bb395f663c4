import type { CommandModule } from "../cli.ts";
import { ExitCode } from "../errors.ts";
import { approvalStatus, statusLines } from "../gates/approval-status.ts";
import { askedImages, openAndJudge, spokenFor } from "../gates/open.ts";
import { OptionReader } from "../options.ts";

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const asked = askedImages(reader, true);
  const json = reader.flag("json");
  reader.done();
  const now = Date.now();
  const { target, pack, judgements } = await openAndJudge(asked, output, now);
  const images = spokenFor(asked, judgements).map((judgement) => approvalStatus(pack, judgement, now));
  const waiting = images.some(({ roles }) => roles.some(({ passed }) => !passed));
  if (json) output.json({ stack: target.stack, environment: pack.environment, waiting, images });
  else for (const line of images.flatMap(statusLines)) output.data(line);
  return waiting ? ExitCode.waiting : ExitCode.ok;
};
