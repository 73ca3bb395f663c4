import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

export interface Mirror {
  url: string;
  close(): void;
}

/** An archive as the vendor makes it. */
export async function archive(files: Record<string, string>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name, mode: 0o755 }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

/** The list that goes with it. */
export function checksums(name: string, content: Buffer): string {
  return `${"0".repeat(128)}  other.tar.gz\n${createHash("sha512").update(content).digest("hex")}  ${name}\n`;
}

/**
 * Serves files by name from a loopback port.
 * @param files a value of undefined accepts the request and never answers
 */
export async function serve(files: Record<string, string | Buffer | undefined>): Promise<Mirror> {
  const server: Server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? "";
    if (!(name in files)) response.writeHead(404).end();
    else if (files[name] !== undefined) response.end(files[name]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
