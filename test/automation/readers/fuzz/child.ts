/** Reads reports for the fuzz test, in a process of its own: it can be ended when it hangs, and killed when it grows. */
import { SluiceError } from "../../../../automation/errors.ts";
import { readReport } from "../../../../automation/readers/index.ts";
import type { Answer, Question } from "./reading.ts";

process.on("message", async (question: Question) => {
  process.send?.(await answer(question));
});

async function answer(question: Question): Promise<Answer> {
  try {
    const reading = await readReport(question);
    return { reading: structuredClone(reading), polluted: polluted() };
  } catch (error) {
    const { message, stack } = error as Error;
    if (!(error instanceof SluiceError)) return { crash: stack ?? String(error) };
    return { refusal: [message, ...error.details, error.remedy ?? ""].join("\n"), polluted: polluted() };
  }
}

function polluted(): boolean {
  return Object.keys(Object.prototype).length > 0 || Object.keys(Array.prototype).length > 0;
}
