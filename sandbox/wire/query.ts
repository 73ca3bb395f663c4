import { CloudError } from "../cloud/error.ts";
import { decode, type Spelling, validDate } from "./decode.ts";
import type { Shape } from "./operation.ts";

/** A parameter's value, the parameters below it, or both (`Tags=` for an empty list beside `Tags.member.1...` is legal). */
interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/** Most parameters read from one request; AWS's own largest request here (100 rules' worth of targets) stays far below. */
const maximumParameters = 10_000;

const spelling: Spelling = {
  list: (node) => listItems(node as Node | string),
  map: (node) => mapEntries(node as Node | string),
  structure: (node) => structureMembers(node as Node | string),
  number: (value) =>
    typeof value === "string" && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : undefined,
  boolean: (value) => (value === "true" ? true : value === "false" ? false : undefined),
  timestamp: (value) => (typeof value === "string" ? validDate(value) : undefined),
};

/** Leaves are passed on as their text, so that scalars are plain strings; an empty list is an empty text. */
function leafOrNode(node: Node): Node | string {
  return node.children.size === 0 ? (node.value ?? "") : node;
}

/** A request of the query protocol: the operation, and the parameters as a tree. */
export interface QueryRequest {
  readonly action: string;
  readonly parameters: Node;
}

/**
 * Reads a form-encoded body. `Actions.member.1.Order=2` becomes the tree Actions > member > 1 > Order.
 *
 * @throws CloudError MissingAction, MalformedQueryString
 */
export function readQuery(body: string): QueryRequest {
  const root: Node = { children: new Map() };
  const pairs = [...new URLSearchParams(body)];
  if (pairs.length > maximumParameters) throw malformed(`more than ${maximumParameters} parameters`);
  for (const [key, value] of pairs) {
    const node = nodeAt(root, key);
    if (node.value !== undefined) throw malformed(`${key} is given twice`);
    node.value = value;
  }
  const action = root.children.get("Action")?.value;
  if (!action) throw new CloudError("MissingAction", "the request names no Action");
  return { action, parameters: root };
}

function nodeAt(root: Node, key: string): Node {
  return key.split(".").reduce((node, part) => {
    const next = node.children.get(part) ?? { children: new Map() };
    node.children.set(part, next);
    return next;
  }, root);
}

/** Reads the parameters of a request by the operation's input shape. */
export function readParameters(request: QueryRequest, shape: Shape): unknown {
  return decode(shape, request.parameters, spelling);
}

function structureMembers(node: Node | string): Map<string, unknown> | undefined {
  if (typeof node === "string") return undefined;
  return new Map([...node.children].map(([key, child]) => [key, leafOrNode(child)]));
}

function listItems(node: Node | string): unknown[] | undefined {
  if (typeof node === "string") return node === "" ? [] : undefined;
  const members = node.children.get("member");
  return members === undefined ? undefined : numbered(members).map(leafOrNode);
}

function mapEntries(node: Node | string): [string, unknown][] | undefined {
  if (typeof node === "string") return node === "" ? [] : undefined;
  const entries = node.children.get("entry");
  if (entries === undefined) return undefined;
  return numbered(entries).map((entry) => {
    const [key, value] = [entry.children.get("key")?.value, entry.children.get("value")];
    if (key === undefined || value === undefined) throw malformed("a map entry without key or value");
    return [key, leafOrNode(value)];
  });
}

/** Children `1`, `2`, ... in the order of their numbers, which need not be the order in which they were sent. */
function numbered(node: Node): Node[] {
  return [...node.children]
    .map(([key, child]) => {
      if (!/^[1-9]\d{0,5}$/.test(key)) throw malformed(`${JSON.stringify(key)} is not a position in a list`);
      return [Number(key), child] as const;
    })
    .sort(([a], [b]) => a - b)
    .map(([, child]) => child);
}

function malformed(why: string): CloudError {
  return new CloudError("MalformedQueryString", `the parameters cannot be read: ${why}`);
}
