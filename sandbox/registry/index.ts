import type { Cloud, Part } from "../cloud/index.ts";
import { listenPatiently } from "../ports.ts";
import { createRegistryServer } from "./server.ts";
import { sweepUploads } from "./uploads.ts";

/** After this time an upload is given up, in milliseconds. */
const UPLOAD_LIFE_MS = 24 * 3600 * 1000;

/**
 * Serves ECR's repositories as an OCI registry on 127.0.0.1.
 *
 * @example
 * const part = await startRegistry(cloud, 5000);
 */
export async function startRegistry(cloud: Cloud, port: number): Promise<Part> {
  await sweepUploads(cloud, UPLOAD_LIFE_MS);
  const server = createRegistryServer(cloud);
  await listenPatiently(server, port);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    status: () => ({ port }),
  };
}
