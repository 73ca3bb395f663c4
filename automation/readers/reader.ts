/** What every reader of report files has in common: the way in, its limits, and how a bad report is refused. */
import type { ReportKind, Result } from "../../model/gates/results.ts";
import { ExitCode, SluiceError } from "../errors.ts";
import type { AddedLines } from "./diff-coverage.ts";
import { cleanText } from "./text.ts";

/** A report, its bytes read and bounded. Everything in it is data from others. */
export interface Report {
  /** Path as the user named it, for messages. */
  file: string;
  text: string;
}

export interface ReadingArgs {
  report: Report;
  /** The same report of the commit that the change starts from. @default none */
  baseline?: Report | undefined;
  /** Commit that the baseline was made at. @default none */
  baselineCommit?: string | undefined;
  /** Folder that absolute paths in reports are made relative to. */
  root: string;
  /** Lines that the change adds; coverage counts those that ran. @default new lines are not looked at */
  added?: AddedLines | undefined;
  /** Tag that is to be released; a changelog asks for it. @default none */
  tag?: string | undefined;
}

export interface Reading<K extends ReportKind = ReportKind> {
  tool: { name: string; version?: string | undefined };
  /** When the report was made, milliseconds since 1970, where it says. */
  madeAt?: number | undefined;
  /** Commit and image digest that the report itself names: another one than is collected for is refused. */
  commit?: string | undefined;
  digest?: string | undefined;
  result: Result<K>;
}

/**
 * Reads one format. Each is a plain exported object in a file of its own; `index.ts` lists them. A report that leads to
 * other files (checksums) takes its time: its `Answer` is a promise.
 */
export interface Reader<K extends ReportKind = ReportKind, Answer = Reading<K>> {
  /** Name for people and for `--format`, e.g. `junit`. */
  format: string;
  /** Kinds of evidence it can be. The same SARIF may be lint, SAST or secrets: the user says which. */
  kinds: readonly K[];
  /** Whether the text is of this format, looked at loosely: a broken one is recognised, and then refused in its own words. */
  recognises(report: Report): boolean;
  /** @throws ReportError */
  read(args: ReadingArgs, kind: K): Answer;
}

/**
 * A report that counts for nothing, with file, place and reason.
 *
 * @example
 * throw new ReportError(report, "testsuite[2]/testcase[7]", "has no name");
 */
export class ReportError extends SluiceError {
  constructor(report: Pick<Report, "file">, place: string, reason: string, remedy?: string) {
    // Places and reasons may quote the report.
    super(cleanText(`${report.file}: ${place === "" ? "" : `${place}: `}${reason}`), {
      exitCode: ExitCode.configuration,
      ...(remedy === undefined ? {} : { remedy }),
    });
    this.name = "ReportError";
  }
}
