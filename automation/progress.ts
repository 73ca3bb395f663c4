/** Shows a run of the engine while it goes on: one line per change, and a word now and then for what takes long. */
import type { Diagnostic, Happening, Phase, Step } from "./engine-events.ts";
import { violationLine } from "./engine-failure.ts";
import type { Output } from "./output.ts";

export interface Progress {
  see(happening: Happening): void;
  end(): void;
}

/** After this long without a line, what is in flight is named. Milliseconds. */
const patience = 10_000;

const signs: Record<string, { sign: string; style: "green" | "yellow" | "red" | "cyan"; done: string }> = {
  create: { sign: "+", style: "green", done: "created" },
  update: { sign: "~", style: "yellow", done: "updated" },
  delete: { sign: "-", style: "red", done: "deleted" },
  replace: { sign: "±", style: "yellow", done: "replaced" },
  "create-replacement": { sign: "+", style: "green", done: "created in place of another" },
  "delete-replaced": { sign: "-", style: "red", done: "deleted, replaced by another" },
  import: { sign: "=", style: "cyan", done: "taken over" },
};

/**
 * @example
 * const progress = createProgress(output, "up");
 */
export function createProgress(output: Output, operation: string): Progress {
  const inFlight = new Map<string, { step: Step; since: number }>();
  const said = new Set<string>();
  let last = Date.now();
  const say = (line: string) => {
    last = Date.now();
    output.say(line);
  };
  const timer = setInterval(() => {
    if (Date.now() - last < patience || inFlight.size === 0) return;
    const names = [...inFlight.values()].map(({ step, since }) => `${step.name} (${seconds(since)})`);
    say(`  ... still at work: ${names.join(", ")}`);
  }, 1000);
  timer.unref();
  const sayOnce = (line: string) => {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  };
  return {
    see: (happening) => {
      if (happening.kind === "diagnostic")
        for (const line of diagnosticLines(output, happening.diagnostic)) sayOnce(line);
      // Refusals, like errors, are told once, in full, at the end.
      if (happening.kind === "violation" && !happening.violation.mandatory) {
        sayOnce(`  ${output.paint("yellow", "advice:")} ${violationLine(happening.violation)}`);
      }
      if (happening.kind === "summary")
        say(summary(operation, happening.phase, happening.changes, happening.succeeded));
      if (happening.kind === "diagnostic" || happening.kind === "violation" || happening.kind === "summary") return;
      const { step, phase, kind } = happening;
      // The preview inside an update shows nothing that the update will not show.
      if (!step.custom || (phase === "preview" && operation !== "preview")) return;
      if (kind === "started") {
        if (step.op !== "same" && phase === "update") inFlight.set(step.urn, { step, since: Date.now() });
        return;
      }
      const since = inFlight.get(step.urn)?.since;
      inFlight.delete(step.urn);
      const line = stepLine(output, step, phase, kind === "failed");
      const slow = since !== undefined && Date.now() - since >= 1000;
      if (line !== undefined) say(slow ? `${line} ${output.paint("dim", `(${seconds(since)})`)}` : line);
    },
    end: () => clearInterval(timer),
  };
}

function stepLine({ paint }: Output, step: Step, phase: Phase, failed: boolean): string | undefined {
  const kind = signs[step.op];
  // A replacement is one word in a preview, and a creation and a deletion in an update.
  if (kind === undefined || (/replace/.test(step.op) && (step.op === "replace") !== (phase === "preview")))
    return undefined;
  const what = `${step.name} (${step.type})`;
  if (failed) return `  ${paint("red", "!")} ${what} failed to ${step.op}`;
  const diffs = step.op === "update" && step.diffs.length > 0 ? ` [${step.diffs.join(", ")}]` : "";
  const verb = phase === "preview" ? step.op : kind.done;
  return `  ${paint(kind.style, kind.sign)} ${what} ${verb}${diffs}`;
}

function diagnosticLines({ paint }: Output, { severity, message, resource }: Diagnostic): string[] {
  // Errors are told once, in full, at the end.
  if (severity === "error") return [];
  const text = `${resource === undefined ? "" : `${resource}: `}${message}`.split("\n").filter((line) => line !== "");
  if (severity === "info") return text.map((line) => `  ${line}`);
  return text.map((line, index) => (index === 0 ? `  ${paint("yellow", "warning:")} ${line}` : `    ${line}`));
}

const done: Record<string, string> = { create: "created", update: "updated", delete: "deleted", replace: "replaced" };

function summary(operation: string, phase: Phase, changes: Record<string, number>, succeeded: boolean): string {
  const { same = 0, ...others } = changes;
  const counted = Object.entries(others).map(
    ([op, count]) => `${count} ${phase === "update" ? (done[op] ?? op) : `to ${op}`}`,
  );
  const head = operation === phase ? operation : `${operation}, ${phase}`;
  return `${head}: ${[...(counted.length > 0 ? counted : ["no changes"]), `${same} unchanged`].join(", ")}${succeeded ? "" : " (failed)"}`;
}

function seconds(since: number): string {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}
