/**
 * Sluice's own cooking: what this run has found out about the repository becomes evidence about the example image, in a sandbox of its
 * own, and is judged by the gates that the pack has for prod. `.ci/run` calls it with the folder of the tests' reports.
 *
 * Exit code 1: a gate refuses that is not expected to, or a gate that is expected to refuse does not.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { actionlint, gitleaks, k6, npmAudit, npmSbom, zizmor } from "../test/support/reports.ts";
import { installGoTools, installZizmor } from "../test/support/tools.ts";

const root = path.resolve(import.meta.dirname, "..");
const [reports] = process.argv.slice(2);
const home = mkdtempSync(path.join(os.tmpdir(), "sluice-own-gates-"));
const env = { ...process.env, SLUICE_HOME: home, NO_COLOR: "1" };
const tag = "v0.0.0-ci";
const about = ["--stack", "prod", "--sandbox", "--image-tag", tag];

/** Gates that nothing here can feed. Each says why, and what would. */
const unfed = {
  container: "no scanner of images can be installed here: their databases come from registries of their own",
};

/** Sluice's own tests may be tried twice, and `.ci/run` tells which were; prod asks for more. */
const flaky = /^[\d,]+ flaky: /;
const repeated = "tests were repeated";

/** @returns its exit code, and what it said */
function sluice(...args) {
  const options = { cwd: root, env, encoding: "utf8", maxBuffer: 2 ** 26 };
  const { status, stdout, stderr, error } = spawnSync(path.join(root, "bin/sluice"), args, options);
  if (error) throw error;
  return { code: status, stdout, stderr };
}

function done(...args) {
  const { code, stdout, stderr } = sluice(...args);
  if (code !== 0) throw new Error(`sluice ${args.join(" ")} ended with ${code}:\n${stderr}`);
  return stdout;
}

/**
 * The reports, as `sluice gate collect` takes them.
 *
 * @param {string} url where the example runs
 */
async function makeReports(url) {
  const file = (name) => path.join(reports, name);
  const tools = await installGoTools("actionlint", "gitleaks", "k6");
  await Promise.all([
    actionlint({ command: tools.actionlint, root, file: file("actionlint.sarif") }),
    zizmor({ command: await installZizmor(), root, file: file("zizmor.sarif") }),
    gitleaks({ command: tools.gitleaks, root, file: file("gitleaks.sarif") }),
    npmAudit({ command: "npm", root, file: file("audit.json") }),
    npmSbom({ command: "npm", root: path.join(root, "examples/service"), file: file("sbom.json") }),
  ]);
  await k6(
    { command: tools.k6, root, file: file("k6.json") },
    path.join(root, "examples/service/test/load.k6.js"),
    url,
  );
  const suites = { unit: "test.xml", contract: "contract.xml", cold: "cold.xml" };
  return [
    ...Object.entries(suites).map(([suite, name]) => `tests:${suite}=${file(name)}`),
    `coverage=${path.join(root, "coverage/lcov.info")}`,
    `lint:actionlint=${file("actionlint.sarif")}`,
    `sast:zizmor=${file("zizmor.sarif")}`,
    `secrets:gitleaks=${file("gitleaks.sarif")}`,
    `sbom=${file("sbom.json")}`,
    `load=${file("k6.json")}`,
    ...(auditAnswered(file("audit.json")) ? [`dependencies:npm=${file("audit.json")}`] : []),
  ];
}

/** Some registries have no audit endpoint. What they do not answer is unknown, and never becomes evidence. */
function auditAnswered(file) {
  const audit = JSON.parse(readFileSync(file, "utf8"));
  if (audit.error === undefined && audit.vulnerabilities !== undefined) return true;
  unfed.dependencies = `npm audit had no answer: ${audit.message ?? audit.error?.summary}`;
  return false;
}

/** @returns complaints */
function judge() {
  const { code, stdout, stderr } = sluice("gate", "check", ...about, "--json");
  if (code !== 0 && code !== 5) throw new Error(`sluice gate check ended with ${code}:\n${stderr}`);
  const gates = JSON.parse(stdout).images.flatMap((image) => image.gates);
  const reasonOf = ({ gate, found }) => (flaky.test(found) ? repeated : unfed[gate.split(".")[0]]);
  const refused = gates.filter(({ passed }) => !passed);
  const passed = gates.filter((one) => one.passed);
  console.log(`${passed.length} of ${gates.length} gates of prod let the example image pass`);
  for (const [reason, group] of Map.groupBy(refused, reasonOf)) {
    if (reason) console.log(`  as expected, not ${group.map(({ gate }) => gate).join(", ")}: ${reason}`);
  }
  return [
    ...(gates.length === 0 ? ["there is no gate"] : []),
    ...refused.filter((one) => !reasonOf(one)).map(({ gate, found }) => `${gate} refuses: found ${found}`),
    ...passed.filter(reasonOf).map(({ gate }) => `${gate} passes without anything that feeds it`),
  ];
}

try {
  done("up", "--stack", "foundation", "--sandbox", "--yes");
  done("push", "examples/service", "--repository", "api", "--tag", tag, "--stack", "foundation", "--sandbox");
  // On a laptop nobody asks for proof: there it is put under load.
  done("up", "--stack", "local", "--image-tag", tag);
  const { url } = JSON.parse(done("outputs", "--stack", "local", "--json")).services.api;
  const collect = ["gate", "collect", "--repository", "api", ...about];
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  done(...collect, "--commit", commit, ...(await makeReports(url)));
  const complaints = judge();
  for (const complaint of complaints) console.log(`gates: ${complaint}`);
  if (complaints.length > 0) process.exitCode = 1;
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary) appendFileSync(summary, sluice("gate", "check", ...about, "--markdown").stdout);
} finally {
  if (existsSync(path.join(home, "sandbox"))) sluice("sandbox", "stop");
  rmSync(home, { recursive: true, force: true });
}
