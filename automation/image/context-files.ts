/** Finds what a COPY takes from the build context, and lets nothing in from outside of it. */
import { lstat, readdir, readFile, readlink, realpath } from "node:fs/promises";
import path from "node:path";
import { ImageError } from "./image-error.ts";
import { type IgnoreRules, isPattern, patternOf, readIgnoreRules } from "./path-pattern.ts";
import type { CopyStep } from "./recipe.ts";

/** Something in a layer. Paths are those in the image, without a leading slash. */
export type LayerEntry =
  | { readonly type: "directory"; readonly path: string }
  | { readonly type: "file"; readonly path: string; readonly source: string; readonly executable: boolean }
  | { readonly type: "symlink"; readonly path: string; readonly target: string };

/** A folder that an image is built from. */
export interface BuildContext {
  /** Absolute, without symbolic links. */
  readonly root: string;
  readonly ignore: IgnoreRules;
}

/**
 * Opens a context and reads its ignore file: `<Dockerfile>.dockerignore` if there, else `.dockerignore`.
 *
 * @param dockerfile path of the Dockerfile
 * @throws {ImageError} `usage` when `folder` is not a folder
 * @example
 * const context = await openContext("examples/service", "examples/service/Dockerfile");
 */
export async function openContext(folder: string, dockerfile: string): Promise<BuildContext> {
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined || !(await lstat(root)).isDirectory()) {
    throw new ImageError("usage", `the build context ${folder} is not a folder`);
  }
  for (const file of [`${dockerfile}.dockerignore`, path.join(root, ".dockerignore")]) {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw new ImageError("usage", `${file} cannot be read`, { cause: error });
    });
    if (text !== undefined) return { root, ignore: readIgnoreRules(text) };
  }
  return { root, ignore: readIgnoreRules("") };
}

/**
 * Lists what a COPY puts into the image. Symbolic links stay links; one that leads out of the context is refused, because
 * the image would then hold, or reach, what its builder did not name.
 *
 * @throws {ImageError} `build`, with the Dockerfile's line
 * @example
 * await collectCopy(context, { line: 3, sources: ["."], destination: "/app/" });
 */
export async function collectCopy(context: BuildContext, step: CopyStep): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  try {
    for (const source of step.sources) {
      for (const file of await matchSource(context, source))
        entries.push(...(await collectSource(context, file, step)));
    }
  } catch (error) {
    if (error instanceof ImageError) throw error;
    const { code, path: file = "a file", message } = error as NodeJS.ErrnoException;
    const shown = path.relative(context.root, file);
    const what = code === "ENOENT" ? `${shown} vanished while the image was built` : `${shown}: ${message}`;
    throw new ImageError("build", `Dockerfile: line ${step.line}: ${what}`, { cause: error });
  }
  return entries;
}

/** Paths within the context that a source names. Those that are ignored do not exist. */
async function matchSource(context: BuildContext, source: string): Promise<string[]> {
  const cleaned = path.posix.normalize(source).replace(/^\/+|\/+$/g, "");
  if (cleaned === ".." || cleaned.startsWith("../")) {
    throw new ImageError("build", `COPY ${source} leads out of the build context`);
  }
  if (!isPattern(cleaned)) return [cleaned || "."];
  let found = [""];
  for (const segment of cleaned.split("/")) {
    const pattern = patternOf(segment);
    const lists = found.map(async (folder) => {
      const names = await readdir(path.join(context.root, folder)).catch(() => []);
      return names.filter((name) => pattern.test(name)).map((name) => path.posix.join(folder, name));
    });
    found = (await Promise.all(lists)).flat();
  }
  const kept = found.filter((file) => !context.ignore.ignores(file)).toSorted(byBytes);
  if (kept.length > 0) return kept;
  throw new ImageError("build", `COPY ${source} matches nothing in the build context that is not ignored`);
}

async function collectSource(context: BuildContext, file: string, step: CopyStep): Promise<LayerEntry[]> {
  const where = `Dockerfile: line ${step.line}`;
  const real = await realpath(path.join(context.root, file)).catch((error: NodeJS.ErrnoException) => {
    throw new ImageError("build", `${where}: COPY ${file}: ${error.code === "ENOENT" ? "not found" : error.message}`, {
      cause: error,
    });
  });
  const inContext = path.relative(context.root, real);
  if (!isWithin(context.root, real)) {
    throw new ImageError("build", `${where}: COPY ${file} is a link that leads out of the build context`);
  }
  const status = await lstat(real);
  if (status.isDirectory()) return walk(context, inContext, step.destination.replace(/^\/|\/$/g, ""), where);
  if (inContext !== "" && context.ignore.ignores(inContext)) {
    throw new ImageError("build", `${where}: COPY ${file}: not found, because .dockerignore leaves it out`);
  }
  const folder = step.destination.endsWith("/");
  const to = folder ? `${step.destination}${path.posix.basename(file)}` : step.destination;
  return [fileEntry(real, to.slice(1), status, where)];
}

async function walk(context: BuildContext, folder: string, to: string, where: string): Promise<LayerEntry[]> {
  const ignored = folder !== "" && context.ignore.ignores(folder);
  if (ignored && !context.ignore.hasExceptions) return [];
  const entries: LayerEntry[] = [];
  for (const name of await readdir(path.join(context.root, folder))) {
    const file = path.posix.join(folder, name);
    const source = path.join(context.root, file);
    const target = path.posix.join(to, name);
    const status = await lstat(source);
    if (status.isDirectory()) entries.push(...(await walk(context, file, target, where)));
    else if (context.ignore.ignores(file)) continue;
    else if (status.isSymbolicLink()) entries.push(await linkEntry(context, source, target, where));
    else entries.push(fileEntry(source, target, status, where));
  }
  // An ignored folder is there only for what an exception takes back in.
  const wanted = to !== "" && (!ignored || entries.length > 0);
  return wanted ? [{ type: "directory", path: to }, ...entries] : entries;
}

async function linkEntry(context: BuildContext, source: string, to: string, where: string): Promise<LayerEntry> {
  const target = await readlink(source);
  if (path.isAbsolute(target) || !isWithin(context.root, path.resolve(path.dirname(source), target))) {
    const shown = path.relative(context.root, source);
    throw new ImageError("build", `${where}: ${shown} is a link that leads out of the build context, to ${target}`, {
      hint: "Make it relative and within the context, or name it in .dockerignore",
    });
  }
  return { type: "symlink", path: to, target };
}

function fileEntry(source: string, to: string, status: { isFile(): boolean; mode: number }, where: string): LayerEntry {
  if (status.isFile()) return { type: "file", path: to, source, executable: (status.mode & 0o100) !== 0 };
  throw new ImageError("build", `${where}: ${source} is a socket, pipe or device, which no image can hold`, {
    hint: "Name it in .dockerignore",
  });
}

function isWithin(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The same order on every machine, whatever its language. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
