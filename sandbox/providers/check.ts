import { containsUnknown, isUnknown, UNKNOWN } from "./protocol.ts";
import type { CheckProblem, InputSpec, Properties } from "./resource-type.ts";

type Report = (property: string, reason: string) => void;

/**
 * Checks inputs against their declaration and fills in defaults; reports every problem at once.
 * Unknown values pass: they are checked when they are known.
 *
 * @example
 * checkInputs({ name: { type: "string", required: true, maxLength: 64 } }, { nmae: "x" }).problems;
 * // [{property: "nmae", reason: "unsupported argument; ..."}, {property: "name", reason: "missing required property"}]
 */
export function checkInputs(
  specs: Record<string, InputSpec>,
  inputs: Properties,
): { inputs: Properties; problems: CheckProblem[] } {
  const problems: CheckProblem[] = [];
  const report: Report = (property, reason) => problems.push({ property, reason });
  return { inputs: checkObject(specs, inputs, "", report), problems };
}

function checkObject(specs: Record<string, InputSpec>, inputs: Properties, at: string, report: Report): Properties {
  const result: Properties = {};
  const path = (key: string) => (at === "" ? key : `${at}.${key}`);
  for (const key of Object.keys(inputs)) {
    if (specs[key] === undefined) {
      report(path(key), `unsupported argument; expected one of: ${Object.keys(specs).sort().join(", ")}`);
    }
  }
  for (const [key, spec] of Object.entries(specs)) {
    const value = inputs[key] ?? spec.default;
    if (value === undefined) {
      if (spec.required) report(path(key), "missing required property");
      continue;
    }
    const rival = spec.conflictsWith?.find((name) => inputs[key] !== undefined && inputs[name] !== undefined);
    if (rival !== undefined) report(path(key), `conflicts with ${path(rival)}: give one of them`);
    result[key] = checkValue(spec, value, path(key), report);
  }
  return result;
}

function checkValue(spec: InputSpec, value: unknown, at: string, report: Report): unknown {
  if (isUnknown(value) || spec.type === "any") return value;
  if (spec.type === "json" && typeof value === "object") {
    return containsUnknown(value) ? UNKNOWN : checkValue(spec, JSON.stringify(value), at, report);
  }
  if (typeof spec.type === "string") {
    checkScalar(spec, value, at, report);
    return value;
  }
  if ("list" in spec.type || "set" in spec.type) {
    const item = "list" in spec.type ? spec.type.list : spec.type.set;
    if (!Array.isArray(value)) return wrong(value, "a list", at, report);
    checkLength(spec, value.length, "items", at, report);
    return value.map((one, index) => checkValue(item, one, `${at}[${index}]`, report));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(value, "an object", at, report);
  if ("object" in spec.type) return checkObject(spec.type.object, value as Properties, at, report);
  const item = spec.type.map;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, checkValue(item, one, `${at}[${JSON.stringify(key)}]`, report)]),
  );
}

function checkScalar(spec: InputSpec, value: unknown, at: string, report: Report): void {
  if (spec.type === "json") {
    if (typeof value !== "string") wrong(value, "a string with a JSON document", at, report);
    else if (parse(value) === undefined) report(at, `is not JSON: ${shown(value)}`);
    else checkLength(spec, value.length, "characters", at, report);
    return;
  }
  const expected = spec.type === "integer" ? "number" : spec.type;
  if (typeof value !== expected) {
    wrong(value, `a ${expected}`, at, report);
    return;
  }
  if (typeof value === "number") checkNumber(spec, value, at, report);
  if (typeof value === "string") {
    checkLength(spec, value.length, "characters", at, report);
    if (spec.pattern && !spec.pattern.test(value)) {
      report(at, `${spec.patternHint ?? `must match ${spec.pattern}`}, got ${shown(value)}`);
    }
  }
  if (spec.oneOf && !spec.oneOf.includes(value as string | number)) {
    report(at, `expected one of ${spec.oneOf.map(shown).join(", ")}, got ${shown(value)}`);
  }
}

function checkNumber(spec: InputSpec, value: number, at: string, report: Report): void {
  if (spec.type === "integer" && !Number.isInteger(value)) report(at, `expected a whole number, got ${value}`);
  if (spec.min !== undefined && value < spec.min) report(at, `expected at least ${spec.min}, got ${value}`);
  if (spec.max !== undefined && value > spec.max) report(at, `expected at most ${spec.max}, got ${value}`);
}

function checkLength(spec: InputSpec, length: number, what: string, at: string, report: Report): void {
  if (spec.minLength !== undefined && length < spec.minLength) {
    report(at, `expected at least ${spec.minLength} ${what}, got ${length}`);
  }
  if (spec.maxLength !== undefined && length > spec.maxLength) {
    report(at, `expected at most ${spec.maxLength} ${what}, got ${length}`);
  }
}

function wrong(value: unknown, expected: string, at: string, report: Report): unknown {
  report(at, `expected ${expected}, got ${shown(value)}`);
  return value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function parse(text: string): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
