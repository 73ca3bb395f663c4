import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { CloudError } from "../cloud/error.ts";
import { inRegion } from "../cloud/region.ts";
import { MissingMember } from "./decode.ts";
import { asCloudError } from "./errors.ts";
import { readJson, writeJson } from "./json.ts";
import { errorNames, findOperation } from "./operation.ts";
import { readParameters, readQuery } from "./query.ts";
import { findAddressee, jsonOperation, readBody } from "./request.ts";
import type { CloudServices, ServiceDescription } from "./services.ts";
import { writeError, writeResult } from "./xml.ts";

export type { CloudServices } from "./services.ts";

/**
 * Serves the AWS wire protocols on `POST /`: a request is decoded into the SDK's own input shape, answered by the method of the
 * domain class that has the operation's name, and the result or error is encoded in the service's protocol.
 *
 * Signatures are not checked: the daemon listens on loopback, and any credentials are good.
 *
 * @example http.createServer((req, res) => void createAwsHandler(cloud)(req, res))
 */
export function createAwsHandler(cloud: CloudServices): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    const requestId = randomUUID();
    const answer = await respond(req, cloud, requestId);
    if (answer === "none") {
      res.destroy();
      return;
    }
    res.writeHead(answer.status, { ...answer.headers, "x-amzn-requestid": requestId, date: new Date().toUTCString() });
    res.end(answer.body);
  };
}

/** An answer, or `none` where a fault asks that the caller gets none. */
interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function respond(req: IncomingMessage, cloud: CloudServices, requestId: string): Promise<Answer | "none"> {
  let service: ServiceDescription | undefined;
  try {
    const body = await readBody(req);
    if (req.method !== "POST")
      throw new CloudError("MethodNotAllowed", `${req.method} is not allowed, only POST is`, 405);
    const addressee = findAddressee(req.headers);
    const found = addressee.service;
    service = found;
    const answer = () =>
      found.protocol === "query"
        ? answerQuery(found, body, cloud, requestId)
        : answerJson(found, req.headers, body, cloud);
    return await (addressee.region === undefined ? answer() : inRegion(addressee.region, answer));
  } catch (thrown) {
    if (thrown instanceof CloudError && thrown.dropConnection) return "none";
    if (!(thrown instanceof CloudError || thrown instanceof MissingMember)) cloud.log?.(describe(service, thrown));
    return failure(service, thrown, requestId);
  }
}

function describe(service: ServiceDescription | undefined, thrown: unknown): string {
  return `aws ${service?.title}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`;
}

async function answerJson(
  service: ServiceDescription,
  headers: IncomingHttpHeaders,
  body: string,
  cloud: CloudServices,
) {
  const operation = await findOperation(service, jsonOperation(headers, service), cloud);
  const result = await operation.call(readJson(body, operation.shapes?.input));
  return { status: 200, headers: jsonHeaders(), body: writeJson(result) };
}

async function answerQuery(service: ServiceDescription, body: string, cloud: CloudServices, requestId: string) {
  const request = readQuery(body);
  const { shapes, name, call } = await findOperation(service, request.action, cloud);
  if (shapes === undefined) throw new Error(`the shapes of ${name} are not known`);
  const result = await call(readParameters(request, shapes.input));
  const xml = writeResult({ name, output: shapes.output }, service.target, result, requestId);
  return { status: 200, headers: xmlHeaders(), body: xml };
}

async function failure(service: ServiceDescription | undefined, thrown: unknown, requestId: string): Promise<Answer> {
  const named = thrown instanceof MissingMember ? new CloudError(service?.invalidCode ?? "", thrown.message) : thrown;
  const { code, message, httpStatus } = asCloudError(named);
  if (service === undefined) return jsonFailure({ code, message, httpStatus }, code);
  const names = await errorNames(service, code);
  const fault = { code, message, httpStatus: names.httpStatus ?? httpStatus };
  if (service.protocol === "query") return queryFailure(service, { ...fault, code: names.code }, requestId);
  return jsonFailure(fault, service.queryCompatible ? names.code : undefined);
}

type Fault = Pick<CloudError, "code" | "message" | "httpStatus">;

/** @param queryCode - the code as the service's older, query clients know it */
function jsonFailure(fault: Fault, queryCode?: string): Answer {
  const headers: Record<string, string> = { ...jsonHeaders(), "x-amzn-errortype": fault.code };
  if (queryCode !== undefined) headers["x-amzn-query-error"] = `${queryCode};${faultParty(fault)}`;
  return { status: fault.httpStatus, headers, body: writeJson({ __type: fault.code, message: fault.message }) };
}

function queryFailure(service: ServiceDescription, fault: Fault, requestId: string): Answer {
  const body = writeError(fault.code, fault.message, faultParty(fault), service.target, requestId);
  return { status: fault.httpStatus, headers: xmlHeaders(), body };
}

const faultParty = (fault: Fault): "Sender" | "Receiver" => (fault.httpStatus >= 500 ? "Receiver" : "Sender");
const jsonHeaders = (): Record<string, string> => ({ "content-type": "application/x-amz-json-1.1" });
const xmlHeaders = (): Record<string, string> => ({ "content-type": "text/xml" });
