import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { GetProgramDependenciesRequest, ProgramInfo } from "@pulumi/pulumi/proto/language_pb.js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";

interface Manifest {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

interface Lock {
  packages?: Record<string, { version?: string; link?: boolean }>;
}

/** The provider plugins that the program's direct dependencies stand for, so that the engine can install them before it starts. */
export function requiredPackages(info: ProgramInfo | undefined): languagePb.GetRequiredPackagesResponse {
  const answer = new languagePb.GetRequiredPackagesResponse();
  if (!info) return answer;
  const root = info.getProgramDirectory();
  for (const name of Object.keys(manifestOf(root)?.dependencies ?? {})) {
    const found = dependency(root, name);
    const pulumi = found?.pulumi;
    if (!found || !pulumi?.resource) continue;
    const required = new pluginPb.PackageDependency();
    required.setName(pulumi.name ?? name.replace(/^@pulumi\//, ""));
    required.setKind("resource");
    required.setVersion(`v${(pulumi.version ?? found.version ?? "").replace(/^v/, "")}`);
    required.setServer(pulumi.server ?? "");
    answer.addPackages(required);
  }
  return answer;
}

/** What `pulumi about` shows: the Node that runs programs, and the compiler that a ts-node program would load. */
export function about(info: ProgramInfo | undefined): languagePb.AboutResponse {
  const answer = new languagePb.AboutResponse();
  answer.setExecutable(process.execPath);
  answer.setVersion(process.version);
  const metadata = answer.getMetadataMap();
  metadata.set("packagemanager", "npm");
  const typescript = info ? dependency(info.getProgramDirectory(), "typescript")?.version : undefined;
  if (typescript) metadata.set("typescriptVersion", typescript);
  return answer;
}

/** Direct dependencies with their installed versions, or all that the lock file names. */
export function programDependencies(request: GetProgramDependenciesRequest): languagePb.GetProgramDependenciesResponse {
  const root = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const answer = new languagePb.GetProgramDependenciesResponse();
  const add = (name: string, version: string | undefined): void => {
    answer.addDependencies(new languagePb.DependencyInfo().setName(name).setVersion(version ?? ""));
  };
  if (request.getTransitivedependencies()) {
    for (const [name, version] of lockedPackages(root)) add(name, version);
  } else {
    const manifest = manifestOf(root);
    const names = Object.keys({ ...manifest?.dependencies, ...manifest?.devDependencies });
    for (const name of names) add(name, dependency(root, name)?.version);
  }
  return answer;
}

function lockedPackages(root: string): Array<[string, string | undefined]> {
  const lock = json<Lock>(path.join(root, "package-lock.json"));
  const installed = Object.entries(lock?.packages ?? {}).filter(([place, entry]) => place !== "" && !entry.link);
  return installed.map(([place, entry]) => [
    place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length),
    entry.version,
  ]);
}

function manifestOf(directory: string): Manifest | undefined {
  return json<Manifest>(path.join(directory, "package.json"));
}

/** Looks where Node would look, without asking the package to export its own package.json. */
function dependency(root: string, name: string): Manifest | undefined {
  const places = createRequire(path.join(root, "noop.js")).resolve.paths(name) ?? [];
  for (const place of places) {
    const manifest = manifestOf(path.join(place, name));
    if (manifest) return manifest;
  }
  return undefined;
}

function json<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}
