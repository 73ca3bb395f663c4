// `npm run pulumi` before automation/ takes over: the plain CLI, with the sandbox's backend when the stack is `local` or --sandbox is given.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./places.mjs";

function stackOf(args) {
  for (const [i, argument] of args.entries()) {
    if (argument === "-s" || argument === "--stack") return args[i + 1];
    if (argument.startsWith("--stack=")) return argument.slice("--stack=".length);
  }
  return undefined;
}

/** @returns {[string, string[], Record<string, string>]} file, arguments and extra environment */
export function plainPulumi(found, args) {
  const sandbox = args.includes("--sandbox") || stackOf(args) === "local";
  const rest = args.filter((argument) => argument !== "--sandbox");
  return [found.pulumi, rest, sandbox ? sandboxEnvironment() : {}];
}

function sandboxEnvironment() {
  const home = process.env.SLUICE_HOME || path.join(ROOT, ".sluice");
  for (const name of ["pulumi-home", "backend"]) mkdirSync(path.join(home, name), { recursive: true });
  const passphrase = path.join(home, "passphrase");
  if (!existsSync(passphrase)) writeFileSync(passphrase, randomBytes(24).toString("hex"), { mode: 0o600 });
  return {
    PULUMI_HOME: path.join(home, "pulumi-home"),
    PULUMI_BACKEND_URL: `file://${path.join(home, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}
