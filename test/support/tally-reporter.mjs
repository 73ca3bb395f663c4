/**
 * Mocha's spec reporter, which also appends the run's tally to the file that TEST_TALLY names, and writes the run as JUnit XML to the
 * file that TEST_JUNIT names.
 */
import { appendFileSync } from "node:fs";
import Mocha from "mocha";
import { writeJunit } from "./junit.mjs";

const { EVENT_RUN_END, EVENT_TEST_PENDING, EVENT_TEST_RETRY } = Mocha.Runner.constants;

export default class TallyReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    if (process.env.TEST_JUNIT) writeJunit(runner, process.env.TEST_JUNIT);
    const skipped = [];
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    const flaky = [];
    runner.on(EVENT_TEST_RETRY, (test, error) => flaky.push(`${test.fullTitle()}: ${error.message.split("\n")[0]}`));
    runner.once(EVENT_RUN_END, () => {
      const file = process.env.TEST_TALLY;
      if (file === undefined) return;
      const { passes, failures } = this.stats;
      appendFileSync(file, `${JSON.stringify({ passed: passes, failed: failures, skipped, flaky })}\n`);
    });
  }
}
