/** Turns a run of the engine that failed into one error with the right exit code. */
import { type EngineLog, nameOf, typeOf, type Violation } from "./engine-events.ts";
import { ExitCode, SluiceError, StaleStateError } from "./errors.ts";

/** The run, as far as its failure can be told from it. */
export interface FailedRun {
  code: number;
  stderr: string;
  log: EngineLog;
  /** Why we ended it, if we did. */
  ended?: "signal" | "timeout";
}

/** The program's own words for "the split is undone, the release asked for comes with the next update". */
export const deferredMark = "release deferred:";
const configurationMark = "configuration error:";
/** The program's words for "the state hides that traffic must move". */
const staleMark = "state out of date:";

const proveIt =
  "sluice gate check, with the same --stack, --sandbox and --image-tag, ends with the command that hands in what is missing";

/** Another update holds the stack: the caller waits, and tries again. */
export function isLockConflict({ stderr }: Pick<FailedRun, "stderr">): boolean {
  return stderr.includes("the stack is currently locked by");
}

/** What the program said after the mark, or undefined where it did not say so. */
export function deferredMessage(log: EngineLog): string | undefined {
  const message = errors(log).find((text) => text.includes(deferredMark));
  return message?.slice(message.indexOf(deferredMark)).split("\n")[0];
}

/**
 * One line per breach: policy, resource, what is wrong and how to mend it.
 *
 * @example
 * violationLine({ policy: "no-open-ingress", urn, message: "port 22 is open to the world; allow 80 and 443 only", ... })
 */
export function violationLine({ policy, severity, urn, message }: Violation): string {
  // Some policies name the resource themselves.
  const named = urn === undefined || message.includes(nameOf(urn));
  const where = named ? "" : ` ${nameOf(urn)} (${typeOf(urn)}):`;
  return `${policy}${severity ? ` [${severity}]` : ""}:${where} ${message.replaceAll(/\s*\n\s*/g, " ")}`;
}

/** @returns the error to throw; the order of the rules is the order of what matters most to the reader */
export function failureOf(run: FailedRun): SluiceError {
  for (const rule of rules) {
    const error = rule(run);
    if (error !== undefined) return error;
  }
  return new SluiceError(otherwise(run), { details: reasons(run) });
}

/** Above 128 the engine was ended by a signal that was none of ours. */
function otherwise({ code, log }: FailedRun): string {
  if (code > 128) return "the engine was killed; run the same command again: it goes on from the state as it is";
  const changed = log.steps.update.some(({ custom }) => custom);
  return changed ? "the update failed" : "failed; nothing was changed";
}

type Rule = (run: FailedRun) => SluiceError | undefined;

const rules: readonly Rule[] = [
  ended,
  policy,
  configuration,
  stale,
  deferred,
  authentication,
  noStack,
  locked,
  providerGone,
  resource,
];

function ended({ ended, log }: FailedRun): SluiceError | undefined {
  if (ended === undefined) return undefined;
  const done = log.steps.update.filter(({ custom }) => custom).length;
  const message = ended === "timeout" ? "given up: it took longer than --timeout allows" : "cancelled";
  return new SluiceError(
    `${message}; ${done === 0 ? "nothing was changed" : `${done} resources were changed before`}`,
    {
      exitCode: ended === "timeout" ? ExitCode.timeout : ExitCode.cancelled,
      ...(done === 0 ? {} : { remedy: "run the same command again: it goes on from the state as it is" }),
    },
  );
}

function policy({ log }: FailedRun): SluiceError | undefined {
  const refusals = log.violations.filter(({ mandatory }) => mandatory);
  if (refusals.length === 0) return undefined;
  const changed = log.steps.update.some(({ custom }) => custom);
  const lines = [...new Set(refusals.map(violationLine))];
  return new SluiceError(`refused by policy${changed ? "" : "; nothing was changed"}`, {
    exitCode: ExitCode.policy,
    details: lines,
    ...(refusals.some(({ policy: name }) => /^(?:images|release)-proven$/.test(name)) ? { remedy: proveIt } : {}),
  });
}

