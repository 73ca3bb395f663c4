/** Asks a process to read reports, and ends it when it takes too long. */
import { type ChildProcess, fork } from "node:child_process";
import type { ReadReport, ReadReportArgs } from "../../../../automation/readers/index.ts";
import type { ReportKind } from "../../../../model/gates/results.ts";

export type Question = ReadReportArgs<ReportKind>;
export type Answer =
  | { reading: ReadReport<ReportKind>; polluted: boolean }
  | { refusal: string; polluted: boolean }
  /** It threw what is no refusal, or it ended. */
  | { crash: string };

export class ReadingProcess {
  readonly #cwd: string;
  readonly #milliseconds: number;
  #child: ChildProcess | undefined;

  /** @param milliseconds - longest time for one report */
  constructor(cwd: string, milliseconds: number) {
    this.#cwd = cwd;
    this.#milliseconds = milliseconds;
  }

  ask(question: Question): Promise<Answer> {
    this.#child ??= this.#start();
    const child = this.#child;
    return new Promise((resolve) => {
      const settle = (answer: Answer) => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(answer);
      };
      const timer = setTimeout(() => {
        this.close();
        settle({ crash: `no answer within ${this.#milliseconds} ms` });
      }, this.#milliseconds);
      child.once("message", (answer: Answer) => settle(answer));
      child.once("exit", (code, signal) => {
        this.#child = undefined;
        settle({ crash: `it ended with ${signal ?? code}` });
      });
      child.send(question);
    });
  }

  #start(): ChildProcess {
    // A heap that a report of some kilobytes must never need.
    const execArgv = ["--max-old-space-size=512"];
    return fork(new URL("child.ts", import.meta.url), { cwd: this.#cwd, execArgv, serialization: "advanced" });
  }

  close(): void {
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }
}
