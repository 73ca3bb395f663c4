/** Reports as the command line names them: `KIND[:NAME]=FILE`, and `baseline:KIND[:NAME]=FILE`. */
import { type ReportKind, reportKinds } from "../../model/gates/results.ts";

/** Read from the registry and from git: nobody can hand these in. */
const ours = {
  image: "the registry says it, and is always asked",
  change: "git says it: --change BASE..HEAD",
} as const;
type Ours = keyof typeof ours;
export type HandedIn = Exclude<ReportKind, Ours>;

/** Kinds that the command line takes, in the order in which help names them. */
export const handedIn = reportKinds.filter((kind): kind is HandedIn => !Object.hasOwn(ours, kind));

export interface ReportArgument {
  kind: HandedIn;
  /** Suite, scanner or scenario; without one, the tool says it. */
  name: string | undefined;
  file: string;
  /** The same report at the commit that the change starts from. */
  baseline: string | undefined;
}

const grammar = /^(?<baseline>baseline:)?(?<kind>[^:=]*)(?::(?<name>[^=]*))?=(?<file>.*)$/s;
const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

/**
 * Takes the arguments apart; every mistake is told.
 *
 * @example
 * readReportArguments(["tests:unit=junit.xml"]).reports // [{ kind: "tests", name: "unit", file: "junit.xml", baseline: undefined }]
 */
export function readReportArguments(args: readonly string[]): { reports: ReportArgument[]; mistakes: string[] } {
  const mistakes: string[] = [];
  const reports = new Map<string, ReportArgument>();
  const baselines = new Map<string, string>();
  for (const arg of args) {
    // Verdicts say `sluice gate collect image`: that is what happens anyway.
    if (arg === "image") continue;
    const read = readArgument(arg);
    if (typeof read === "string") {
      mistakes.push(read);
      continue;
    }
    const { baseline, kind, name, file } = read;
    const key = keyOf(kind, name);
    const found = baseline ? baselines : reports;
    // Scanners say their own names, so several reports of a kind need none; which baseline is whose they cannot say.
    const place = !baseline && name === undefined ? `${key}#${reports.size}` : key;
    if (found.has(place)) mistakes.push(`${baseline ? "baseline:" : ""}${key}: given twice`);
    else if (baseline) baselines.set(key, file);
    else reports.set(place, { kind, name, file, baseline: undefined });
  }
  for (const [key, file] of baselines) {
    const own = [...reports.values()].filter(({ kind, name }) => keyOf(kind, name) === key);
    const [report] = own;
    if (report !== undefined && own.length === 1) report.baseline = file;
    else if (report === undefined) mistakes.push(`baseline:${key}: there is no ${key}=FILE that it belongs to`);
    else mistakes.push(`baseline:${key}: ${own.length} reports could be meant; give each a name: ${key}:NAME=FILE`);
  }
  return { reports: [...reports.values()], mistakes };
}

const keyOf = (kind: string, name: string | undefined): string => (name === undefined ? kind : `${kind}:${name}`);

interface Argument {
  baseline: boolean;
  kind: HandedIn;
  name: string | undefined;
  file: string;
}

/** @returns the mistake in words, where there is one */
function readArgument(arg: string): Argument | string {
  const { baseline, kind = arg, name, file = "" } = grammar.exec(arg)?.groups ?? {};
  const got = JSON.stringify(arg.slice(0, 200));
  if (Object.hasOwn(ours, kind)) return `${kind}: no report is read as that: ${ours[kind as Ours]}`;
  if (!handedIn.includes(kind as HandedIn)) return `KIND[:NAME]=FILE, KIND one of ${handedIn.join(", ")}; got ${got}`;
  if (file === "") return `${kind}: a file must follow the =; got ${got}`;
  if (name !== undefined && !namePattern.test(name)) {
    return `${kind}: a name is 1 to 64 of a-z 0-9 . _ -, its ends letters or digits; got ${JSON.stringify(name.slice(0, 100))}`;
  }
  return { baseline: baseline !== undefined, kind: kind as HandedIn, name, file };
}

/** Kinds whose reports are told apart by the tool that made them. */
const byTool: ReadonlySet<string> = new Set(["lint", "sast", "secrets", "dependencies", "container", "dast"]);

/**
 * The name of a report that was given none: a scanner's own, else the kind's.
 *
 * @example
 * nameOf("sast", "CodeQL command-line toolchain") // "codeql-command-line-toolchain"
 */
export function nameOf(kind: ReportKind, tool: string): string {
  if (!byTool.has(kind)) return kind;
  const name = tool
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, "-")
    .slice(0, 64)
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
  return name === "" ? kind : name;
}