/** The program prints all problems as one message, indented below its first line; a stack trace may follow. */
function marked({ log, stderr }: FailedRun, mark: string): { inline: string; details: string[] } | undefined {
  const text = [...errors(log), stderr].find((message) => message.includes(mark));
  if (text === undefined) return undefined;
  const [first = "", ...rest] = text.slice(text.indexOf(mark)).split("\n");
  const end = rest.findIndex((line) => !/^ {2}\S/.test(line));
  const details = (end === -1 ? rest : rest.slice(0, end)).map((line) => line.trim());
  return { inline: first.slice(mark.length).trim(), details };
}

function configuration(run: FailedRun): SluiceError | undefined {
  const told = marked(run, configurationMark);
  if (told === undefined) return undefined;
  const { inline, details } = told;
  return new SluiceError(`configuration error${inline === "" ? "" : `: ${inline}`}`, {
    exitCode: ExitCode.configuration,
    details,
  });
}

function stale(run: FailedRun): SluiceError | undefined {
  const told = marked(run, staleMark);
  return told === undefined ? undefined : new StaleStateError("the state is out of date", { details: told.details });
}

function deferred({ log }: FailedRun): SluiceError | undefined {
  const message = deferredMessage(log);
  return message === undefined ? undefined : new SluiceError(message, { exitCode: ExitCode.rolledBack });
}

const authenticationSigns =
  /ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|No valid credential sources|no valid credential|PULUMI_ACCESS_TOKEN must be set|could not load credentials|Unable to locate credentials|401 Bad credentials|incorrect passphrase|passphrase must be set/i;

function authentication(run: FailedRun): SluiceError | undefined {
  const found = reasons(run).find((text) => authenticationSigns.test(text));
  if (found === undefined && run.code !== ExitCode.authentication) return undefined;
  return new SluiceError("not authenticated, or the credentials have expired", {
    exitCode: ExitCode.authentication,
    details: found === undefined ? reasons(run) : [found],
    remedy: "sign in again (AWS: aws sso login; Pulumi: pulumi login), then sluice doctor",
  });
}

function noStack({ code, stderr }: FailedRun): SluiceError | undefined {
  const name = /no stack named '([^']*)' found/.exec(stderr)?.[1];
  if (name === undefined && code !== ExitCode.noStack) return undefined;
  return new SluiceError(`stack ${name ?? ""} does not exist in this backend`, { exitCode: ExitCode.noStack });
}

function locked(run: FailedRun): SluiceError | undefined {
  if (!isLockConflict(run)) return undefined;
  const owners = [...run.stderr.matchAll(/created by (.+)@(.+) \(pid (\d+)\) at (\S+)/g)];
  return new SluiceError("another update holds the stack", {
    details: owners.map(([, user, host, pid, since]) => `process ${pid} of ${user} on ${host}, since ${since}`),
    remedy: "wait for it; if that machine is gone for good: npm run pulumi -- cancel --stack STACK",
  });
}

/** The engine lays the blame on a bug of the provider and asks to report it, also where the plugin was killed. */
function providerGone(run: FailedRun): SluiceError | undefined {
  const plugins = reasons(run).flatMap((text) => /\/resource-([a-z]+)-\S+ exited prematurely/.exec(text)?.[1] ?? []);
  if (plugins.length === 0) return undefined;
  return new SluiceError(`the provider ended in the middle of the update: ${[...new Set(plugins)].join(", ")}`, {
    exitCode: ExitCode.resource,
    details: run.log.failed.map(({ name, op }) => `not known whether it was done: ${name} (${op})`),
    remedy:
      "run the same command again: it reads what is live and goes on from there (why it ended: sluice sandbox logs, or the plugin's own output)",
  });
}

function resource(run: FailedRun): SluiceError | undefined {
  const { failed } = run.log;
  if (failed.length === 0) return undefined;
  const names = failed.map(({ name, op }) => `${name} (${op})`).join(", ");
  return new SluiceError(`failed: ${names}`, { exitCode: ExitCode.resource, details: reasons(run) });
}

function errors(log: EngineLog): string[] {
  return log.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

/** Sentences of the engine that only repeat that something failed. */
const hollow = /^(preview|update|refresh|destroy) failed$|^error: (preview|update|refresh|destroy) failed$/;

function reasons({ log, stderr }: FailedRun): string[] {
  const said = log.diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ resource, message }) => (resource === undefined ? message : `${resource}: ${message}`));
  const printed = stderr.split("\n").filter((line) => line.startsWith("error:"));
  return [...new Set([...said, ...printed].filter((line) => !hollow.test(line)).flatMap((text) => text.split("\n")))];
}
