import type { CommandModule } from "../cli.ts";
import { ExitCode } from "../errors.ts";
import { isAllowed, reportDocument } from "../gates/gate-report.ts";
import { reportOn } from "../gates/judgement.ts";
import { markdownReport } from "../gates/markdown.ts";
import { askedImages, openAndJudge } from "../gates/open.ts";
import { reportLines } from "../gates/table.ts";
import { OptionReader } from "../options.ts";

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const asked = askedImages(reader);
  const [json, markdown] = [reader.flag("json"), reader.flag("markdown")];
  if (json && markdown) reader.mistake("--json and --markdown: give one of them");
  reader.done();
  const now = Date.now();
  const { target, pack, judgements } = await openAndJudge(asked, output, now);
  const report = reportOn(target, pack, judgements, now);
  if (json) output.json(reportDocument(report));
  else if (markdown) output.data(markdownReport(report));
  else for (const line of reportLines(report)) output.data(line);
  return isAllowed(report) ? ExitCode.ok : ExitCode.policy;
};
