/** What a cloud answered to each step, made comparable: ids, ARNs and times differ between clouds by nature. */
import { type Backend, Kept, type Step } from "./aws-steps.ts";

/** The answer to a step: data without metadata, or the class name of the exception. */
export type Answer = { readonly ok: unknown } | { readonly error: string };

/**
 * Asks a cloud everything, step by step.
 *
 * @throws whatever is no answer of a cloud: a lost connection, or a defect of a step
 */
export async function ask(backend: Backend, steps: readonly Step[]): Promise<Map<string, Answer>> {
  const kept = new Kept();
  const answers = new Map<string, Answer>();
  for (const step of steps) {
    if (answers.has(step.name)) throw new Error(`two steps are named "${step.name}"`);
    answers.set(step.name, await answerOf(step, backend, kept));
  }
  return answers;
}

async function answerOf(step: Step, backend: Backend, kept: Kept): Promise<Answer> {
  try {
    return { ok: normalise(await step.run(backend, kept)) };
  } catch (error) {
    // Only what a cloud sent has a fault and a status; 5xx are failures of the emulator, never an answer to compare.
    const { $fault, $metadata, name, message } = error as Error & {
      $fault?: string;
      $metadata?: { httpStatusCode?: number };
    };
    if ($fault !== "client" || ($metadata?.httpStatusCode ?? 500) >= 500) {
      throw new Error(`step "${step.name}": ${name}: ${message}`, { cause: error });
    }
    return { error: name };
  }
}

/** Replaces what cannot be equal by what kind of thing it is, and sorts lists, whose order means nothing in these answers. */
export function normalise(value: unknown): unknown {
  if (value instanceof Date) return "<time>";
  if (typeof value === "string") return normaliseText(value);
  if (Array.isArray(value)) return value.map((item) => normalise(item)).sort(compareJson);
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).filter(([key, member]) => key !== "$metadata" && member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, normalise(member)]));
}

const compareJson = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

/** Parts of names that are made up by a cloud. */
const madeUp: readonly [RegExp, string][] = [
  [/^(\d+\.\d+\.\d+\.\d+(:\d+)?|[\w-]+\.[\w.-]*amazonaws\.com)$/, "<host>"],
  [/^(127\.\d+\.\d+\.\d+:\d+|\d+\.dkr\.ecr\.[\w-]+\.amazonaws\.com)\//, "<registry>/"],
  [/\b(vpc|subnet|sg|eni|eipalloc)-[0-9a-f]+\b/g, "$1-<id>"],
  [/\/[0-9a-f]{15,20}(?=\/|$)/g, "/<id>"],
  [/\b(ecs-svc\/)?\d{16,20}\b/g, "$1<id>"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "<uuid>"],
];

function normaliseText(text: string): string {
  return madeUp.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** One place where two answers differ. */
export interface Difference {
  readonly step: string;
  /** Dotted, with `*` for positions in lists; empty where one refused what the other accepted. */
  readonly path: string;
  /** What stands there: undefined for nothing, an exception's name, or "accepted". */
  readonly moto: unknown;
  readonly sandbox: unknown;
}

/** Every difference between two clouds' answers to the same steps; the same one in several items of a list counts once. */
export function differences(moto: Map<string, Answer>, sandbox: Map<string, Answer>): Difference[] {
  const all = [...moto].flatMap(([step, answer]) =>
    compareAnswers(answer, sandbox.get(step)).map(({ path, left, right }) => ({
      step,
      path,
      moto: left,
      sandbox: right,
    })),
  );
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function compareAnswers(moto: Answer, sandbox: Answer | undefined): Pair[] {
  if (sandbox !== undefined && "ok" in moto && "ok" in sandbox) return compare(moto.ok, sandbox.ok);
  return compare(outcome(moto), outcome(sandbox));
}

const outcome = (answer: Answer | undefined): string => {
  if (answer === undefined) return "not asked";
  return "error" in answer ? answer.error : "accepted";
};

interface Pair {
  readonly path: string;
  readonly left: unknown;
  readonly right: unknown;
}

function compare(left: unknown, right: unknown, path: readonly string[] = []): Pair[] {
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.flatMap((item, index) => compare(item, right[index], [...path, "*"]));
  }
  if (isObject(left) && isObject(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return keys.flatMap((key) => compare(left[key], right[key], [...path, key]));
  }
  return JSON.stringify(left) === JSON.stringify(right) ? [] : [{ path: path.join("."), left, right }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
