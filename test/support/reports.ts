/** Reports that the real tools make about a work tree, for tests and for Sluice's own gates. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { repositoryRoot } from "../../automation/paths.ts";

/** Where a tool works, and the file that its report becomes. */
export interface ReportArgs {
  /** The tool's command. */
  command: string;
  /** The work tree. */
  root: string;
  file: string;
}

/** What a tool found is told by its report, not by its exit code; any other code is its failure. */
async function run(command: string, args: readonly string[], cwd: string, codes: readonly number[]): Promise<string> {
  const { exitCode, stdout, stderr } = await execa(command, args, { cwd, reject: false });
  if (exitCode === undefined || !codes.includes(exitCode)) {
    throw new Error(`${path.basename(command)} ended with ${exitCode}:\n${stderr || stdout}`);
  }
  return stdout;
}

const workflows = (root: string) =>
  readdirSync(path.join(root, ".github/workflows"))
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => path.join(".github/workflows", file));

/** Faults of workflows, as SARIF. */
export async function actionlint({ command, root, file }: ReportArgs): Promise<void> {
  const template = readFileSync(path.join(import.meta.dirname, "tools/actionlint/sarif.tmpl"), "utf8");
  // Other linters, which some machines have and others have not, are left out.
  const options = ["-no-color", "-shellcheck=", "-pyflakes=", "-format", template];
  writeFileSync(file, await run(command, [...options, ...workflows(root)], root, [0, 1]));
}

/** Dangers of workflows, as SARIF; what it would ask GitHub for is left out. */
export async function zizmor({ command, root, file }: ReportArgs): Promise<void> {
  const options = ["--offline", "--quiet", "--format", "sarif", "--persona", "pedantic"];
  writeFileSync(file, await run(command, [...options, ...workflows(root)], root, [0]));
}

/** Secrets in every commit, as SARIF, without the secrets. */
export async function gitleaks({ command, root, file }: ReportArgs): Promise<void> {
  const options = ["--no-banner", "--redact", "--report-format", "sarif", "--report-path", file];
  await run(command, ["git", ...options, "."], root, [0, 1]);
}

/** Vulnerabilities of dependencies, as npm tells them. Where its registry has no answer, the report is the error. */
export async function npmAudit({ command, root, file }: ReportArgs): Promise<void> {
  writeFileSync(file, await run(command, ["audit", "--json"], root, [0, 1]));
}

/** What the image carries, as CycloneDX: without what only tests need. */
export async function npmSbom({ command, root, file }: ReportArgs): Promise<void> {
  writeFileSync(file, await run(command, ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev"], root, [0]));
}

/** What a load test took, as k6 sums it up. */
export async function k6({ command, root, file }: ReportArgs, script: string, url: string): Promise<void> {
  const options = ["--quiet", "--no-usage-report", "--no-color", "--summary-trend-stats", "p(95),p(99)"];
  await run(command, ["run", ...options, "--summary-export", file, "--env", `URL=${url}`, script], root, [0]);
}

export interface MochaArgs {
  /** Where paths in the reports begin. */
  root: string;
  /** Patterns of files, relative to the root: tests to run, and sources whose coverage counts. */
  tests: string;
  sources: string;
  /** Gets `junit.xml` and `lcov.info`. */
  folder: string;
}

/** mocha's own xunit reporter, and c8 around it. */
export async function mochaAndC8({ root, tests, sources, folder }: MochaArgs): Promise<void> {
  const bin = (name: string) => path.join(repositoryRoot, "node_modules", name);
  const coverage = ["--include", sources, "--reporter", "lcovonly", "--reports-dir", folder];
  const reporter = ["--reporter", "xunit", "--reporter-option", `output=${path.join(folder, "junit.xml")}`];
  const mocha = [process.execPath, bin("mocha/bin/mocha.js"), "--no-config", tests, ...reporter];
  // Tests that failed are told by the report.
  await run(process.execPath, [bin("c8/bin/c8.js"), ...coverage, ...mocha], root, [0, 1]);
}
