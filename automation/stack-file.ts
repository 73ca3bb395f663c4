/** A committed stack file, `Pulumi.<stack>.yaml`, the repository's own or an example's: found, parsed, and checked for what may not be committed. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Document, isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from "yaml";
import { configurationError } from "./errors.ts";

/** The project's name, and so the namespace of its configuration. */
export const project = "sluice";

export interface StackFile {
  file: string;
  document: Document;
  lines: LineCounter;
}

/** Pull requests share one stack file: each preview stack is that configuration under a name of its own. */
const previewStack = /^(?<prefix>.+-)?preview-pr-\d+$/;

/**
 * The file that holds a stack's configuration.
 *
 * @example
 * stackFileName("preview-pr-12") // "Pulumi.preview.yaml"
 */
export function stackFileName(stack: string): string {
  const name = stack.split("/").at(-1) as string;
  const preview = previewStack.exec(name);
  return `Pulumi.${preview === null ? name : `${preview.groups?.prefix ?? ""}preview`}.yaml`;
}

/** Folders that stack files stand in: the repository's own first, then one for each example. */
function stackFolders(root: string): string[] {
  const examples = path.join(root, "examples");
  if (!existsSync(examples)) return [root];
  const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [root, ...folders.map(({ name }) => path.join(examples, name)).sort()];
}

/** Stacks that the repository has a file for: its own, then the examples'. */
export function knownStacks(root: string): string[] {
  return stackFolders(root).flatMap((folder) =>
    readdirSync(folder)
      .map((name) => /^Pulumi\.([A-Za-z0-9._-]+)\.yaml$/.exec(name)?.[1])
      .filter((name) => name !== undefined)
      .sort(),
  );
}

/**
 * Looks for a stack's file beside `Pulumi.yaml`, and then in `examples/`.
 *
 * @returns undefined where there is none
 * @throws SluiceError (2) where the repository has none and two examples have one
 * @example
 * findStackFile(repositoryRoot, "salunga-prod") // "<repository>/examples/salunga/Pulumi.salunga-prod.yaml"
 */
export function findStackFile(root: string, stack: string): string | undefined {
  const name = stackFileName(stack);
  const [own, ...examples] = stackFolders(root).map((folder) => path.join(folder, name)) as [string, ...string[]];
  if (existsSync(own)) return own;
  const found = examples.filter((file) => existsSync(file));
  if (found.length <= 1) return found[0];
  throw configurationError(`${found.length} examples have a ${name}`, {
    details: found.map((file) => path.relative(root, file)),
    remedy: "rename all but one of them: a stack has one file",
  });
}

/**
 * @throws SluiceError (2) where the file is missing, is there twice, or is no YAML
 * @example
 * const { document } = readStackFile(repositoryRoot, "local");
 */
export function readStackFile(root: string, stack: string): StackFile {
  if (!/^(?:[A-Za-z0-9][A-Za-z0-9._-]*\/){0,2}[A-Za-z0-9][A-Za-z0-9._-]*$/.test(stack)) {
    throw configurationError(`"${stack}" is no name of a stack`, {
      remedy: "use letters, digits, . _ and -; ORG/PROJECT/ may stand before the name",
    });
  }
  const file = findStackFile(root, stack);
  if (file === undefined) {
    throw configurationError(`there is no ${stackFileName(stack)} for stack ${stack}, here or in examples/*/`, {
      remedy: `name one of: ${knownStacks(root).join(", ") || "(none yet)"}; or write that file`,
    });
  }
  return parseStackFile(file, readFileSync(file, "utf8"));
}

