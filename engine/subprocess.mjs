// Processes that must not outlive us.
import { spawn } from "node:child_process";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
/** Of what a failed helper said: the start names the fault, the end sums it up. */
const KEPT_LINES = 12;

/**
 * If we are killed without being able to say so, a shell that holds our pipe sees it close, and signals the process.
 *
 * @param {number | undefined} pid negative for a process group
 * @param {string} signal
 * @returns {() => void} to call when the process has ended by itself
 */
export function guard(pid, signal) {
  if (pid === undefined) return () => {};
  const script = 'read -r word; [ "$word" = ended ] || kill -s "$1" -- "$2" 2>/dev/null';
  const args = ["-c", script, "sh", signal, String(pid)];
  const shell = spawn("/bin/sh", args, { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.on("error", () => {});
  shell.stdin.on("error", () => {});
  shell.unref();
  shell.stdin.unref();
  return () => shell.stdin.end("ended\n");
}

/** Splits a stream into lines; the last one may lack its end. */
function eachLine(stream, take) {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  });
  stream.once("end", () => rest && take(rest));
}

/**
 * Runs a long helper (npm, go), which ends when we do.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @param {(line: string) => boolean} onLine true when the line is progress; all others are kept in case of failure
 * @throws Error with the last lines of output
 */
export function runHelper(command, args, options, onLine) {
  return new Promise((resolve, reject) => {
    const helper = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"], detached: true });
    // Its whole group: npm and go start processes of their own.
    const ended = guard(helper.pid && -helper.pid, "TERM");
    const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
      // The guard does the rest.
      const handler = () => process.exit(code);
      process.once(signal, handler);
      return () => process.off(signal, handler);
    });
    const first = [];
    let last = [];
    const take = (line) => {
      if (onLine(line)) return;
      if (first.length < KEPT_LINES) first.push(line);
      else last = [...last.slice(1 - KEPT_LINES), line];
    };
    eachLine(helper.stdout, take);
    eachLine(helper.stderr, take);
    const finish = (error) => {
      ended();
      for (const remove of handlers) remove();
      if (error) reject(error);
      else resolve();
    };
    helper.once("error", finish);
    helper.once("close", (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      finish(code === 0 ? undefined : new Error([`${command} failed (${how})`, ...first, ...last].join("\n").trim()));
    });
  });
}
