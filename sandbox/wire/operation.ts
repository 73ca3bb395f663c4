import { NormalizedSchema } from "@smithy/core/schema";
import { CloudError } from "../cloud/error.ts";
import type { CloudServices, ServiceDescription } from "./services.ts";

/** A shape as the SDK's clients describe it. */
export type Shape = NormalizedSchema;

/** Turns a shape, a lazy reference to one or a member of one into something that can be asked. */
export const shapeOf = (ref: unknown): Shape => NormalizedSchema.of(ref as Parameters<typeof NormalizedSchema.of>[0]);

/** An operation that the sandbox serves: its shapes, where known, and the domain method that answers it. */
export interface Operation {
  readonly name: string;
  /** @default plain JSON is passed on as it comes */
  readonly shapes?: { readonly input: Shape; readonly output: Shape };
  readonly call: (input: unknown) => unknown;
}

/** Kind number of an operation in the SDK's static schemas: `[9, namespace, name, traits, () => input, () => output]`. */
const operationKind = 9;

/**
 * Finds an operation of a service and the domain method of the same name (`PutImage` is answered by `putImage`).
 *
 * @throws CloudError UnknownOperationException (JSON) or InvalidAction (query), naming the operation and whether it is AWS or
 *   the sandbox that does not know it
 */
export async function findOperation(
  service: ServiceDescription,
  name: string,
  cloud: CloudServices,
): Promise<Operation> {
  const schema = await operationSchema(service, name);
  if (schema === undefined && !service.operations?.includes(name)) {
    throw unknownOperation(service, `${JSON.stringify(name)} is not an operation of ${service.title}`);
  }
  const call = service.cloudKeys.map((key) => domainMethod(cloud[key], name)).find((method) => method !== undefined);
  if (call === undefined) {
    throw unknownOperation(service, `the sandbox does not serve the operation ${name} of ${service.title}`);
  }
  return schema === undefined
    ? { name, call }
    : { name, shapes: { input: shapeOf(schema[4]), output: shapeOf(schema[5]) }, call };
}

function domainMethod(domain: object | undefined, operation: string): Operation["call"] | undefined {
  const method = (domain as Record<string, unknown> | undefined)?.[
    operation.charAt(0).toLowerCase() + operation.slice(1)
  ];
  return typeof method === "function" ? (input) => method.call(domain, input) : undefined;
}

function unknownOperation(service: ServiceDescription, message: string): CloudError {
  return new CloudError(service.protocol === "query" ? "InvalidAction" : "UnknownOperationException", message);
}

async function operationSchema(service: ServiceDescription, name: string): Promise<unknown[] | undefined> {
  const exported = (await service.schemas?.())?.[`${name}$`];
  return Array.isArray(exported) && exported[0] === operationKind ? exported : undefined;
}

/** What a service puts on the wire for an exception: clients of the query days know codes, not class names. */
export interface ErrorNames {
  readonly code: string;
  readonly httpStatus?: number;
}

/**
 * The wire code and status of an error, given either the exception's class name or the code itself.
 *
 * @example await errorNames(elb, "RuleNotFoundException") // { code: "RuleNotFound", httpStatus: 400 }
 */
export async function errorNames(service: ServiceDescription, code: string): Promise<ErrorNames> {
  const exported = (await service.schemas?.())?.[`${code}$`];
  if (!Array.isArray(exported) || exported[0] !== errorKind) return { code };
  const traits = shapeOf(exported).getMergedTraits() as { awsQueryError?: [string, number] };
  const [wireCode, httpStatus] = traits.awsQueryError ?? [code];
  return httpStatus === undefined ? { code: wireCode } : { code: wireCode, httpStatus };
}

/** Kind number of an error in the SDK's static schemas. */
const errorKind = -3;
