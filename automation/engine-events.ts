/**
 * What the engine says while it works: one JSON document per line (`pulumi up --json`, with
 * PULUMI_ENABLE_STREAMING_JSON_PREVIEW for the preview inside it), folded into what a run has done so far.
 * Source of the shapes: sdk/go/common/apitype/events.go of Pulumi 3.259.
 */

import { maskSecrets, type StateResource } from "./backend.ts";

/** A step on one resource. */
export interface Step {
  /** `create`, `update`, `delete`, `replace`, `create-replacement`, `delete-replaced`, `read`, `refresh`, `same`, ... */
  op: string;
  urn: string;
  type: string;
  name: string;
  /** Managed by a provider; components are not. */
  custom: boolean;
  /** Properties that differ, as paths. */
  diffs: string[];
}

export interface Diagnostic {
  severity: "info" | "warning" | "error";
  message: string;
  /** The resource's name, where the message belongs to one. */
  resource?: string;
}

export interface Violation {
  policy: string;
  pack: string;
  mandatory: boolean;
  /** Absent where the pack gives none. */
  severity?: string;
  /** Absent for violations of the whole stack. */
  urn?: string;
  message: string;
}

export type Phase = "preview" | "update";

/** What one line of the log means to somebody who watches. */
export type Happening =
  | { kind: "started"; phase: Phase; step: Step }
  | { kind: "finished"; phase: Phase; step: Step }
  | { kind: "failed"; phase: Phase; step: Step }
  | { kind: "diagnostic"; phase: Phase; diagnostic: Diagnostic }
  | { kind: "violation"; phase: Phase; violation: Violation }
  | { kind: "summary"; phase: Phase; changes: Record<string, number>; succeeded: boolean };

/** Everything that a run has said. */
export interface EngineLog {
  /** Steps that change something, by phase. */
  steps: Record<Phase, Step[]>;
  failed: Step[];
  /** Resources whose creation failed, as the program wanted them; secret inputs are masked. */
  failedCreations: StateResource[];
  diagnostics: Diagnostic[];
  violations: Violation[];
  changes: Partial<Record<Phase, Record<string, number>>>;
  /** What the stack exports once the update is done, secrets masked. Undefined until then. */
  outputs?: Record<string, unknown>;
}

export function emptyLog(): EngineLog {
  return {
    steps: { preview: [], update: [] },
    failed: [],
    failedCreations: [],
    diagnostics: [],
    violations: [],
    changes: {},
  };
}

/** The last part of a URN. The name may hold anything, even "::" (the engine forbids it only in types). */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::") || urn;
}

/** `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME` */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

interface RawState {
  custom?: boolean;
  parent?: string;
  provider?: string;
  protect?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

interface RawStep {
  op: string;
  urn: string;
  type: string;
  diffs?: string[];
  keys?: string[];
  detailedDiff?: Record<string, unknown> | null;
  old?: { custom?: boolean } | null;
  new?: RawState | null;
}

interface RawEvent {
  diagnosticEvent?: { urn?: string; message?: string; severity?: string; ephemeral?: boolean };
  policyEvent?: {
    resourceUrn?: string;
    message?: string;
    policyName?: string;
    policyPackName?: string;
    enforcementLevel?: string;
    severity?: string;
  };
  resourcePreEvent?: { metadata: RawStep; planning?: boolean };
  resOutputsEvent?: { metadata: RawStep; planning?: boolean };
  resOpFailedEvent?: { metadata: RawStep };
  stdoutEvent?: { message?: string };
  errorEvent?: { error?: string };
  summaryEvent?: { resourceChanges?: Record<string, number>; isPreview?: boolean; result?: string };
}

/**
 * Folds the lines of one run. It keeps the phase, since only the summary says that the preview is over.
 *
 * @example
 * const reader = new EngineLogReader();
 * for (const line of lines) for (const happening of reader.read(line)) show(happening);
 */
export class EngineLogReader {
  readonly log: EngineLog = emptyLog();
  #phase: Phase;

  /** @param first the phase that the operation begins with: `update` for one that skips its preview */
  constructor(first: Phase = "preview") {
    this.#phase = first;
  }

  /** Lines that are no event of the engine (a banner, a prompt) mean nothing here. */
  read(line: string): Happening[] {
    // Debug messages are most of the log and never shown: not worth parsing.
    if (!line.startsWith("{") || line.includes('"severity":"debug"')) return [];
    let event: RawEvent;
    try {
      event = JSON.parse(line) as RawEvent;
    } catch {
      return [];
    }
    const happening = this.#happening(event);
    return happening === undefined ? [] : [happening];
  }

