import type { CommandModule } from "../cli.ts";
import { type Finding, runChecks } from "../doctor.ts";
import { ExitCode } from "../errors.ts";
import { commonOptions, OptionReader } from "../options.ts";
import type { Output } from "../output.ts";
import { livesInSandbox, localStack } from "../target.ts";

const styles = { ok: "green", warn: "yellow", fail: "red" } as const;

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const { stack = localStack, sandbox, json } = commonOptions(reader);
  reader.done();
  const findings = await runChecks({ stack, sandbox: livesInSandbox(stack, sandbox) });
  if (json) output.json(findings);
  else for (const finding of findings) for (const line of lines(finding, output.paint)) output.data(line);
  return findings.some(({ verdict }) => verdict === "fail") ? ExitCode.error : undefined;
};

function lines({ verdict, name, text, remedy }: Finding, paint: Output["paint"]): string[] {
  const first = `${paint(styles[verdict], verdict.padEnd(4))} ${name}: ${text}`;
  return remedy === undefined ? [first] : [first, `     to mend it: ${remedy}`];
}
