/** JSON documents inside properties: policies of IAM and ECR, container definitions. */
import { type Finding, undecided } from "./finding.ts";
import { holdsUnknown, isRecord } from "./known.ts";

/** A document, or why there is none. */
export type Read = { value: unknown } | { finding: Finding };

/**
 * Reads a document given as JSON text or as an object. A key that stands twice in one object is refused: readers differ
 * in which one they take, so a judge and a cloud could read two different documents.
 *
 * @example
 * const read = readDocument(props["policy"], "policy");
 * if ("finding" in read) return [read.finding];
 */
export function readDocument(value: unknown, where: string): Read {
  if (holdsUnknown(value)) return { finding: undecided(where) };
  if (value !== null && typeof value === "object") return { value };
  if (typeof value !== "string" || value === "") {
    return { finding: { where, what: "is missing", remedy: "give it a JSON document" } };
  }
  let document: unknown;
  try {
    document = JSON.parse(value);
  } catch {
    return { finding: { where, what: "is not valid JSON", remedy: "build it with JSON.stringify" } };
  }
  if (countKeysInText(value) !== countKeys(document)) {
    return { finding: { where, what: "has a key twice in one object", remedy: "keep one of them" } };
  }
  return { value: document };
}

/** Keys in valid JSON text are exactly the strings that a colon follows. */
function countKeysInText(json: string): number {
  let count = 0;
  for (const match of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)) if (match[1] !== undefined) count++;
  return count;
}

function countKeys(value: unknown): number {
  if (value === null || typeof value !== "object") return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, inner) => sum + countKeys(inner), own);
}

/**
 * A value that IAM lets stand alone or in a list, as a list of texts; undefined where it is neither, or empty.
 *
 * @example
 * texts("sts:AssumeRole") // ["sts:AssumeRole"]
 */
export function texts(value: unknown): string[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((item) => typeof item === "string") ? (list as string[]) : undefined;
}

/** One statement of an IAM policy document and its place. */
export interface Statement {
  where: string;
  statement: Readonly<Record<string, unknown>>;
}

/**
 * The statements of an IAM policy document that allow something, and what is wrong with its outer form.
 *
 * @param allowedKeys elements that a statement may have; IAM policy reference, "Grammar of the IAM JSON policy language"
 */
export function allowStatements(
  document: unknown,
  where: string,
  allowedKeys: readonly string[],
): { statements: Statement[]; findings: Finding[] } {
  const remedy = "write it as the IAM policy grammar has it";
  const list = isRecord(document) ? [document.Statement].flat() : [];
  const statements: Statement[] = [];
  const findings: Finding[] = [];
  if (list.length === 0) findings.push({ where, what: "has no statement", remedy });
  list.forEach((statement, index) => {
    const place = `${where}.Statement[${index}]`;
    if (!isRecord(statement) || (statement.Effect !== "Allow" && statement.Effect !== "Deny")) {
      findings.push({ where: place, what: 'has no Effect "Allow" or "Deny"', remedy });
      return;
    }
    if (statement.Effect === "Deny") return;
    const foreign = Object.keys(statement).filter((key) => !allowedKeys.includes(key));
    for (const key of foreign) {
      const mend = `say what is allowed, with ${allowedKeys.filter((allowed) => !/^(Sid|Effect)$/.test(allowed)).join(", ")}`;
      findings.push({
        where: place,
        what: `has ${JSON.stringify(key)}, which may allow more than it names`,
        remedy: mend,
      });
    }
    statements.push({ where: place, statement });
  });
  return { statements, findings };
}
