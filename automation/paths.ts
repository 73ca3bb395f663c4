import path from "node:path";
import { fileURLToPath } from "node:url";

type Environment = Readonly<Record<string, string | undefined>>;

/** The checkout that this file belongs to. */
export const repositoryRoot = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Where Sluice keeps what belongs to one checkout. Nothing outside of it and the user's cache is written. */
export interface Places {
  /** `$SLUICE_HOME`, or `.sluice` in the repository. */
  home: string;
  /** The daemon's state. */
  sandbox: string;
  /** PULUMI_HOME of sandbox runs, with the provider plugins. */
  pulumiHome: string;
  /** The Pulumi backend of sandbox stacks. */
  backend: string;
  /** The passphrase of the sandbox stacks' secrets: it protects nothing but keeps the engine's files well-formed. */
  passphrase: string;
  /** Private copies of stack files and the event logs of runs. */
  runs: string;
  /** Exports of state from before it was repaired. */
  exports: string;
  /** The pack's config as the sandbox has it. */
  policy: string;
  /** Evidence about images, as the sandbox's stacks are judged by it. */
  evidence: string;
  /** The key that signs it: what it signs is believed in the sandbox only. */
  evidenceKey: string;
}

/**
 * @example
 * places(process.env).runs; // "<repository>/.sluice/runs"
 */
export function places(env: Environment = process.env): Places {
  const home = path.resolve(env.SLUICE_HOME || path.join(repositoryRoot, ".sluice"));
  return {
    home,
    sandbox: path.join(home, "sandbox"),
    pulumiHome: path.join(home, "pulumi-home"),
    backend: path.join(home, "backend"),
    passphrase: path.join(home, "passphrase"),
    runs: path.join(home, "runs"),
    exports: path.join(home, "exports"),
    policy: path.join(home, "policy"),
    evidence: path.join(home, "evidence"),
    evidenceKey: path.join(home, "evidence-key.pem"),
  };
}

/** A path as a user would type it: relative to the current folder when that is shorter. */
export function shown(file: string, from: string = process.cwd()): string {
  const relative = path.relative(from, file);
  return relative !== "" && relative.length < file.length ? relative : file;
}
