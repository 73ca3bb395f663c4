import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Running } from "./commands.ts";
import { allGone, descendants, eventually, type Process } from "./processes.ts";
import { Project } from "./project.ts";

const TIMEOUT_MS = 60_000;

/** A program in the middle of its update: it has a resource, and goes on writing for as long as it lives. */
const ENDLESS = `
  import * as pulumi from "@pulumi/pulumi";
  import { appendFileSync } from "node:fs";
  new pulumi.ComponentResource("tiny:index:Thing", "thing");
  await new Promise(() => setInterval(() => appendFileSync("alive", "."), 20));
`;

const PACK = `[{ name: "any", description: "any", enforcementLevel: "mandatory", validateStack: (_: StackValidationArgs) => {} }]`;

describe("the end of an engine", function () {
  this.timeout(TIMEOUT_MS);
  let project: Project;
  let update: Running;
  let processes: Process[];

  beforeEach(async () => {
    project = await Project.create(ENDLESS);
    project.writePack(PACK);
    update = project.start("up", "--yes", "--skip-preview", "--policy-pack", "pack");
    await eventually(() => existsSync(path.join(project.folder, "alive")), "the program");
    processes = descendants(update.child.pid ?? 0);
  });

  afterEach(async () => {
    update.child.kill("SIGKILL");
    await allGone(processes);
    project.remove();
  });

  const find = (part: string): Process[] => processes.filter(({ command }) => command.includes(part));

  async function assertSilent(): Promise<void> {
    const written = (): number => readFileSync(path.join(project.folder, "alive")).length;
    const before = written();
    await sleep(200);
    assert.equal(written(), before, "the program goes on writing");
  }

  it("starts a host, a program and a pack", () => {
    assert.equal(find("language-host.ts").length, 1);
    assert.equal(find("child-start.cjs").length, 2);
  });

  it("by kill -9 is the end of host, program and pack", async () => {
    update.child.kill("SIGKILL");
    await update.result;
    await allGone(processes);
    await assertSilent();
  });

  it("by Ctrl-C is the end of host, program and pack", async () => {
    update.child.kill("SIGINT");
    const { code } = await update.result;
    assert.notEqual(code, 0);
    await allGone(processes);
    await assertSilent();
  });

  it("follows from the death of the host, and the program does not outlive it", async () => {
    const [host] = find("language-host.ts");
    process.kill(host?.pid ?? 0, "SIGKILL");
    const { code } = await update.result;
    assert.notEqual(code, 0);
    await allGone(processes);
    await assertSilent();
  });
});
