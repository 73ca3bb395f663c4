/** What a Dockerfile says about an image, its variables filled in. */
import path from "node:path/posix";
import type { DockerfileLine, ParsedDockerfile } from "./dockerfile.ts";
import { ImageError } from "./image-error.ts";
import { expandWord, splitWords, WordError } from "./word-expansion.ts";

/** A COPY. */
export interface CopyStep {
  readonly line: number;
  /** Paths or patterns within the context. */
  readonly sources: readonly string[];
  /** Absolute path in the image; with `/` at its end it is a folder. */
  readonly destination: string;
}

/** What the Dockerfile sets; what it does not is left to the base image. */
export interface Recipe {
  readonly copies: readonly CopyStep[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `80/tcp`, sorted. */
  readonly ports: readonly string[];
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

/** What the base image brings. */
export interface RecipeBase {
  readonly environment: Readonly<Record<string, string>>;
  /** @default "/" */
  readonly workingDirectory?: string;
}

/** Docker's own, for images whose base sets none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The image that FROM names, or undefined for `scratch`.
 *
 * @throws {ImageError} `usage` when FROM is of a form that is not understood
 * @example
 * readBase(parseDockerfile("ARG V=24\nFROM node:${V}\n"), {}); // "node:24"
 */
export function readBase(dockerfile: ParsedDockerfile, args: Readonly<Record<string, string>>): string | undefined {
  const reader = new RecipeReader(dockerfile, args, { environment: {} });
  for (const line of dockerfile.lines) {
    if (line.keyword === "ARG") reader.read(line);
    if (line.keyword !== "FROM") continue;
    const [image = "", as, stage, ...rest] = splitWords(line.text, dockerfile.escapeWith);
    if (rest.length > 0 || (as !== undefined && (as.toUpperCase() !== "AS" || stage === undefined))) {
      throw new ImageError("usage", `Dockerfile: line ${line.line}: FROM takes one image, and AS with a name`);
    }
    const name = reader.expand(image, line);
    if (name === "") throw new ImageError("usage", `Dockerfile: line ${line.line}: FROM ${image} names no image`);
    return name === "scratch" ? undefined : name;
  }
  return undefined;
}

/**
 * Reads what stands behind FROM.
 *
 * @param args build arguments; only those that an ARG declares take effect, as with docker
 * @throws {ImageError} `usage`, with the line
 * @example
 * readRecipe(parseDockerfile("FROM scratch\nARG V\nENV V=$V\n"), { V: "1" }, { environment: {} }).environment; // { V: "1" }
 */
export function readRecipe(
  dockerfile: ParsedDockerfile,
  args: Readonly<Record<string, string>>,
  base: RecipeBase,
): Recipe {
  const from = dockerfile.lines.findIndex((line) => line.keyword === "FROM");
  const reader = new RecipeReader(dockerfile, args, base, globalDefaults(dockerfile, from, args));
  for (const line of dockerfile.lines.slice(from + 1)) reader.read(line);
  return reader.recipe();
}

/** An ARG before FROM is known behind it only where it is declared again; its default then holds. */
function globalDefaults(dockerfile: ParsedDockerfile, from: number, args: Readonly<Record<string, string>>) {
  const reader = new RecipeReader(dockerfile, args, { environment: {} });
  for (const line of dockerfile.lines.slice(0, from)) reader.read(line);
  return reader.args;
}

class RecipeReader {
  readonly args: Record<string, string> = {};
  readonly #escapeWith: string;
  readonly #given: Readonly<Record<string, string>>;
  readonly #globals: Readonly<Record<string, string>>;
  readonly #inherited: Readonly<Record<string, string>>;
  readonly #environment: Record<string, string> = {};
  readonly #labels: Record<string, string> = {};
  readonly #ports = new Set<string>();
  readonly #copies: CopyStep[] = [];
  #workingDirectory: string;
  #set: { workingDirectory?: string; user?: string; entrypoint?: string[]; command?: string[] } = {};

  constructor(
    dockerfile: ParsedDockerfile,
    given: Readonly<Record<string, string>>,
    base: RecipeBase,
    globals: Readonly<Record<string, string>> = {},
  ) {
    this.#escapeWith = dockerfile.escapeWith;
    this.#given = given;
    this.#globals = globals;
    this.#inherited = base.environment;
    this.#workingDirectory = base.workingDirectory || "/";
  }

  recipe(): Recipe {
    return {
      copies: this.#copies,
      environment: this.#environment,
      labels: this.#labels,
      ports: [...this.#ports].toSorted(),
      ...this.#set,
    };
  }

  read(line: DockerfileLine): void {
    if (line.keyword === "ARG") this.#readArg(line);
    else if (line.keyword === "ENV") Object.assign(this.#environment, this.#pairs(line));
    else if (line.keyword === "LABEL") Object.assign(this.#labels, this.#pairs(line));
    else if (line.keyword === "WORKDIR") this.#readWorkdir(line);
    else if (line.keyword === "COPY") this.#readCopy(line);
    else if (line.keyword === "USER") this.#set.user = this.expand(line.text, line);
    else if (line.keyword === "EXPOSE") this.#readExpose(line);
    else if (line.keyword === "ENTRYPOINT") this.#set.entrypoint = commandOf(line);
    else if (line.keyword === "CMD") this.#set.command = commandOf(line);
  }

  expand(word: string, line: DockerfileLine): string {
    // What ENV sets wins over an ARG of the same name, wherever it stands.
    const variables = { ...this.#inherited, ...this.args, ...this.#environment };
    try {
      return expandWord(word, variables, this.#escapeWith);
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
      throw problem(line, error.message);
    }
  }

  #words(line: DockerfileLine): string[] {
    return splitWords(line.text, this.#escapeWith);
  }

  #readArg(line: DockerfileLine): void {
    for (const word of this.#words(line)) {
      const { name, value } = splitPair(word);
      if (Object.hasOwn(this.#given, name)) this.args[name] = this.#given[name] as string;
      else if (value !== undefined) this.args[name] = this.expand(value, line);
      else if (Object.hasOwn(this.#globals, name)) this.args[name] = this.#globals[name] as string;
    }
  }

  /** `NAME=value ...`, or the old form `NAME value`. All values of one line see what held before it. */
  #pairs(line: DockerfileLine): Record<string, string> {
    const words = this.#words(line);
    if (splitPair(words[0] ?? "").value === undefined) {
      const [name = "", rest] = [words[0], line.text.slice(words[0]?.length ?? 0).trim()];
      if (rest === "") throw problem(line, `${line.keyword} ${name} has no value`);
      return { [this.expand(name, line)]: this.expand(rest, line) };
    }
    const pairs = words.map((word) => {
      const { name, value } = splitPair(word);
      if (value === undefined || name === "") throw problem(line, `${word} is not NAME=value`);
      return [this.expand(name, line), this.expand(value, line)];
    });
    return Object.fromEntries(pairs);
  }

  #readWorkdir(line: DockerfileLine): void {
    this.#workingDirectory = path.resolve("/", this.#workingDirectory, this.expand(line.text, line));
    this.#set.workingDirectory = this.#workingDirectory;
  }

  #readCopy(line: DockerfileLine): void {
    const words = jsonArray(line) ?? this.#words(line);
    const expanded = words.map((word) => this.expand(word, line));
    const to = expanded.at(-1);
    const sources = expanded.slice(0, -1);
    if (to === undefined || to === "" || sources.length === 0 || sources.includes("")) {
      throw problem(line, "COPY needs at least one source and a destination");
    }
    if (sources.length > 1 && !/(?:\/|^\.{1,2}|\/\.{1,2})$/.test(to)) {
      throw problem(line, `COPY of several sources needs a destination that ends with /, not ${to}`);
    }
    const folder = sources.length > 1 || /(?:\/|^\.{1,2}|\/\.{1,2})$/.test(to);
    const destination = path.resolve("/", this.#workingDirectory, to);
    const end = folder && destination !== "/" ? "/" : "";
    this.#copies.push({ line: line.line, sources, destination: `${destination}${end}` });
  }

  #readExpose(line: DockerfileLine): void {
    for (const word of this.#words(line)) {
      const port = this.expand(word, line);
      const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(port);
      const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
      if (!match || first < 1 || last < first || last > 65_535) throw problem(line, `${word} is not a port`);
      for (let number = first; number <= last; number += 1) {
        this.#ports.add(`${number}/${(match[3] ?? "tcp").toLowerCase()}`);
      }
    }
  }
}

function problem(line: DockerfileLine, message: string): ImageError {
  return new ImageError("usage", `Dockerfile: line ${line.line}: ${message}`);
}

function splitPair(word: string): { name: string; value?: string } {
  const at = word.indexOf("=");
  return at < 0 ? { name: word } : { name: word.slice(0, at), value: word.slice(at + 1) };
}

/** The exec form, else the command for a shell, as docker stores it. */
function commandOf(line: DockerfileLine): string[] {
  return jsonArray(line) ?? ["/bin/sh", "-c", line.text];
}

function jsonArray(line: DockerfileLine): string[] | undefined {
  if (!line.text.startsWith("[")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    value = undefined;
  }
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  // Docker would run such a line in a shell, which is never what was meant.
  throw problem(line, `${line.keyword} looks like a JSON array of strings and is none`);
}
