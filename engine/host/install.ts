import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { InstallDependenciesRequest } from "@pulumi/pulumi/proto/language_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";

/**
 * `pulumi install`: npm, by the lock file where there is one.
 *
 * @throws Error when npm is missing or fails
 */
export async function installDependencies(
  call: ServerWritableStream<InstallDependenciesRequest, languagePb.InstallDependenciesResponse>,
): Promise<void> {
  const directory = call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory();
  const locked = existsSync(path.join(directory, "package-lock.json"));
  const npm = spawn("npm", [locked ? "ci" : "install"], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  call.on("cancelled", () => npm.kill("SIGTERM"));
  npm.stdout.on("data", (chunk: Buffer) => call.write(new languagePb.InstallDependenciesResponse().setStdout(chunk)));
  npm.stderr.on("data", (chunk: Buffer) => call.write(new languagePb.InstallDependenciesResponse().setStderr(chunk)));
  await new Promise<void>((resolve, reject) => {
    npm.once("error", (error) => reject(new Error(`cannot start npm: ${error.message}`)));
    npm.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`npm failed in ${directory} (exit code ${code})`)),
    );
  });
  call.end();
}
