import { type Config, checkConfig } from "../../model/config/config.ts";
import { githubDrift } from "../../model/github/drift.ts";
import type { CommandModule } from "../cli.ts";
import { readChangedResources } from "../drift/cloud-resources.ts";
import { readGithubSettings } from "../drift/github-settings.ts";
import { type DriftReport, driftExitCode, reportDrift } from "../drift/report.ts";
import { configurationError, errorLines } from "../errors.ts";
import { createGithubClient } from "../github/client.ts";
import { githubToken } from "../github/token.ts";
import { createInterruption, type Interruption } from "../interruption.ts";
import { commonOptions, OptionReader } from "../options.ts";
import type { Output } from "../output.ts";
import { prepareConfig } from "../prepare.ts";
import type { RunConfig } from "../run-config.ts";
import { ensureStack } from "../stack-lifecycle.ts";
import { openTarget, type Target } from "../target.ts";

interface Comparison {
  target: Target;
  config: RunConfig;
  output: Output;
  interruption: Interruption;
}

export const run: CommandModule["run"] = async ({ options, output }) => {
  const reader = new OptionReader(options);
  const { stack: name, sandbox: asked, json, timeout } = commonOptions(reader);
  const only = reader.text("only");
  reader.done();
  using interruption = createInterruption(timeout);
  const target = await openTarget({ stack: name, sandbox: asked, output });
  const { stack, context, sandbox } = target;
  using config = prepareConfig(target, {}, output);
  await ensureStack({ context, stack, create: false, sandbox, output });
  const comparison = { target, config, output, interruption };
  const { config: settings } = checkConfig(config.settings);
  if (only === "github" && settings?.github === undefined) {
    throw configurationError(`stack ${stack} declares nothing on GitHub: there is nothing to compare`, {
      remedy: "name the stack that holds sluice:github: --stack foundation",
    });
  }
  const report: DriftReport = { stack, compared: [], findings: [], unknown: [], resources: [] };
  if (only !== "cloud" && settings?.github !== undefined) await compareGithub(comparison, settings, report);
  if (only !== "github") await compareCloud(comparison, report);
  const flags = `--stack ${stack}${sandbox && stack !== "local" ? " --sandbox" : ""}`;
  reportDrift(report, `sluice up ${flags} --refresh`, json, output);
  return driftExitCode(report);
};

/** The stack file's rulesets and environments against the repository's own. */
async function compareGithub(
  { target: { context }, interruption }: Comparison,
  config: Config,
  report: DriftReport,
): Promise<void> {
  const { owner = "", repository: repo = "" } = config.github ?? {};
  const token = await githubToken(context.env);
  const client = createGithubClient({ token, baseUrl: context.env.GITHUB_API_URL, signal: interruption.signal });
  const live = await readGithubSettings(client, { owner, repo }, Object.keys(config.environments)).finally(() =>
    interruption.check(),
  );
  const { findings, unknown } = githubDrift(config, live);
  report.compared.push(`rulesets and environments of ${owner}/${repo}`);
  report.findings.push(...findings);
  report.unknown.push(...unknown);
}

/** What the state has against what the cloud has. A failure there must not hide what GitHub said. */
async function compareCloud(comparison: Comparison, report: DriftReport): Promise<void> {
  const { target, interruption, ...rest } = comparison;
  const { stack, context } = target;
  try {
    report.resources.push(...(await readChangedResources({ stack, context, interruption, ...rest })));
    report.compared.push(`resources of ${stack}`);
  } catch (error) {
    interruption.check();
    report.unknown.push({ where: `resources of ${stack}`, reason: errorLines(error).join("; ") });
  }
}
