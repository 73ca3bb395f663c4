/** Paths in reports, as paths in the repository. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { type Report, ReportError } from "./reader.ts";
import { cleanText, shorten } from "./text.ts";

/** Makes a report's path relative to the repository, with `/`. */
export interface Paths {
  /** @throws ReportError for a path that leads out of the repository */
  file(path: string, place: string): string;
  /** A path below one of several folders. @throws ReportError where it cannot be told which of them */
  inSources(sources: readonly string[], path: string, place: string): string;
  /** A Go import path and file. @throws ReportError where no `go.mod` says which folder it is */
  inModule(path: string, place: string): string;
}

/** Paths of a report about another checkout, of which only sums are taken. */
export const anyPaths: Paths = {
  file: (path) => path,
  inSources: (sources, path) => `${sources.join(":")}/${path}`,
  inModule: (path) => path,
};

const deepest = 40;
/** A report of names that nothing is known of would have the whole disk searched. */
const mostLookups = 100_000;

const separated = (path: string) => path.replaceAll("\\", "/");
const isAbsolute = (path: string) => path.startsWith("/") || /^[A-Za-z]:\//.test(path);

export class RepositoryPaths implements Paths {
  readonly #report: Report;
  /** Ends in `/`. */
  readonly #root: string;
  /** Folder of each Go module, by its name. */
  readonly #modules = new Map<string, string | undefined>();
  #lookups = 0;

  /** @param root absolute path of the repository's folder, there or in the container that the report is from */
  constructor(report: Report, root: string) {
    this.#report = report;
    this.#root = `${posix.normalize(separated(root)).replace(/\/$/, "")}/`;
  }

  file(path: string, place: string): string {
    const plain = posix.normalize(separated(path));
    const inside = isAbsolute(plain) ? this.#below(plain) : plain;
    if (inside === undefined || inside === ".." || inside.startsWith("../"))
      this.#refuse(
        place,
        path,
        "lies outside of the repository",
        "leave such files out of the report, or name the folder that its paths start from",
      );
    if (inside === "." || inside.endsWith("/")) this.#refuse(place, path, "names no file");
    return inside;
  }

  inSources(sources: readonly string[], path: string, place: string): string {
    if (isAbsolute(separated(path)) || sources.length === 0) return this.file(path, place);
    const paths = new Set(sources.map((source) => this.file(`${source}/${path}`, place)));
    const found = paths.size === 1 ? [...paths] : [...paths].filter((one) => isFile(this.#root + one));
    const [only, ...others] = found;
    if (only === undefined || others.length > 0)
      this.#refuse(place, path, `may be below each of ${paths.size} sources`);
    return only;
  }

  inModule(path: string, place: string): string {
    if (isAbsolute(path) || path.startsWith(".")) return this.file(path, place);
    const parts = path.split("/");
    if (parts.length > deepest) this.#refuse(place, path, `is deeper than ${deepest} folders`);
    for (let length = parts.length - 1; length > 0; length -= 1) {
      const folder = this.#folderOf(parts.slice(0, length));
      if (folder !== undefined) return this.file([...folder, ...parts.slice(length)].join("/"), place);
    }
    return this.#refuse(place, path, "is of no Go module whose go.mod is here", "run it in the repository's folder");
  }

  /** A module's folder is named by the end of the module's name, or is the repository's own. */
  #folderOf(module: readonly string[]): string[] | undefined {
    const name = module.join("/");
    if (!this.#modules.has(name)) {
      const starts = module.map((_, index) => index).concat(module.length);
      const start = starts.find((index) => this.#declares(module.slice(index).join("/"), name));
      this.#modules.set(name, start === undefined ? undefined : module.slice(start).join("/"));
    }
    const folder = this.#modules.get(name);
    return folder === undefined ? undefined : folder.split("/").filter((part) => part !== "");
  }

  #declares(folder: string, module: string): boolean {
    this.#lookups += 1;
    if (this.#lookups > mostLookups) this.#refuse("", module, "and others are of no Go module whose go.mod is here");
    const file = posix.normalize(`${this.#root}${folder}/go.mod`);
    if (this.#below(file) === undefined || !isFile(file)) return false;
    return /^module\s+"?([^\s"]+)/m.exec(readFileSync(file, "utf8"))?.[1] === module;
  }

  #below(path: string): string | undefined {
    return path.startsWith(this.#root) ? path.slice(this.#root.length) : undefined;
  }

  #refuse(place: string, path: string, reason: string, remedy?: string): never {
    throw new ReportError(this.#report, place, `${shorten(cleanText(path), 200)} ${reason}`, remedy);
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile() && statSync(path).size < 1024 * 1024;
}
