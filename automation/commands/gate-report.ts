import { writeFileSync } from "node:fs";
import type { CommandModule } from "../cli.ts";
import { configurationError } from "../errors.ts";
import { type GateReport, reportDocument } from "../gates/gate-report.ts";
import { htmlReport } from "../gates/html.ts";
import { reportOn } from "../gates/judgement.ts";
import { markdownReport } from "../gates/markdown.ts";
import { askedImages, openAndJudge } from "../gates/open.ts";
import { OptionReader } from "../options.ts";

const formats: Readonly<Record<string, (report: GateReport) => string>> = {
  markdown: markdownReport,
  html: htmlReport,
  json: (report) => JSON.stringify(reportDocument(report), null, 2),
};

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const asked = askedImages(reader, true);
  const named = reader.text("format");
  const file = reader.text("output");
  const json = reader.flag("json");
  if (json && named !== undefined && named !== "json") reader.mistake(`--json and --format ${named}: give one of them`);
  reader.done();
  const now = Date.now();
  const { target, pack, judgements } = await openAndJudge(asked, output, now);
  const format = formats[json ? "json" : (named ?? "markdown")];
  const text = format?.(reportOn(target, pack, judgements, now)) ?? "";
  if (file === undefined) output.data(text.trimEnd());
  else {
    write(file, `${text.trimEnd()}\n`);
    output.say(`wrote ${file}`);
  }
  return undefined;
};

/** @throws SluiceError (2): the path is the caller's */
function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw configurationError(`--output ${file} cannot be written: ${(error as Error).message}`, {
      remedy: "name a file in a folder that is there",
      cause: error,
    });
  }
}
