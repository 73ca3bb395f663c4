/**
 * SARIF 2.1.0, as CodeQL, Semgrep, gosec, golangci-lint, gitleaks, zizmor, ESLint, govulncheck and others write it.
 *
 * A result counts when it fails (the default), is open or is up for review: the last two are not known to be harmless.
 * It is suppressed when every suppression of it is accepted, and gone when its baseline state is `absent`.
 *
 * What SARIF of some tools does not say: gosec leaves out packages that do not compile (it exits with 1, and with `-quiet`
 * writes no file where it finds nothing), and Trivy whether it knows the distribution: its JSON does.
 */
import {
  type Found,
  findingsReader,
  pathIn,
  type Scan,
  type ScanArgs,
  scannedDigest,
  timeIn,
  toolName,
} from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";
import { ruleId, rulesOf, severityOfResult } from "./sarif-rules.ts";
import { type SarifResult, type SarifRule, type SarifRun, sarifLog } from "./sarif-schema.ts";

/** Loosely: a log that breaks off is one, too. */
const recognised = /"(?:runs|\$schema)"\s*:\s*(?:\[|"[^"]*sarif)/;

export const sarif = findingsReader({
  format: "sarif",
  kinds: ["lint", "sast", "secrets", "dependencies", "container"],
  recognises: ({ text }: Report) => /^\s*\{/.test(text) && recognised.test(text),
  scan,
});

function scan(args: ScanArgs): Scan {
  const { report } = args;
  const { runs, inlineExternalProperties } = checkShape(report, sarifLog, parseJson(report));
  const [first] = runs;
  if (first === undefined) throw new ReportError(report, "runs", "there is no run: the tool did not report");
  if (inlineExternalProperties?.some(({ results = [] }) => results.length > 0))
    throw new ReportError(report, "inlineExternalProperties", "results stand outside of the runs");
  const parts = runs.map((run, number) => scanRun(args, run, `runs[${number}]`));
  const ends = parts.flatMap(({ ends }) => ends);
  const { driver } = first.tool;
  const database = driver.properties?.db_last_modified;
  return {
    tool: { name: driver.name, version: driver.semanticVersion ?? driver.version },
    found: parts.flatMap(({ found }) => found),
    suppressed: parts.reduce((sum, { suppressed }) => sum + suppressed, 0),
    // The oldest run tells how old all of it is.
    madeAt: ends.length === 0 ? undefined : ends.reduce((oldest, end) => Math.min(oldest, end)),
    databaseAt: database === undefined ? undefined : timeIn(report, "runs[0].tool.driver.properties", database),
    commit: commitOf(report, runs),
    digest: digestOf(report, runs),
  };
}

interface ScannedRun extends SarifRun {
  /** Whether it changes what rules say of themselves. */
  overridden: boolean;
}

function scanRun(args: ScanArgs, run: SarifRun, place: string) {
  checkRun(args.report, run, place);
  checkTool(args.report, run, place);
  const { results, invocations = [] } = run;
  const overridden = invocations.some(({ ruleConfigurationOverrides = [] }) => ruleConfigurationOverrides.length > 0);
  const scanned = { ...run, overridden };
  const found: Found[] = [];
  let suppressed = 0;
  for (const [number, result] of (results ?? []).entries()) {
    if (!counts(result)) continue;
    if (isSuppressed(result)) suppressed += 1;
    else found.push(foundOf(args, scanned, result, `${place}.results[${number}]`));
  }
  const ends = invocations.flatMap(({ endTimeUtc }, number) =>
    endTimeUtc === undefined
      ? []
      : (timeIn(args.report, `${place}.invocations[${number}].endTimeUtc`, endTimeUtc) ?? []),
  );
  return { found, suppressed, ends };
}

const counted = new Set<SarifResult["kind"]>(["fail", "open", "review"]);

const counts = ({ kind = "fail", baselineState }: SarifResult) => counted.has(kind) && baselineState !== "absent";

const isSuppressed = ({ suppressions }: SarifResult) =>
  (suppressions ?? []).length > 0 && suppressions?.every(({ status = "accepted" }) => status === "accepted") === true;

/** @throws ReportError for a run that failed, or whose results stand elsewhere */
function checkRun(report: Report, run: SarifRun, place: string): void {
  const { results, invocations = [], externalPropertyFileReferences: elsewhere } = run;
  if ((elsewhere?.results ?? []).length > 0)
    throw new ReportError(report, place, "its results stand in other files", "let the tool write one file");
  if (!Array.isArray(results)) throw new ReportError(report, place, "has no results: the tool looked for nothing");
  for (const [number, invocation] of invocations.entries()) {
    const at = `${place}.invocations[${number}]`;
    const { executionSuccessful, exitSignalName, processStartFailureMessage } = invocation;
    if (!executionSuccessful || exitSignalName !== undefined || processStartFailureMessage !== undefined)
      throw new ReportError(report, at, "the tool did not run to its end", "look at the tool's own output");
    const { toolExecutionNotifications = [], toolConfigurationNotifications = [] } = invocation;
    if ([...toolExecutionNotifications, ...toolConfigurationNotifications].some(({ level }) => level === "error"))
      throw new ReportError(report, at, "the tool says that it met an error", "look at the tool's own output");
  }
}

/** @throws ReportError where a tool looked at nothing, as far as SARIF of its own lets that be told */
function checkTool(report: Report, { tool, artifacts = [], results }: SarifRun, place: string): void {
  const name = toolName(tool.driver.name);
  if (name === "") throw new ReportError(report, `${place}.tool.driver.name`, "is no name");
  // Others leave good files out; ESLint lists all of them.
  if (name === "eslint" && artifacts.length === 0) throw new ReportError(report, place, "no file was linted");
  if (name === "golangci-lint" && results?.some((result) => ruleId(result) === "typecheck"))
    throw new ReportError(report, place, "the code does not compile: the linters saw none of it");
}

function foundOf(args: ScanArgs, run: ScannedRun, result: SarifResult, place: string): Found {
  const { report, root, kind } = args;
  const { overridden } = run;
  const rules = rulesOf(report, place, run, result);
  const id = ruleId(result) ?? rules[0]?.id ?? "(no rule)";
  const { file, line } = placeOf(report, root, run, result, place);
  const { partialFingerprints = {} } = result;
  const parts = Object.entries(partialFingerprints).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    id,
    // What a scanner for secrets holds for one is one, however sure it is.
    severity: kind === "secrets" ? "high" : severityOfResult(result, rules, overridden),
    title: titleOf(kind, result, rules[0], id),
    place: line === undefined ? file : `${file}:${line}`,
    fingerprint: [file, ...(parts.length > 0 ? parts.flat() : [result.message.text ?? ""])],
  };
}

