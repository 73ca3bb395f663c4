import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CloudServices, createAwsHandler } from "../../../sandbox/wire/index.ts";

/** A handler on a free port of loopback, over a cloud that a test makes up. */
export interface WireServer {
  readonly endpoint: string;
  /** What every client of the sandbox is configured with. */
  readonly clientConfig: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  close(): Promise<void>;
}

export async function serve(cloud: CloudServices): Promise<WireServer> {
  const handler = createAwsHandler(cloud);
  const server: Server = createServer((req, res) => void handler(req, res));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    clientConfig: {
      endpoint,
      region: "eu-west-1",
      credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
      maxAttempts: 1,
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