/** @throws SluiceError (2) where the text is no YAML map */
export function parseStackFile(file: string, text: string): StackFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems = document.errors.map((error) => error.message.split("\n")[0] as string);
  if (problems.length === 0 && document.contents === null) problems.push("the file is empty; it needs `config:`");
  const { contents } = document;
  if (problems.length === 0 && contents !== null && !isMap(contents)) problems.push("the file must hold a map");
  const config = document.get("config");
  if (problems.length === 0 && config !== undefined && config !== null && !isMap(config)) {
    problems.push("config: must be a map");
  }
  if (problems.length > 0) throw configurationError(`${path.basename(file)} cannot be read`, { details: problems });
  return { file, document, lines };
}

/** The `config` map, or undefined where the file has none. */
export function configMap({ document }: StackFile): YAMLMap | undefined {
  const config = document.get("config");
  return isMap(config) ? config : undefined;
}

/** The settings below the project's namespace as plain data, bare keys too, as `checkConfig` wants them. */
export function projectSettings(stackFile: StackFile): Record<string, unknown> {
  const all = (configMap(stackFile)?.toJS(stackFile.document) ?? {}) as Record<string, unknown>;
  const own = Object.entries(all)
    .filter(([key]) => !key.includes(":") || key.startsWith(`${project}:`))
    .map(([key, value]) => [key.replace(`${project}:`, ""), parseStructured(value)] as const);
  return Object.fromEntries(own);
}

/** The CLI may have written a structured value as JSON text; a secret stays what it is. */
function parseStructured(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A place in a stack file, for messages. */
export interface Finding {
  /** Dotted path below the namespace. */
  field: string;
  /** First line is 1; undefined where the value has no position of its own. */
  line: number | undefined;
}

/** Settings that name a release. They are given per run: left in a file, they would deploy again on the next run. */
const perServiceRun = ["imageTag", "candidate", "release"] as const;

/**
 * Every setting of a release that the file holds.
 *
 * @example
 * findRunSettings(readStackFile(root, "local")).map(({ field }) => field) // ["services.api.imageTag"]
 */
export function findRunSettings(stackFile: StackFile): Finding[] {
  const config = configMap(stackFile);
  if (config === undefined) return [];
  const findings: Finding[] = [];
  for (const { key, value } of config.items) {
    const name = isScalar(key) ? String(key.value) : String(key);
    const line = isScalar(key) && key.range ? stackFile.lines.linePos(key.range[0]).line : undefined;
    const own = name.replace(`${project}:`, "");
    if (own === "imageTag" || own === "releases") findings.push({ field: own, line });
    if (own !== "services") continue;
    const services = isMap(value)
      ? value.toJS(stackFile.document)
      : parseStructured(isScalar(value) ? value.value : undefined);
    for (const [service, settings] of Object.entries((services ?? {}) as Record<string, unknown>)) {
      for (const setting of perServiceRun) {
        if (settings === null || typeof settings !== "object" || !(setting in settings)) continue;
        findings.push({
          field: `services.${service}.${setting}`,
          line: lineOf(stackFile, [name, service, setting]) ?? line,
        });
      }
    }
  }
  return findings;
}

function lineOf({ document, lines }: StackFile, keys: readonly string[]): number | undefined {
  const node = document.getIn(["config", ...keys], true) as { range?: [number, number, number] } | undefined;
  return node?.range ? lines.linePos(node.range[0]).line : undefined;
}

/** @throws SluiceError (2) where a committed file names releases */
export function refuseRunSettings(stackFile: StackFile, stack: string): void {
  const findings = findRunSettings(stackFile);
  if (findings.length === 0) return;
  const name = path.basename(stackFile.file);
  throw configurationError(`${name} names a release; a committed stack file holds no tags and no weights`, {
    details: findings.map(({ field, line }) => `${project}:${field}${line === undefined ? "" : ` (line ${line})`}`),
    remedy: `remove ${findings.length === 1 ? "it" : "them"}: ${findings
      .map(({ field }) => `npm run pulumi -- config rm --path ${project}:${field} --stack ${stack}`)
      .join(" && ")}; and give tags per run: sluice up --stack ${stack} --image-tag TAG`,
  });
}
