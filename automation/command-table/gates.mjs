/** Commands about quality gates: evidence, judgements, approvals, the audit log. */
import { stack as anyStack, json, sandbox } from "./options.mjs";

/** Without a default: `local` has no gates, and "allowed" there would be taken for an answer about production. */
const stack = { ...anyStack, summary: "stack whose gates are meant", required: true };

const imageTag = { flags: "--image-tag <tag>", summary: "release, as the registry has it" };
const artifact = {
  flags: "--artifact <file>",
  summary: "what is released where it is no image: evidence is about this file's SHA-256",
};
const repository = { flags: "--repository <name>", summary: "only the image in this repository" };
const as = {
  flags: "--as <login>",
  summary: "who you are, in the sandbox (elsewhere your key, or GITHUB_ACTOR, says so)",
};
const reason = { flags: "--reason <text>", summary: "why; it is kept, and shown" };

/** @type {readonly import("../command-table.d.mts").Command[]} */
export const gateCommands = [
  {
    name: "gate",
    summary: "quality gates: collect evidence about an image, and judge it as an update would",
    commands: [
      {
        name: "collect",
        module: "./commands/gate-collect.ts",
        summary: "read report files, and sign what they say of an image",
        details: [
          "A report is KIND[:NAME]=FILE; baseline:KIND[:NAME]=FILE is the same report of the commit that a change starts from.",
          "Kinds: tests, coverage, lint, sast, secrets, dependencies, container, dast, sbom, provenance, load, benchmarks, release, artifacts.",
          "Many files of JUnit XML are one suite: tests:unit='target/surefire-reports/TEST-*.xml'.",
          "All reports are read before anything is written. What the registry holds of the image is always evidence, too.",
          "Example: sluice gate collect --stack prod --repository api --image-tag v1.1.0 tests:unit=junit.xml coverage=lcov.info",
          "Example: sluice gate collect --stack prod --repository api --image-tag v1.1.0 --change origin/main..HEAD sast:gosec=gosec.sarif",
          "Example: sluice gate collect --stack release --artifact dist/checksums.txt --release-tag v1.1.0 release=CHANGELOG.md",
        ],
        args: [{ name: "[report...]", summary: "KIND[:NAME]=FILE, or baseline:KIND[:NAME]=FILE" }],
        options: [
          stack,
          sandbox,
          {
            flags: "--repository <name>",
            summary: "repository of the image, as the registry names it; required but for --artifact",
          },
          { flags: "--image-tag <tag>", summary: "the image's tag; or --digest, or --artifact" },
          { flags: "--digest <digest>", summary: "the image's digest, sha256:..." },
          artifact,
          { flags: "--release-tag <tag>", summary: "version that the changelog must tell of (default: --image-tag)" },
          {
            flags: "--commit <sha>",
            summary: "commit that the image was built from (default: HEAD of --root, where nothing is changed)",
          },
          {
            flags: "--change <range>",
            summary: "what the release changes, BASE..HEAD: authors, paths, types of commits",
          },
          { flags: "--root <folder>", summary: "the git work tree that the reports speak of (default: here)" },
          {
            flags: "--environment <name>",
            summary: "environment that was measured, as by a load test or a scan of a running service",
          },
          { flags: "--attach", summary: "attach the evidence to the image in the registry, too" },
          json,
        ],
      },
      {
        name: "check",
        module: "./commands/gate-check.ts",
        summary: "judge the images that the stack would run with a tag, or runs now",
        details: [
          "The same judgement that an update is held to: the policy pack's floor, and the stack's own gates. No engine starts.",
          "Exit code 5: refused.",
          "Example: sluice gate check --stack prod --image-tag v1.1.0",
        ],
        options: [
          stack,
          sandbox,
          { ...imageTag, summary: "release to judge (default: what runs now)" },
          artifact,
          { flags: "--service <name>", summary: "only this service (default: all of the stack)" },
          repository,
          { flags: "--markdown", summary: "print Markdown, for a comment or a job's summary" },
          json,
        ],
      },
      {
        name: "explain",
        module: "./commands/gate-explain.ts",
        summary: "the gates in force: what each asks, who set it, what feeds it, whether evidence is there",
        details: [
          "Example: sluice gate explain --stack prod",
          "Example: sluice gate explain coverage --stack prod --image-tag v1.1.0",
        ],
        args: [{ name: "[gate]", summary: "only this gate, and those below it" }],
        options: [
          stack,
          sandbox,
          { ...imageTag, summary: "release whose evidence is looked at" },
          artifact,
          repository,
          json,
        ],
      },
      {
        name: "waive",
        module: "./commands/gate-waive.ts",
        summary: "let a release pass one gate for some hours, in your name; the audit log keeps it",
        details: [
          "Who may, and for how long, stands in the gates of the environment (waivers).",
          "Example: sluice gate waive lint.issues --stack prod --image-tag v1.1.0 --reason 'false alarm, #12' --hours 24",
          "Example: sluice gate waive --break-glass --stack prod --image-tag v1.1.0 --reason 'outage, #13' --hours 2",
        ],
        args: [{ name: "[gate]", summary: "the gate, as `sluice gate check` names it" }],
        options: [
          stack,
          sandbox,
          imageTag,
          artifact,
          repository,
          { ...reason, required: true },
          { flags: "--hours <count>", summary: "how long it holds", required: true },
          { flags: "--break-glass", summary: "every gate at once; loud, and only for who may" },
          as,
          json,
        ],
      },
      {
        name: "report",
        module: "./commands/gate-report.ts",
        summary: "the judgement as a document: Markdown for a pull request, one HTML page, JSON",
        details: ["Example: sluice gate report --stack prod --image-tag v1.1.0 --format html --output gates.html"],
        options: [
          stack,
          sandbox,
          imageTag,
          artifact,
          { flags: "--service <name>", summary: "only this service (default: all of the stack)" },
          repository,
          {
            flags: "--format <format>",
            summary: "markdown (default), html or json",
            choices: ["markdown", "html", "json"],
          },
          { flags: "--output <file>", summary: "write it there (default: stdout)" },
          json,
        ],
      },
    ],
  },
  {
    name: "approve",
    module: "./commands/approve.ts",
    summary: "let a release into an environment, in your name and role",
    details: [
      "Refused at once where it would not count: unknown people, a role that you do not have, a change of your own.",
      "Example: sluice approve --stack prod --image-tag v1.1.0 --role senior-engineer",
    ],
    options: [
      stack,
      sandbox,
      imageTag,
      artifact,
      repository,
      { flags: "--role <role>", summary: "the role that you approve in", required: true },
      reason,
      { flags: "--hours <count>", summary: "how long it holds (default: 72)" },
      as,
      json,
    ],
  },
  {
    name: "approvals",
    module: "./commands/approvals.ts",
    summary: "who let a release in, who still must, and what does not count",
    details: ["Exit code 20: somebody still must.", "Example: sluice approvals --stack prod --image-tag v1.1.0"],
    options: [stack, sandbox, imageTag, artifact, repository, json],
  },
  {
    name: "audit",
    summary: "the log of collections, approvals, waivers, deployments and rollbacks",
    commands: [
      {
        name: "verify",
        module: "./commands/audit.ts",
        summary: "check that no entry was changed, taken out or put in",
        details: [
          "It prints the log's head. Keep it somewhere else: with --head it is seen, too, when the end was cut off.",
          "Example: sluice audit verify --stack prod --head 7:3b1f...",
        ],
        options: [stack, sandbox, { flags: "--head <head>", summary: "head that was printed earlier" }, json],
      },
      {
        name: "show",
        module: "./commands/audit.ts",
        summary: "print the entries, oldest first",
        details: ["Example: sluice audit show --stack prod --action approval --since 2026-11-01"],
        options: [
          stack,
          sandbox,
          { flags: "--since <time>", summary: "only from then on, ISO 8601" },
          { flags: "--action <name>", summary: "only these, e.g. deployment" },
          { flags: "--limit <count>", summary: "only the newest" },
          json,
        ],
      },
    ],
  },
];
