import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TargetDoc } from "../cloud/elb-model.ts";
import type { Connections } from "./connections.ts";
import { requestHeaders } from "./http-headers.ts";

/**
 * Passes a request to switch protocols (websockets) to its target and joins both connections when the target agrees.
 *
 * @param report told the target's status, or 502 as the load balancer's own.
 */
export function proxyUpgrade(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  target: TargetDoc,
  connections: Connections,
  listener: { protocol: string; port: number },
  report: (status: number, own: boolean) => void,
): void {
  const { done } = connections.enter(target);
  client.once("close", done);
  client.on("error", () => client.destroy());
  const headers = requestHeaders(request, listener.protocol, listener.port, true).slice(0, -2);
  headers.push("Connection", "Upgrade", "Upgrade", request.headers.upgrade ?? "websocket");
  const { ip: host, port } = target;
  const path = request.url ?? "/";
  const upstream = httpRequest({
    host,
    port,
    path,
    method: request.method ?? "GET",
    headers,
    agent: false,
    setHost: false,
  });
  upstream.once("upgrade", (answered, socket, first) => {
    report(101, false);
    client.write(headOf(answered));
    if (first.length > 0) client.write(first);
    if (head.length > 0) socket.write(head);
    socket.on("error", () => client.destroy());
    socket.once("close", () => client.destroy());
    client.once("close", () => socket.destroy());
    socket.pipe(client).pipe(socket);
  });
  upstream.once("response", (answered) => {
    report(answered.statusCode ?? 502, false);
    client.write(headOf(answered, "Connection: close\r\n"));
    answered.pipe(client);
  });
  upstream.on("error", () => {
    report(502, true);
    client.end("HTTP/1.1 502 Bad Gateway\r\nServer: awselb/2.0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  upstream.end();
}

function headOf(answered: IncomingMessage, extra = ""): string {
  let text = `HTTP/1.1 ${answered.statusCode} ${answered.statusMessage}\r\n`;
  for (let index = 0; index + 1 < answered.rawHeaders.length; index += 2) {
    const [name = "", value = ""] = answered.rawHeaders.slice(index, index + 2);
    // Node has decoded the body already, and its end is the end of this connection.
    if (extra !== "" && ["transfer-encoding", "connection"].includes(name.toLowerCase())) continue;
    text += `${name}: ${value}\r\n`;
  }
  return `${text}${extra}\r\n`;
}
