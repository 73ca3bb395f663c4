/**
 * Whether IAM would allow a request: policies, permissions boundary, conditions. Written from the IAM user guide ("Policy
 * evaluation logic", "IAM JSON policy elements: Condition operators") and sharing nothing with what writes policies. What it
 * does not know it refuses to judge.
 */
import { likeOracle } from "./iam-oracle.ts";

/** One call on one resource, and what IAM knows of it. Keys of the context are compared without their case. */
export interface Request {
  action: string;
  resource: string;
  context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A principal's identity policies, and the boundary that limits them. */
export interface Principal {
  policies: readonly string[];
  boundary?: string;
}

type Statement = Record<string, unknown> & { Effect: string; Condition?: Record<string, Record<string, unknown>> };
type Verdict = "allow" | "deny" | "nothing";

/**
 * A boundary allows nothing by itself, and what it does not allow is refused; a Deny anywhere is final.
 *
 * @example
 * allows({ policies: [document], boundary }, { action: "iam:CreateRole", resource: arn, context: {} })
 */
export function allows({ policies, boundary }: Principal, request: Request): boolean {
  const granted = policies.map((document) => verdictOf(document, request));
  const bound = boundary === undefined ? "allow" : verdictOf(boundary, request);
  return granted.includes("allow") && !granted.includes("deny") && bound === "allow";
}

const parsed = new Map<string, Statement[]>();

function verdictOf(document: string, request: Request): Verdict {
  const statements = parsed.get(document) ?? (JSON.parse(document) as { Statement: Statement[] }).Statement;
  parsed.set(document, statements);
  const matching = statements.filter((statement) => matches(statement, request)).map(({ Effect }) => Effect);
  if (matching.includes("Deny")) return "deny";
  return matching.includes("Allow") ? "allow" : "nothing";
}

/** The oracle goes letter by letter: what needs no such care is compared as a whole. */
function like(pattern: string, value: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === value;
  const [start = "", ...rest] = pattern.split(/[*?]/);
  return (
    value.startsWith(start) && (rest.join("") === "" && pattern === `${start}*` ? true : likeOracle(pattern, value))
  );
}

function listed(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

function matches(statement: Statement, request: Request): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {}, Effect, Sid: _, ...unknown } = statement;
  if (Object.keys(unknown).length > 0 || !["Allow", "Deny"].includes(Effect)) {
    throw new Error(`cannot judge ${JSON.stringify(statement)}`);
  }
  const acts = (patterns: unknown) =>
    listed(patterns).some((one) => like(one.toLowerCase(), request.action.toLowerCase()));
  const on = (patterns: unknown) => listed(patterns).some((one) => like(one, request.resource));
  return (
    (Action === undefined ? !acts(NotAction) : acts(Action)) &&
    (Resource === undefined ? !on(NotResource) : on(Resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, listed(values), valuesOf(request, key))),
    )
  );
}

function valuesOf({ context = {} }: Request, key: string): string[] | undefined {
  const found = Object.entries(context).find(([one]) => one.toLowerCase() === key.toLowerCase())?.[1];
  return found === undefined ? undefined : listed(found);
}

/** @param wanted values in the policy @param given values in the request; undefined where the key is missing */
function holds(operator: string, wanted: string[], given: string[] | undefined): boolean {
  if (wanted.some((value) => value.includes("${"))) throw new Error("policy variables are not judged");
  if (operator === "Null") return wanted.includes(String(given === undefined));
  if (operator.startsWith("ForAllValues:")) {
    return (given ?? []).every((value) => single(operator.slice(13), wanted, value));
  }
  if (operator.startsWith("ForAnyValue:")) {
    return (given ?? []).some((value) => single(operator.slice(12), wanted, value));
  }
  const ifExists = operator.endsWith("IfExists");
  const name = ifExists ? operator.slice(0, -8) : operator;
  if (given === undefined) {
    if (!(name in operators)) throw new Error(`unknown operator ${operator}`);
    return ifExists || /Not/.test(name);
  }
  if (given.length !== 1) throw new Error(`${operator} on several values`);
  return single(name, wanted, given[0] as string);
}

const operators: Record<string, (pattern: string, value: string) => boolean> = {
  StringEquals: (pattern, value) => pattern === value,
  StringNotEquals: (pattern, value) => pattern === value,
  StringLike: like,
  StringNotLike: like,
  // Both match wildcards, each part of the ARN by itself.
  ArnEquals: likeArn,
  ArnLike: likeArn,
  Bool: (pattern, value) => pattern.toLowerCase() === value.toLowerCase(),
};

function single(name: string, wanted: string[], value: string): boolean {
  const test = operators[name];
  if (test === undefined) throw new Error(`unknown operator ${name}`);
  const some = wanted.some((pattern) => test(pattern, value));
  return name.includes("Not") ? !some : some;
}

function likeArn(pattern: string, value: string): boolean {
  const [wanted, given] = [pattern.split(":"), value.split(":")];
  const parts = (all: string[]) => [...all.slice(0, 5), all.slice(5).join(":")];
  return parts(wanted).every((part, index) => like(part, parts(given)[index] ?? ""));
}
