import { XMLBuilder } from "fast-xml-parser";
import type { Shape } from "./operation.ts";

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", suppressEmptyNode: true });

/**
 * The answer of the query protocol: `<XResponse><XResult>...</XResult><ResponseMetadata/></XResponse>`.
 *
 * @param namespace - the service's XML namespace
 * @param result - absent members are left out, lists become `<member>`s, timestamps ISO 8601
 */
export function writeResult(operation: XmlOperation, namespace: string, result: unknown, requestId: string): string {
  const hasResult = !operation.output.isUnitSchema();
  return builder.build({
    [`${operation.name}Response`]: {
      "@xmlns": namespace,
      ...(hasResult && { [`${operation.name}Result`]: toXml(operation.output, result) ?? "" }),
      ResponseMetadata: { RequestId: requestId },
    },
  });
}

export interface XmlOperation {
  readonly name: string;
  readonly output: Shape;
}

/** An error of the query protocol. */
export function writeError(code: string, message: string, fault: "Sender" | "Receiver", namespace: string, id: string) {
  return builder.build({
    ErrorResponse: { "@xmlns": namespace, Error: { Type: fault, Code: code, Message: message }, RequestId: id },
  }) as string;
}

/** Data as the builder takes it: an empty list must stay an empty element, since clients tell it from an absent one. */
function toXml(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) {
    return value.length === 0 ? "" : { member: value.map((item) => toXml(shape.getValueSchema(), item) ?? "") };
  }
  if (typeof value !== "object") return String(value);
  return shape.isMapSchema() ? mapToXml(shape, value) : structureToXml(shape, value as Record<string, unknown>);
}

function mapToXml(shape: Shape, value: object): unknown {
  return {
    entry: Object.entries(value).map(([key, item]) => ({ key, value: toXml(shape.getValueSchema(), item) ?? "" })),
  };
}

/** Members that the shape does not know stay inside: they are the sandbox's own. */
function structureToXml(shape: Shape, value: Record<string, unknown>): unknown {
  const members = [...shape.structIterator()].map(([name, member]) => [name, toXml(member, value[name])] as const);
  return Object.fromEntries(members.filter(([, item]) => item !== undefined));
}
