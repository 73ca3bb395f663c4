/** Fixtures of reports, whole, changed and cut off. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Reader, type ReadingArgs, type Report, ReportError } from "../../../automation/readers/reader.ts";
import type { ReportKind } from "../../../model/gates/results.ts";

const folder = path.join(import.meta.dirname, "fixtures");

/** @example fixture("k6/summary-export.json") */
export function fixture(name: string): Report {
  return { file: name, text: readFileSync(path.join(folder, name), "utf8") };
}

/** A fixture, parsed. */
// biome-ignore lint/suspicious/noExplicitAny: whoever changes a fixture knows what is in it
export type Parsed = any;

/** A fixture of JSON with something changed in it. */
export function changed(name: string, change: (document: Parsed) => void): Report {
  const { file, text } = fixture(name);
  const document = JSON.parse(text);
  change(document);
  return { file, text: JSON.stringify(document) };
}

export type Options = Omit<Partial<ReadingArgs>, "report">;

/** What a reader of one kind makes of a report. */
export function readWith<K extends ReportKind>(reader: Reader<K>, report: Report, options: Options = {}) {
  const [kind] = reader.kinds;
  assert.ok(kind);
  assert.ok(reader.recognises(report), `${report.file} is recognised`);
  return reader.read({ report, root: folder, ...options }, kind);
}

/** It is recognised, and then refused in its own words. */
export function refuses<K extends ReportKind>(
  reader: Reader<K>,
  report: Report,
  expected: RegExp,
  options: Options = {},
): void {
  assert.throws(
    () => readWith(reader, report, options),
    (error: Error) => {
      assert.ok(error instanceof ReportError, `${error.stack}`);
      assert.match(error.message, expected);
      return true;
    },
  );
}

/** Cut off after each tenth, a report is refused, or nothing but blank space was cut off. */
export function refusesCuts<K extends ReportKind>(reader: Reader<K>, report: Report, options: Options = {}): void {
  const [kind] = reader.kinds;
  assert.ok(kind);
  const whole = reader.read({ report, root: folder, ...options }, kind);
  for (let tenth = 1; tenth < 10; tenth += 1) {
    const text = report.text.slice(0, Math.floor((report.text.length * tenth) / 10));
    try {
      assert.deepEqual(reader.read({ report: { ...report, text }, root: folder, ...options }, kind), whole);
    } catch (error) {
      assert.ok(error instanceof ReportError, `${tenth}0 %: ${(error as Error).stack}`);
    }
  }
}
