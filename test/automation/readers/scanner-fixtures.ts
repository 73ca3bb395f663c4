/** What the tests of scanners' readers have in common: fixtures, fixtures with one thing changed, and what is read of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Reader, Reading } from "../../../automation/readers/reader.ts";
import { ReportError } from "../../../automation/readers/reader.ts";
import type { Findings, ReportKind } from "../../../model/gates/results.ts";

const folder = join(import.meta.dirname, "fixtures");

/** Where the fixtures' tools ran. */
export const root = "/home/dev/app";

export const fixture = (name: string): string => readFileSync(join(folder, name), "utf8");

/** A fixture, parsed, changed and written again. */
// biome-ignore lint/suspicious/noExplicitAny: tests break what types would keep whole
export function changed(name: string, change: (document: any) => unknown): string {
  const document = JSON.parse(fixture(name));
  change(document);
  return JSON.stringify(document);
}

export function read<K extends ReportKind>(reader: Reader<K>, kind: NoInfer<K>, text: string, baseline?: string) {
  const reading = reader.read(
    {
      report: { file: "report", text },
      baseline: baseline === undefined ? undefined : { file: "base", text: baseline },
      root,
    },
    kind,
  );
  return reading as Reading & { result: Findings };
}

/** Critical, high, medium, low, unknown. */
export const figures = ({ critical, high, medium, low, unknown }: Findings["counts"]): number[] => [
  critical,
  high,
  medium,
  low,
  unknown,
];

/** Asserts that a report is refused in these words, which name the file. */
export function refused(reading: () => unknown, words: RegExp): void {
  assert.throws(reading, (error: Error) => {
    assert.ok(error instanceof ReportError, error.stack);
    assert.match(error.message, /^(?:report|base): /);
    assert.match(error.message, words);
    return true;
  });
}
