import { createInterface } from "node:readline/promises";
import { ExitCode, SluiceError } from "./errors.ts";

/**
 * Asks a question on the terminal; where there is none, nobody can answer, and the run goes on.
 *
 * @throws SluiceError (8) where the answer is anything but yes
 */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new SluiceError("cancelled; nothing was changed", {
    exitCode: ExitCode.cancelled,
    remedy: "answer yes, or give --yes",
  });
}
