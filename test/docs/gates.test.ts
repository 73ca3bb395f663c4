import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readers } from "../../automation/readers/index.ts";
import { gates } from "../../model/gates/config.ts";
import { describeGates } from "../../model/gates/judge.ts";
import { packGates } from "../../model/gates/pack.ts";
import { gatesFor } from "../../model/gates/section.ts";

const root = path.join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const page = read("docs/gates.md");
const settings = JSON.parse(read("policy/config.json"))["images-proven"];

/** Lines of the table below a heading, without its head. */
function rowsBelow(heading: string): string[] {
  const text = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2);
}

describe("docs/gates.md", () => {
  it("has the gates that the pack really demands by default, environment by environment", () => {
    const environments = ["prod", ...Object.keys(settings.environments)];
    const rows = new Map<string, string[]>();
    for (const environment of environments) {
      const { floor } = packGates(settings, environment);
      for (const { gate, needed } of describeGates(gatesFor(floor, "api"))) {
        // How old evidence may be is told once, in the text.
        const row = `\`${gate}\` | ${needed.replace(/, reported in the last \d+ h$/, "")}`;
        rows.set(row, [...(rows.get(row) ?? []), environment]);
      }
    }
    const expected = [...rows].map(([row, where]) => `| ${row} | ${where.join(", ")} |`);
    assert.deepEqual(rowsBelow("Defaults"), expected, `write it so:\n${expected.join("\n")}\n`);
    const hours = packGates(settings, "prod").floor.ageHours;
    assert.match(page, new RegExp(`older than\\s${hours} hours`));
  });

  it("explains every setting there is", () => {
    const explained = rowsBelow("Every gate").flatMap((row) => [
      ...(row.split("|")[1] ?? "").matchAll(/`([a-zA-Z]+)/g),
    ]);
    const names = new Set(explained.map(([, name]) => name));
    assert.deepEqual(
      Object.keys(gates.shape).filter((name) => !names.has(name)),
      [],
    );
  });

  it("names every format that is read", () => {
    const rows = rowsBelow("What is read").join("\n");
    assert.deepEqual(
      readers.map(({ format }) => format).filter((format) => !rows.includes(`\`${format}\``)),
      [],
    );
  });

  it("says of every format whether its tool ran here, as the fixtures say", () => {
    const notRun = /\bnot run here\b/;
    const fixtures = read("test/automation/readers/fixtures/README.md").split("\n");
    for (const tool of ["trivy", "grype", "zap", "cargo-audit", "codeql", "hyperfine", "syft"]) {
      assert.match(fixtures.find((line) => line.startsWith(`| \`${tool}/`)) ?? "", notRun, tool);
      const row = rowsBelow("What is read").find(
        (line) => line.toLowerCase().includes(tool.replace("-", " ")) || line.includes(tool),
      );
      assert.match(row ?? "", notRun, `docs: ${tool}`);
    }
  });

  it("pins every action to a commit", () => {
    const uses = [...page.matchAll(/uses: (\S+)(.*)/g)];
    assert.ok(uses.length > 3);
    for (const [, action = "", comment = ""] of uses) {
      assert.match(action, /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/);
      assert.match(comment, /^ # v\d+\.\d+\.\d+$/);
    }
  });

  it("runs no text of others in a shell", () => {
    const scripts = [...page.matchAll(/```yaml\n(.*?)```/gs)].flatMap(([, text = ""]) => [
      ...text.matchAll(/run: (?:\|\n((?: {10,}.*\n)+)|(.*))/g),
    ]);
    assert.ok(scripts.length > 3);
    for (const [script] of scripts) assert.doesNotMatch(script, /\$\{\{/, script);
  });

  it("is all that other pages say of commands", () => {
    const table = readdirSync(path.join(root, "automation/commands"));
    for (const [, command = ""] of page.matchAll(/sluice gate ([a-z]+)/g))
      assert.ok(table.includes(`gate-${command}.ts`), `sluice gate ${command}`);
  });
});
