/** XML out of reports: no declarations, no entities but the predefined ones, bounded, well-formed to the last byte. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { type Report, ReportError } from "./reader.ts";
import { cleanText, shorten } from "./text.ts";

const maximumDepth = 64;
/** An element takes a kilobyte of memory, whatever it takes in the file. */
const maximumTags = 1_000_000;

export interface XmlElement {
  name: string;
  /** By name as written, with prefix. Values have their references replaced. */
  attributes: ReadonlyMap<string, string>;
  children: readonly XmlElement[];
  /** All text and CDATA directly inside, trimmed. */
  text: string;
  /** Where it starts, in characters from the start of the file. */
  offset: number;
}

type Node = Record<string, unknown>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  cdataPropName: "#cdata",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  captureMetaData: true,
  maxNestedTags: maximumDepth,
  jPath: false,
});

/**
 * Parses a report as XML.
 *
 * @returns its root element
 * @throws ReportError with the line, for what is not well-formed, declares anything in a DOCTYPE, uses another entity
 *   than the five predefined ones, or is nested deeper than 64 levels
 * @example
 * parseXml({ file: "junit.xml", text: '<testsuite tests="1"/>' }).attributes.get("tests") // "1"
 */
export function parseXml(report: Report): XmlElement {
  const text = withoutDoctype(report.text);
  checkMarkup({ ...report, text });
  const wrong = XMLValidator.validate(text);
  if (wrong !== true)
    throw new ReportError(report, `line ${wrong.err.line}`, `is not well-formed: ${wording(wrong.err.msg)}`);
  const end = text.lastIndexOf(">") + 1;
  if (text.slice(end).trim() !== "")
    throw new ReportError(report, lineAt(report, end), "is not well-formed: has text after its root element");
  const roots = parse({ ...report, text }).filter((node) => !("#text" in node));
  const [root] = roots;
  if (root === undefined || roots.length !== 1)
    throw new ReportError(report, "line 1", "is not well-formed: has no single root element");
  return elementOf(report, root);
}

/**
 * Guesses the root element's name, so that a broken report is recognised, too.
 *
 * @example
 * rootName('<?xml version="1.0"?><coverage line-rate="1">') // "coverage"
 */
export function rootName(text: string): string | undefined {
  const start = text.slice(0, 8192).trimStart();
  return start.startsWith("<") ? /<([A-Za-z][\w.:-]*)/.exec(start.replace(/<!--[\s\S]*?-->/g, ""))?.[1] : undefined;
}

/**
 * Names an element's place for a message.
 *
 * @example
 * placeOf(report, element) // "line 12, testcase"
 */
export function placeOf(report: Report, { offset, name }: Pick<XmlElement, "offset" | "name">): string {
  return `${lineAt(report, offset)}, ${shorten(cleanText(name), 40)}`;
}

/**
 * Istanbul and others put a DOCTYPE on Cobertura that names a DTD and declares nothing. Spaces stand in for it, so that
 * nothing moves; every other declaration stays and is refused.
 */
function withoutDoctype(text: string): string {
  const bare =
    /^((?:\s|<\?xml[^<>]*\?>)*)(<!DOCTYPE\s+[A-Za-z][\w.:-]*(?:\s+(?:SYSTEM|PUBLIC\s+"[^"<>[\]]*")\s+"[^"<>[\]]*")?\s*>)/;
  return text.replace(bare, (_, before: string, doctype: string) => before + doctype.replace(/[^\n]/g, " "));
}

/** Declarations and the number of tags, before anything is built. */
function checkMarkup(report: Report): void {
  const { text } = report;
  let tags = 0;
  for (let index = text.indexOf("<"); index !== -1; index = text.indexOf("<", index + 1)) {
    tags += 1;
    if (tags > maximumTags) throw new ReportError(report, lineAt(report, index), `has more than ${maximumTags} tags`);
    if (text[index + 1] !== "!") continue;
    const end = text.startsWith("<!--", index) ? "-->" : text.startsWith("<![CDATA[", index) ? "]]>" : undefined;
    if (end === undefined)
      throw new ReportError(report, lineAt(report, index), "has a declaration (DOCTYPE, ENTITY): none is read");
    const close = text.indexOf(end, index + 4);
    if (close === -1)
      throw new ReportError(report, lineAt(report, index), "is not well-formed: a comment or CDATA does not end");
    index = close;
  }
}

function parse(report: Report): Node[] {
  try {
    return parser.parse(report.text) as Node[];
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ReportError(report, "", `is not XML that is read: ${wording(reason)}`);
  }
}

/** Goes down as deep as the parser let it: 64 levels. */
function elementOf(report: Report, node: Node): XmlElement {
  const name = Object.keys(node).find((key) => key !== ":@") ?? "";
  const offset =
    (node as Record<symbol, { startIndex: number }>)[XMLParser.getMetaDataSymbol() as symbol]?.startIndex ?? 0;
  const attributes = new Map<string, string>();
  for (const [key, value] of Object.entries((node[":@"] ?? {}) as Record<string, string>)) {
    // A `<` there would have hidden what follows from the search for declarations.
    if (value.includes("<"))
      throw new ReportError(report, placeOf(report, { offset, name }), "has a < in an attribute");
    attributes.set(key.slice(1), decode(report, offset, value));
  }
  let text = "";
  const children: XmlElement[] = [];
  for (const child of node[name] as Node[]) {
    if ("#text" in child) text += decode(report, offset, String(child["#text"]));
    else if ("#cdata" in child) text += String((child["#cdata"] as Node[])[0]?.["#text"] ?? "");
    else children.push(elementOf(report, child));
  }
  return { name, attributes, children, text: text.trim(), offset };
}

const predefined: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decode(report: Report, offset: number, text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&([^;&]{0,32};?)/g, (reference, body: string) => {
    const name = body.endsWith(";") ? body.slice(0, -1) : "";
    const number = /^#(?:([0-9]{1,7})|x([0-9a-fA-F]{1,6}))$/.exec(name);
    const code =
      number === null ? Number.NaN : Number.parseInt(number[1] ?? number[2] ?? "", number[1] === undefined ? 16 : 10);
    if (code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
    const character = Object.hasOwn(predefined, name) ? predefined[name] : undefined;
    if (character !== undefined) return character;
    throw new ReportError(
      report,
      lineAt(report, offset),
      `has a reference that is not read: ${shorten(cleanText(reference), 40)}`,
    );
  });
}

function lineAt(report: Report, offset: number): string {
  return `line ${report.text.slice(0, offset).split("\n").length}`;
}

function wording(message: string): string {
  return shorten(cleanText(message), 200).replace(/\.$/, "");
}