const aboutSecrets = /hard-?coded|password|secret|credential|token|api-?key|cwe-0*(?:259|321|798)\b/i;

/** A message about a secret may quote it: of those, only what the rule says in general is kept. */
function titleOf(kind: ScanArgs["kind"], result: SarifResult, rule: SarifRule | undefined, id: string): string {
  const general = rule?.shortDescription?.text ?? rule?.name ?? id;
  const words = [id, rule?.name ?? "", ...(rule?.properties?.tags ?? [])];
  if (kind === "secrets" || words.some((word) => aboutSecrets.test(word))) return general;
  return result.message.text ?? general;
}

function placeOf(report: Report, root: string, run: SarifRun, { locations = [] }: SarifResult, place: string) {
  const { artifactLocation, region } = locations[0]?.physicalLocation ?? {};
  const { uri, index = -1 } = artifactLocation ?? {};
  const named = uri ?? (index >= 0 ? run.artifacts?.[index]?.location?.uri : "");
  if (named === undefined) throw new ReportError(report, place, "names a file by an index that is not there");
  return { file: named === "" ? "(no place)" : pathIn(root, named), line: region?.startLine };
}

/** @throws ReportError where the runs are of several images */
function digestOf(report: Report, runs: readonly SarifRun[]): string | undefined {
  const all = runs.flatMap(
    ({ properties: { imageName = "", repoDigests } = {} }) => scannedDigest(report, imageName, repoDigests ?? []) ?? [],
  );
  const [digest, ...others] = new Set(all);
  if (others.length > 0) throw new ReportError(report, "runs", "are of several images");
  return digest;
}

/** @throws ReportError where the runs are of several commits, or of several tools */
function commitOf(report: Report, runs: readonly SarifRun[]): string | undefined {
  if (new Set(runs.map(({ tool }) => toolName(tool.driver.name))).size > 1)
    throw new ReportError(report, "runs", "are of several tools", "collect one file per tool");
  const ids = runs.flatMap(({ versionControlProvenance = [] }) =>
    versionControlProvenance.flatMap(({ revisionId }) => revisionId?.toLowerCase() ?? []),
  );
  const commits = [...new Set(ids)];
  if (commits.length > 1) throw new ReportError(report, "runs", "are of several commits");
  return commits[0];
}
