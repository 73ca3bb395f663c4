/**
 * `npm run bench -- [names] [--rounds N] [--json]`: each benchmark compares two commands in one run and prints their ratio.
 * Exit code 1 when one could not be measured or missed its target.
 */
import { parseArgs } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { help } from "./benchmarks/help.ts";
import {
  previewAgainstEmpty,
  previewCommand,
  previewGates,
  previewPack,
  previewProgram,
} from "./benchmarks/preview.ts";
import { previewGrowth } from "./benchmarks/services.ts";
import { upWithoutChanges } from "./benchmarks/up.ts";
import { comparePairs, type Result } from "./pairs.ts";
import { Setting } from "./setting.ts";

const BENCHMARKS: readonly Benchmark[] = [
  help,
  previewAgainstEmpty,
  previewProgram,
  previewPack,
  previewGates,
  previewCommand,
  upWithoutChanges,
  ...previewGrowth,
];

interface Report extends Partial<Result> {
  readonly name: string;
  readonly target?: number;
  readonly met?: boolean;
  /** Why there is no result. */
  readonly failure?: string;
}

const say = (text: string) => void process.stderr.write(`${text}\n`);

async function measure(benchmark: Benchmark, setting: Setting, rounds: number | undefined): Promise<Report> {
  const { name, question, target } = benchmark;
  say(`\n${name}: ${question}`);
  try {
    const comparison = await benchmark.prepare(setting);
    const result = await comparePairs({ ...comparison, rounds: rounds ?? comparison.rounds });
    const met = target === undefined ? {} : { target, met: result.ratio <= target };
    say(describe(comparison.subject.label, comparison.yardstick.label, result, target));
    return { name, ...result, ...met };
  } catch (error) {
    const failure = (error as Error).message;
    say(`  not measured: ${failure}`);
    return { name, failure };
  }
}

function describe(subject: string, yardstick: string, result: Result, target: number | undefined): string {
  const [low, high] = result.quartiles.map((value) => value.toFixed(2));
  const verdict =
    target === undefined ? "" : `, target at most ${target}: ${result.ratio <= target ? "met" : "MISSED"}`;
  return [
    `  ratio ${result.ratio.toFixed(2)} (half of ${result.rounds} pairs within ${low} to ${high})${verdict}`,
    `  ${result.subject.toFixed(0)} ${result.unit}  ${subject}`,
    `  ${result.yardstick.toFixed(0)} ${result.unit}  ${yardstick}`,
  ].join("\n");
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const unknown = positionals.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (unknown.length > 0 || (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))) {
    say(`usage: npm run bench -- [${BENCHMARKS.map(({ name }) => name).join(" | ")}]... [--rounds N] [--json]`);
    return 2;
  }
  const setting = await Setting.create();
  const reports: Report[] = [];
  try {
    for (const benchmark of BENCHMARKS) {
      if (positionals.length > 0 && !positionals.includes(benchmark.name)) continue;
      reports.push(await measure(benchmark, setting, rounds));
    }
  } finally {
    await setting.remove();
  }
  if (values.json) process.stdout.write(`${JSON.stringify(reports, undefined, 2)}\n`);
  return reports.some(({ failure, met }) => failure !== undefined || met === false) ? 1 : 0;
}

process.exitCode = await main();