  #happening(event: RawEvent): Happening | undefined {
    const phase = this.#phase;
    if (event.diagnosticEvent) return this.#diagnostic(diagnosticOf(event.diagnosticEvent));
    if (event.stdoutEvent) return this.#diagnostic(wordOf(event.stdoutEvent.message ?? ""));
    if (event.errorEvent) return this.#diagnostic({ severity: "error", message: event.errorEvent.error ?? "" });
    if (event.policyEvent) {
      const violation = violationOf(event.policyEvent);
      this.log.violations.push(violation);
      return { kind: "violation", phase, violation };
    }
    if (event.resourcePreEvent) return { kind: "started", phase, step: stepOf(event.resourcePreEvent.metadata) };
    if (event.resOutputsEvent) {
      const { metadata } = event.resOutputsEvent;
      const isStack = metadata.type === "pulumi:pulumi:Stack" && phase === "update";
      if (isStack && metadata.new?.outputs) this.log.outputs = maskSecrets(metadata.new.outputs);
      return this.#finished(stepOf(metadata));
    }
    if (event.resOpFailedEvent) {
      const step = stepOf(event.resOpFailedEvent.metadata);
      this.log.failed.push(step);
      const { new: wanted } = event.resOpFailedEvent.metadata;
      if (step.op === "create" && step.custom && wanted) this.log.failedCreations.push(creationOf(step, wanted));
      return { kind: "failed", phase, step };
    }
    return event.summaryEvent && this.#summary(event.summaryEvent);
  }

  #diagnostic(diagnostic: Diagnostic | undefined): Happening | undefined {
    if (diagnostic === undefined || diagnostic.message === "") return undefined;
    this.log.diagnostics.push(diagnostic);
    return { kind: "diagnostic", phase: this.#phase, diagnostic };
  }

  /** A component ends twice: when it is registered, and when its outputs are. */
  #finished(step: Step): Happening | undefined {
    const steps = this.log.steps[this.#phase];
    const idle = step.op === "same" || step.op === "read";
    if (idle || steps.some(({ urn, op }) => urn === step.urn && op === step.op)) return undefined;
    steps.push(step);
    return { kind: "finished", phase: this.#phase, step };
  }

  #summary({ resourceChanges = {}, isPreview = false, result }: NonNullable<RawEvent["summaryEvent"]>): Happening {
    const phase = isPreview ? "preview" : "update";
    this.log.changes[phase] = resourceChanges;
    this.#phase = "update";
    return { kind: "summary", phase, changes: resourceChanges, succeeded: result === "succeeded" };
  }
}

function stepOf({ op, urn, type, diffs, keys, detailedDiff, ...states }: RawStep): Step {
  const custom = (states.new ?? states.old)?.custom === true;
  return {
    op,
    urn,
    type,
    name: nameOf(urn),
    custom,
    diffs: Object.keys(detailedDiff ?? {}).concat(detailedDiff ? [] : (diffs ?? keys ?? [])),
  };
}

function creationOf({ urn, type }: Step, { parent, provider, protect, inputs = {} }: RawState): StateResource {
  const kept = protect === true ? { protect } : {};
  return { urn, type, custom: true, inputs, ...(parent ? { parent } : {}), ...(provider ? { provider } : {}), ...kept };
}

function diagnosticOf(event: NonNullable<RawEvent["diagnosticEvent"]>): Diagnostic | undefined {
  if (event.ephemeral) return undefined;
  const message = (event.message ?? "").replaceAll(/<\{%[^%]*%\}>/g, "").trimEnd();
  // Our language host stands on PATH where the CLI came without one, by design.
  if (message.startsWith("using pulumi-language-nodejs from $PATH")) return undefined;
  const severity = event.severity === "error" || event.severity === "warning" ? event.severity : "info";
  return { severity, message, ...(event.urn ? { resource: nameOf(event.urn) } : {}) };
}

/** What the engine says of a signal is meant for whoever pressed the key: here that was us. */
function wordOf(message: string): Diagnostic | undefined {
  if (/^(?:\^C|SIGTERM) received;/.test(message)) return undefined;
  return { severity: "info", message: message.trim() };
}

/** The engine puts the policy's description on a line before the message; what is wrong is in the message. */
function violationOf(event: NonNullable<RawEvent["policyEvent"]>): Violation {
  const lines = (event.message ?? "").trim().split("\n");
  return {
    policy: event.policyName ?? "",
    pack: event.policyPackName ?? "",
    mandatory: event.enforcementLevel === "mandatory",
    message: (lines.length > 1 ? lines.slice(1) : lines).join("\n").trim(),
    ...(event.severity ? { severity: event.severity } : {}),
    ...(event.resourceUrn ? { urn: event.resourceUrn } : {}),
  };
}
