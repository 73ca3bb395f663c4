import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { appendAudit, readAudit, verifyAudit } from "../../evidence/audit-log.ts";
import { canonicalJson, sha256 } from "../../evidence/canonical.ts";
import { EvidenceError } from "../../evidence/error.ts";
import { digest, type Fixture, makeFixture } from "./evidence-fixture.ts";

const start = Date.UTC(2026, 10, 21, 12);
const minute = 60_000;
const key = (sequence: number) => `audit/${String(sequence).padStart(12, "0")}.json`;
const actions = ["deploy", "approve", "waive", "deploy", "roll-back", "deploy"];

describe("the audit log", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const now = start + 60 * minute;
  const verify = (head?: string) => verifyAudit(fixture.store, { head, now });
  const file = (sequence: number) => path.join(fixture.folder, key(sequence));
  const append = (action: string, at: number) =>
    appendAudit(fixture.store, { at, actor: "ada", action, subject: digest, details: { environment: "prod" } });
  /** Six entries, a minute apart. @returns the head */
  async function write(): Promise<string> {
    for (const [index, action] of actions.entries()) await append(action, start + index * minute);
    const { head } = await verify();
    assert.ok(head);
    return head;
  }
  async function change(sequence: number, how: (entry: Record<string, unknown>) => object): Promise<void> {
    await writeFile(file(sequence), canonicalJson(how(JSON.parse(await readFile(file(sequence), "utf8")))));
  }

  it("is whole as it was written", async () => {
    const head = await write();
    const entries = await readAudit(fixture.store);
    assert.deepEqual(
      entries.map(({ sequence, action, at }) => [sequence, action, at]),
      actions.map((action, index) => [index + 1, action, new Date(start + index * minute).toISOString()]),
    );
    assert.equal(entries[0]?.previous, "0".repeat(64));
    assert.equal(entries[3]?.previous, sha256(await readFile(file(3))));
    assert.equal(head, `6:${sha256(await readFile(file(6)))}`);
    assert.deepEqual((await verify(head)).problems, []);
    await append("deploy", start + 7 * minute);
    assert.deepEqual((await verify(head)).problems, [], "what came after a head does not matter");
  });

  it("is whole, and has no head, where nothing was written", async () => {
    assert.deepEqual(await verify(), { entries: [], problems: [] });
    assert.deepEqual(await readAudit(fixture.store), []);
  });

  const missing = (sequence: number, problem = "it is missing") => ({ place: key(sequence), problem });
  const altered = (sequence: number, witness: string) => ({
    place: key(sequence),
    problem: `altered: its hash is not the one that ${witness}`,
  });
  const tampering: Record<string, { deed: () => Promise<unknown>; found: object[] }> = {
    "an entry altered": {
      deed: () => change(3, (entry) => ({ ...entry, actor: "mallory" })),
      found: [altered(3, "entry 4 carries")],
    },
    "the first one altered": {
      deed: () => change(1, (entry) => ({ ...entry, actor: "mallory" })),
      found: [altered(1, "entry 2 carries")],
    },
    "the first one given another before it": {
      deed: () => change(1, (entry) => ({ ...entry, previous: "1".repeat(64) })),
      found: [
        { place: key(1), problem: "altered: the first entry has none before it, and names one" },
        altered(1, "entry 2 carries"),
      ],
    },
    "a link altered": {
      deed: () => change(3, (entry) => ({ ...entry, previous: "1".repeat(64) })),
      found: [altered(3, "entry 4 carries")],
    },
    "two neighbours altered": {
      deed: async () => {
        await change(3, (entry) => ({ ...entry, actor: "mallory" }));
        await change(4, (entry) => ({ ...entry, actor: "mallory" }));
      },
      found: [altered(4, "entry 5 carries")],
    },
    "an entry taken out": { deed: () => rm(file(3)), found: [missing(3)] },
    "two entries taken out": {
      deed: () => Promise.all([rm(file(2)), rm(file(3))]),
      found: [missing(2, "it is missing, up to entry 3")],
    },
    "the first taken out": { deed: () => rm(file(1)), found: [missing(1)] },
    "an entry written over another": {
      deed: async () => writeFile(file(3), await readFile(file(2))),
      found: [{ place: key(3), problem: "moved or copied: it is entry 2" }],
    },
    "an entry copied behind the end": {
      deed: async () => writeFile(file(7), await readFile(file(6))),
      found: [{ place: key(7), problem: "moved or copied: it is entry 6" }],
    },
    "two entries in each other's place": {
      deed: async () => {
        const [second, third] = [await readFile(file(2)), await readFile(file(3))];
        await writeFile(file(2), third);
        await writeFile(file(3), second);
      },
      found: [
        { place: key(2), problem: "moved or copied: it is entry 3" },
        { place: key(3), problem: "moved or copied: it is entry 2" },
      ],
    },
    "an entry spelt otherwise": {
      deed: async () => writeFile(file(3), `${await readFile(file(3))}\n`),
      found: [{ place: key(3), problem: "altered: not written as entries are" }],
    },
    "no entry in a file": {
      deed: () => writeFile(file(3), "{}"),
      found: [{ place: key(3), problem: "sequence: Invalid input: expected number, received undefined (and 7 more)" }],
    },
    "a file that is no entry's": {
      deed: () => writeFile(path.join(fixture.folder, "audit/7.json"), "{}"),
      found: [{ place: "audit/7.json", problem: "no entry is called so" }],
    },
  };
  for (const [name, { deed, found }] of Object.entries(tampering)) {
    it(`shows ${name}`, async () => {
      await write();
      await deed();
      const { problems, head } = await verify();
      assert.deepEqual([problems, head], [found, undefined]);
      await assert.rejects(readAudit(fixture.store), /is not whole: audit\//);
    });
  }

  it("shows the end cut off, or rewritten, to whoever kept the head", async () => {
    const head = await write();
    await change(6, (entry) => ({ ...entry, actor: "mallory" }));
    assert.deepEqual([(await verify()).problems, (await verify(head)).problems], [[], [altered(6, "the head gives")]]);
    await rm(file(6));
    assert.deepEqual(
      [(await verify()).problems, (await verify(head)).problems],
      [[], [missing(6, "cut off: it is missing")]],
    );
    await rm(path.join(fixture.folder, "audit"), { recursive: true });
    assert.deepEqual((await verify(head)).problems, [missing(1, "cut off: it is missing, up to entry 6")]);
  });

  it("shows a chain that was forged anew from the middle", async () => {
    const head = await write();
    for (const sequence of [4, 5, 6]) await rm(file(sequence));
    for (const minutes of [4, 5, 6]) await append("deploy", start + minutes * minute);
    assert.deepEqual([(await verify()).problems, (await verify(head)).problems], [[], [altered(6, "the head gives")]]);
  });

  it("shows times that go back, or lie ahead, by more than clocks differ", async () => {
    for (const at of [0, 10, 6, 4, 12, 61, 66]) await append("deploy", start + at * minute);
    assert.deepEqual((await verify()).problems, [
      { place: key(4), problem: `dated before an earlier entry: ${new Date(start + 4 * minute).toISOString()}` },
      { place: key(7), problem: `dated in the future: ${new Date(start + 66 * minute).toISOString()}` },
    ]);
  });

  it("refuses a head that is none", async () => {
    for (const head of ["", "6", `0:${"0".repeat(64)}`, `6:${"0".repeat(63)}`, `6:${"0".repeat(64)}\n`, "\u001b[2J"]) {
      await assert.rejects(
        verify(head),
        (error) => error instanceof EvidenceError && error.exitCode === 2,
        JSON.stringify(head),
      );
    }
  });

  it("refuses entries that are malformed, before anything is written", async () => {
    const entry = { at: start, actor: "ada", action: "deploy", subject: digest, details: {} };
    for (const wrong of [
      { actor: "" },
      { action: "Deploy it" },
      { details: { "": "x" } },
      { details: { note: "x".repeat(1025) } },
      { details: { nested: {} } },
    ]) {
      await assert.rejects(appendAudit(fixture.store, { ...entry, ...(wrong as object) }));
    }
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, number) => [`n${number}`, ""]));
    await assert.rejects(appendAudit(fixture.store, { ...entry, details: many }), /more than 32 details/);
    assert.deepEqual(await fixture.store.list("audit/"), []);
  });

  it("goes on behind an entry that was altered, so that nothing new is lost", async () => {
    await write();
    await writeFile(file(6), "{}");
    assert.equal((await append("deploy", now)).sequence, 7);
    assert.deepEqual(
      (await verify()).problems.map(({ place }) => place),
      [key(6)],
    );
  });

  it("writes one entry where the store's answer was lost and the client asked again", async () => {
    const { store } = fixture;
    const forgetful = {
      ...store,
      create: async (at: string, bytes: Buffer) => (await store.create(at, bytes)) && false,
    };
    await appendAudit(forgetful, { at: start, actor: "ada", action: "deploy", subject: digest, details: {} });
    assert.equal((await readAudit(store)).length, 1);
  });

  it("gives up where others are always faster", async () => {
    const { store } = fixture;
    const slow = { ...store, create: async () => false, read: async () => Buffer.from("{}") };
    const entry = { at: start, actor: "ada", action: "deploy", subject: digest, details: {} };
    await assert.rejects(appendAudit(slow, entry), /others were faster 500 times/);
  });

  it("loses nothing of eight processes that append at once", async function () {
    this.timeout(120_000);
    const program = `
      const { openEvidenceStore } = await import(${JSON.stringify(import.meta.resolve("../../evidence/open-store.ts"))});
      const { appendAudit } = await import(${JSON.stringify(import.meta.resolve("../../evidence/audit-log.ts"))});
      const [, url, actor] = process.argv;
      for (let number = 0; number < 20; number++) {
        const details = { number: String(number) };
        await appendAudit(openEvidenceStore(url), { at: ${start}, actor, action: "deploy", subject: "x", details });
      }`;
    const processes = Array.from({ length: 8 }, (_, number) =>
      execa(process.execPath, ["--input-type=module", "-e", program, fixture.store.url, `p${number}`]),
    );
    await Promise.all(processes);
    const entries = await readAudit(fixture.store);
    const expected = Array.from({ length: 8 }, (_, process) =>
      Array.from({ length: 20 }, (_, number) => `p${process} ${number}`),
    );
    assert.deepEqual(entries.map(({ actor, details }) => `${actor} ${details.number}`).sort(), expected.flat().sort());
    const turns = entries.filter(({ actor }, index) => actor !== entries[index - 1]?.actor).length;
    assert.ok(turns > 8, `they took turns: ${turns}`);
  });
});
