import type { CommandModule, Invocation } from "../cli.ts";
import { configurationError, ExitCode, SluiceError } from "../errors.ts";
import { requireAge, requireConsent } from "../images/consent.ts";
import { type ImagesArgs, type ImagesReview, pruneImages, requireQuiet, reviewImages } from "../images/prune.ts";
import { planDocument, planLines, riskLines } from "../images/report.ts";
import { openStateBackend } from "../images/state-backend.ts";
import { createInterruption } from "../interruption.ts";
import { commonOptions, OptionReader } from "../options.ts";
import { type Repository, readRegistry } from "../registry-tags.ts";
import { projectSettings, readStackFile } from "../stack-file.ts";
import { adoptCloudEnvironment, openTarget, type Target } from "../target.ts";

const defaults = { keep: 5, minimumAgeDays: 30 };

export const run: CommandModule["run"] = async (invocation) => {
  const { command, options, output } = invocation;
  const reader = new OptionReader(options);
  const { stack, sandbox, json, yes, timeout } = commonOptions(reader);
  const keep = reader.number("keep", 1, 1000) ?? defaults.keep;
  const minimumAgeDays = reader.number("olderThan", 0, 36_500) ?? defaults.minimumAgeDays;
  reader.done();
  using interruption = createInterruption(timeout);
  const target = await openTarget({ stack, sandbox, output });
  requireAge(minimumAgeDays, target.sandbox);
  const repositories = await chosenRepositories(target, reader.text("repository"));
  adoptCloudEnvironment(target);
  const backend = openStateBackend(target.context, listOf(reader.text("backend")));
  const rules = { keep, minimumAgeDays };
  const unusedBy = accountsOf(reader.text("unusedBy"));
  const args: ImagesArgs = { backend, repositories, rules, now: Date.now(), unusedBy };
  const pruning = command === "prune" && options.dryRun !== true;
  if (pruning) await requireQuiet(backend);
  const review = await reviewImages(args);
  interruption.check();
  show(invocation, review, args.now);
  const count = [...review.plans.values()].reduce((sum, { remove }) => sum + remove.length, 0);
  const deleting = pruning && count > 0;
  const terminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (deleting) await requireConsent({ count, sandbox: target.sandbox, yes, terminal });
  const deleted = deleting ? (await pruneImages({ ...args, review, output, interruption })).deleted : {};
  for (const [name, digests] of Object.entries(deleted)) output.say(`${name}: ${digests.length} images deleted`);
  if (json) output.json(documentOf(review, deleted, pruning));
  return undefined;
};

const listOf = (text = ""): string[] => text.split(",").filter((one) => one !== "");

/** @throws SluiceError (2): the option waives a check, so what it names must be meant */
function accountsOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  const accounts = text.split(",");
  if (accounts.every((one) => /^\d{12}$/.test(one))) return accounts;
  throw configurationError(`--unused-by: account ids of 12 digits, with commas between; got ${JSON.stringify(text)}`, {
    remedy: "--unused-by 123456789012",
  });
}

async function chosenRepositories(target: Target, name: string | undefined): Promise<Record<string, Repository>> {
  const registry = await readRegistry(target, projectSettings(readStackFile(target.context.root, target.stack)));
  if (registry === undefined) {
    throw new SluiceError(`stack ${target.stack} has no registry`, {
      exitCode: ExitCode.noStack,
      remedy: `sluice up --stack foundation${target.sandbox ? " --sandbox" : " --create"}`,
    });
  }
  if (name === undefined) return registry;
  const repository = registry[name];
  if (repository !== undefined) return { [name]: repository };
  throw configurationError(`the registry has no repository ${name}`, {
    remedy: `name one of: ${Object.keys(registry).join(", ")}`,
  });
}

function show({ options, output }: Invocation, { plans, stacks }: ImagesReview, now: number): void {
  for (const [name, plan] of plans) {
    const lines = planLines(name, plan, now);
    if (options.json !== true) for (const line of lines) output.data(line);
    for (const line of riskLines(name, plan)) output.warn(line);
  }
  output.say(`read the states of ${stacks.length} stacks: ${stacks.map(({ name }) => name).join(", ") || "none"}`);
}

function documentOf({ plans, stacks }: ImagesReview, deleted: Record<string, string[]>, pruning: boolean): object {
  const repositories = [...plans].map(([name, plan]) => [name, planDocument(plan)] as const);
  return {
    stacks: stacks.map(({ name }) => name),
    repositories: Object.fromEntries(repositories),
    ...(pruning ? { deleted } : {}),
  };
}
