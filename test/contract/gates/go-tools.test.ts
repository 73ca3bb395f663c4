/** What gosec and govulncheck say today of a program with faults, and of one without, as the readers read it. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { readReport } from "../../../automation/readers/index.ts";
import { requireGoTools } from "../../support/tools.ts";

const faulty = `package main

import (
	"crypto/md5"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	fmt.Printf("%x\\n", md5.Sum([]byte(os.Args[1])))
	_ = exec.Command("sh", "-c", os.Args[1]).Run()
}
`;
const clean = `package main

import "fmt"

func main() {
	fmt.Println("hello")
}
`;
/** In the standard library, in every version: https://go.dev/doc/security/vuln/database */
const vulnerability = {
  schema_version: "1.3.1",
  id: "GO-2000-0001",
  modified: "2026-01-01T00:00:00Z",
  published: "2026-01-01T00:00:00Z",
  summary: "An invented fault of fmt",
  details: "An invented fault of fmt.",
  affected: [
    {
      package: { name: "stdlib", ecosystem: "Go" },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }] }],
      ecosystem_specific: { imports: [{ path: "fmt", symbols: ["Println"] }] },
    },
  ],
};

describe("gosec and govulncheck", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "sluice-go-tools-"));
  const env = { GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local", GOCACHE: path.join(folder, "cache") };
  let tools: { gosec: string; govulncheck: string };
  before(async function () {
    tools = await requireGoTools(this, "gosec", "govulncheck");
    for (const [name, source] of Object.entries({ faulty, clean })) {
      mkdirSync(path.join(folder, name));
      writeFileSync(path.join(folder, name, "go.mod"), "module example.test/app\n\ngo 1.25.0\n");
      writeFileSync(path.join(folder, name, "main.go"), source);
    }
    for (const [name, vulnerabilities] of Object.entries({ known: [vulnerability], none: [] })) {
      const write = (file: string, value: unknown) => {
        const full = path.join(folder, name, file);
        mkdirSync(path.dirname(full), { recursive: true });
        writeFileSync(full, JSON.stringify(value));
      };
      const { id, modified } = vulnerability;
      write("index/db.json", { modified });
      write(
        "index/modules.json",
        vulnerabilities.map(() => ({ path: "stdlib", vulns: [{ id, modified }] })),
      );
      write(
        "index/vulns.json",
        vulnerabilities.map(() => ({ id, modified, aliases: [] })),
      );
      for (const one of vulnerabilities) write(`ID/${one.id}.json`, one);
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function gosec(name: string) {
    const [root, file] = [path.join(folder, name), path.join(folder, `${name}.sarif`)];
    await execa(tools.gosec, ["-no-fail", "-fmt", "sarif", "-out", file, "./..."], { cwd: root, env });
    return (await readReport({ kind: "sast", file, root })).result.counts;
  }

  async function govulncheck(database: string) {
    const [root, file] = [path.join(folder, "clean"), path.join(folder, `${database}.json`)];
    const url = pathToFileURL(path.join(folder, database)).href;
    const { stdout } = await execa(tools.govulncheck, ["-db", url, "-format", "json", "./..."], {
      cwd: root,
      env,
      stripFinalNewline: false,
    });
    writeFileSync(file, stdout);
    const { counts } = (await readReport({ kind: "dependencies", file, root })).result;
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  it("gosec: a weak hash and a command from outside are found, and nothing where nothing is", async () => {
    const { critical, high, medium, low, unknown } = await gosec("faulty");
    assert.ok(critical + high + medium + low >= 2 && unknown === 0, JSON.stringify({ critical, high, medium, low }));
    assert.deepEqual(await gosec("clean"), { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 });
  });

  it("govulncheck: a fault that the program calls counts, and none in a database without it", async () => {
    assert.equal(await govulncheck("known"), 1);
    assert.equal(await govulncheck("none"), 0);
  });
});
