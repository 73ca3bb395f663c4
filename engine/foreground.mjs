// Runs a command in our place. Node 20 cannot replace itself by another program, so signals have to be passed on, each exactly once: the
// CLI takes a second Ctrl-C for "at once, whatever it leaves behind".
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { guard } from "./subprocess.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * On a terminal the command shares our process group, and the terminal signals it itself. Else it gets a group of its own, so that
 * whatever reaches us, by number or by group, reaches it once, from us.
 *
 * @returns {Promise<number>} its exit code; 128 + n when signal n ended it
 */
export function foreground(file, args, env) {
  const terminal = process.stdin.isTTY === true;
  const child = spawn(file, args, { env, stdio: "inherit", detached: !terminal });
  const ended = guard(child.pid, "INT");
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (!terminal || signal === "SIGTERM") child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      ended();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}
