// Progress of long steps, on stderr: one line that changes on a terminal, else a plain line now and then. Several steps may run at once.
import { format } from "node:util";

const TERMINAL_MS = 120;
/** In a log, a line this often shows that it is alive. */
const LOG_MS = 15_000;

const running = new Set();
let timer;

const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;
const terminal = () => process.stderr.isTTY === true && process.env.TERM !== "dumb";
const clear = () => terminal() && running.size > 0 && process.stderr.write("\r\x1b[2K");

function draw() {
  if (running.size === 0) return;
  const parts = [...running].map(
    (step) => `${step.title}${step.detail && `: ${step.detail}`} (${seconds(step.since)})`,
  );
  if (terminal()) {
    const width = (process.stderr.columns || 80) - 1;
    process.stderr.write(`\r\x1b[2K${parts.join(" | ").slice(0, width)}`);
  } else {
    for (const part of parts) process.stderr.write(`${part}\n`);
  }
}

/** A line for people, that progress does not garble. */
export function say(...message) {
  clear();
  process.stderr.write(`${format(...message)}\n`);
  if (terminal()) draw();
}

/**
 * @param {string} title what is being done, in a few words
 * @example
 * const step = startStep("building the Pulumi CLI");
 * step.detail = "412 packages";
 * step.end("built");
 */
export function startStep(title) {
  const step = { title, detail: "", since: Date.now(), end };
  if (!terminal()) process.stderr.write(`${title}\n`);
  running.add(step);
  timer ??= setInterval(draw, terminal() ? TERMINAL_MS : LOG_MS);

  /** @param {string} [result] said as a last line; without it the step ends silently */
  function end(result) {
    clear();
    running.delete(step);
    if (running.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    if (result) process.stderr.write(`${result} (${seconds(step.since)})\n`);
    if (terminal()) draw();
  }
  return step;
}
