import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { main } from "../../automation/cli.ts";
import { program } from "../../automation/command-table.mjs";
import { OptionReader, releaseOverrides } from "../../automation/options.ts";
import { repositoryRoot } from "../../automation/paths.ts";
import { parseInvocation } from "../../automation/pulumi-arguments.ts";
import { shellExports, shellQuote } from "../../automation/shell.ts";
import { recordOutput } from "./engine-fixture.ts";

const sluice = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(repositoryRoot, "automation/cli.mjs"), ...args], { encoding: "utf8" });

describe("sluice", () => {
  it("names every command in its help, on stdout", () => {
    const { status, stdout, stderr } = sluice("--help");
    assert.deepEqual([status, stderr], [0, ""]);
    for (const { name, summary } of program.commands)
      assert.ok(stdout.includes(`  ${name}`) && stdout.includes(summary), name);
  });

  it("without a command shows its help on stderr and fails with exit code 2", () => {
    const { status, stdout, stderr } = sluice();
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^Usage: sluice <command>/);
  });

  it("shows what each command takes", () => {
    for (const { name, options = [] } of program.commands) {
      const { status, stdout } = sluice(name, "--help");
      assert.equal(status, 0);
      for (const { flags } of options) assert.ok(stdout.includes(flags), `${name} ${flags}`);
    }
  }).timeout(30_000);

  const wrong: string[][] = [
    ["bogus"],
    ["up", "--bogus"],
    ["up", "extra"],
    ["rollback"],
    ["push", "--tag", "v1"],
    ["sandbox", "bogus"],
    ["push", ".", "--repository", "api", "--tag", "v1", "--builder", "magic"],
  ];
  for (const args of wrong) {
    it(`refuses \`${args.join(" ")}\` with exit code 2, and says where to read more`, () => {
      const { status, stdout, stderr } = sluice(...args);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, /^error: .*\n.*\(.*--help says more\)/s);
    });
  }

  it("tells every wrong option at once, before anything is started", async () => {
    const output = recordOutput();
    const code = await main(
      ["up", "--image-tag", "-x", "--candidate", "v2", "--weight", "101", "--timeout", "soon"],
      output,
    );
    assert.equal(code, 2);
    for (const option of ["--image-tag", "--weight", "--timeout", "--image-tag and --candidate"])
      assert.ok(output.text().includes(`  ${option}: `), option);
  });

  it("refuses a stack that has no file", async () => {
    const output = recordOutput();
    assert.equal(await main(["outputs", "--stack", "nowhere"], output), 2);
    assert.match(output.text(), /there is no Pulumi\.nowhere\.yaml.*\n.*name one of: .*local/);
  });
});

describe("releases on the command line", () => {
  const read = (options: Record<string, string>) => {
    const reader = new OptionReader(options);
    const overrides = releaseOverrides(reader);
    reader.done();
    return overrides;
  };

  it("are for all services, or for the one that is named", () => {
    assert.deepEqual(read({ imageTag: "v1" }), { all: { imageTag: "v1" } });
    assert.deepEqual(read({ imageTag: "v1", service: "api" }), { services: { api: { imageTag: "v1" } } });
    assert.deepEqual(read({ candidate: "v2", weight: "0" }), { all: { candidate: { imageTag: "v2", weight: 0 } } });
    assert.deepEqual(read({}), {});
  });

  for (const options of [
    { candidate: "v2" },
    { weight: "5" },
    { service: "api" },
    { imageTag: "v1", candidate: "v2", weight: "5" },
    { candidate: "v2", weight: "5.5" },
  ] as Record<string, string>[]) {
    it(`refuse ${JSON.stringify(options)}`, () => assert.throws(() => read(options), { exitCode: 2 }));
  }
});

describe("a Pulumi command line", () => {
  const cases: [line: string, expected: Partial<ReturnType<typeof parseInvocation>>][] = [
    ["up -s local --yes", { command: "up", stack: "local" }],
    ["update --stack=prod", { command: "up", stack: "prod" }],
    ["-C . pre --stack prod --sandbox", { command: "preview", stack: "prod", sandbox: true }],
    ["up -slocal", { command: "up", stack: "local" }],
    ["stack select local", { command: "stack", stack: "local" }],
    ["stack ls", { command: "stack", stack: undefined }],
    ["cancel prod --yes", { command: "cancel", stack: "prod" }],
    ["up --config-file x.yaml -s dev", { command: "up", stack: "dev", configFile: true }],
    ["", { command: "", stack: undefined }],
    ["--version", { command: "", stack: undefined }],
  ];
  for (const [line, expected] of cases) {
    it(`\`${line}\` is read`, () => {
      const invocation = parseInvocation(line.split(" ").filter(Boolean));
      for (const [key, value] of Object.entries(expected))
        assert.equal(invocation[key as keyof typeof invocation], value, key);
    });
  }

  it("passes on everything but our own flag", () => {
    assert.deepEqual(parseInvocation(["up", "--sandbox", "--config", "a=b", "-s", "x"]).args, [
      "up",
      "--config",
      "a=b",
      "-s",
      "x",
    ]);
  });
});

describe("lines for a shell", () => {
  it("survive whatever stands in a value", () => {
    const value = "a'b\"c$(touch x)`y`\\ \n*; #";
    const lines = shellExports({ SLUICE_A: value, SLUICE_GONE: undefined, "BASH_FUNC_x%%": "no" });
    const { stdout } = spawnSync(
      "/bin/sh",
      ["-c", `SLUICE_GONE=1; ${lines.join("\n")}\nprintf '%s|%s' "$SLUICE_A" "\${SLUICE_GONE-unset}"`],
      { encoding: "utf8" },
    );
    assert.equal(stdout, `${value}|unset`);
    assert.equal(shellQuote(""), "''");
  });
});
