// Long-running helpers (npm, go): their output read line by line, and no helper left behind when we are stopped.
import { spawn } from "node:child_process";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
/** Of what a failed helper said, the end is what matters. */
const KEPT_LINES = 30;

const helpers = new Set();

function stopHelpers() {
  for (const helper of helpers) helper.kill("SIGTERM");
}

/** The default for a signal is to end without a word to the helpers. */
function watchSignals() {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.once(signal, () => {
      stopHelpers();
      process.exit(code);
    });
  }
}

function unwatchSignals() {
  for (const signal of Object.keys(SIGNALS)) process.removeAllListeners(signal);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @param {(line: string) => boolean} onLine true when the line is progress; all others are kept in case of failure
 * @throws Error with the last lines of output
 */
export function runHelper(command, args, options, onLine) {
  return new Promise((resolve, reject) => {
    const helper = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    if (helpers.size === 0) watchSignals();
    helpers.add(helper);
    let kept = [];
    const read = (stream) => {
      let rest = "";
      const take = (line) => {
        if (!onLine(line)) kept = [...kept.slice(1 - KEPT_LINES), line];
      };
      stream.setEncoding("utf8").on("data", (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach(take);
      });
      stream.once("end", () => rest && take(rest));
    };
    read(helper.stdout);
    read(helper.stderr);
    const done = (settle) => {
      helpers.delete(helper);
      if (helpers.size === 0) unwatchSignals();
      settle();
    };
    helper.once("error", (error) => done(() => reject(error)));
    helper.once("close", (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      done(() =>
        code === 0 ? resolve() : reject(new Error([`${command} failed (${how})`, ...kept].join("\n").trim())),
      );
    });
  });
}
