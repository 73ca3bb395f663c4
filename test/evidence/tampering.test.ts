import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { appendAudit, verifyAudit } from "../../evidence/audit-log.ts";
import { canonicalJson, sha256 } from "../../evidence/canonical.ts";
import { folderKey } from "../../evidence/file-name.ts";
import { loadEvidence } from "../../evidence/load.ts";
import type { EvidenceStore } from "../../evidence/store.ts";
import { writeCollection, writeEvidence } from "../../evidence/write.ts";
import {
  approvalStatement,
  collectedAt,
  commit,
  digest,
  type Fixture,
  makeFixture,
  otherDigest,
  releaseStatement,
} from "./evidence-fixture.ts";

/** Whatever one can do to a file without looking: a byte more, a byte less, another byte. */
type Edit = { at: number } & ({ deed: "insert" | "replace"; byte: number } | { deed: "delete" });

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ at: fc.nat(), deed: fc.constantFrom("insert" as const, "replace" as const), byte: fc.nat(255) }),
  fc.record({ at: fc.nat(), deed: fc.constant("delete" as const) }),
);

function edited(bytes: Buffer, one: Edit): Buffer {
  const at = one.at % bytes.length;
  const put = one.deed === "delete" ? [] : [one.byte];
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(one.deed === "insert" ? at : at + 1)]);
}

/** A store in which objects are replaced, as only somebody with rights to it can. */
function withObjects(store: EvidenceStore, objects: ReadonlyMap<string, Buffer>): EvidenceStore {
  return {
    ...store,
    list: async (prefix) => [
      ...new Set([...(await store.list(prefix)), ...[...objects.keys()].filter((key) => key.startsWith(prefix))]),
    ],
    read: async (key) => objects.get(key) ?? store.read(key),
  };
}

describe("a file that was touched", function () {
  this.timeout(60_000);
  let fixture: Fixture;
  let keys: string[];
  before(async () => {
    fixture = await makeFixture();
    const { store, signer } = fixture;
    const files = await writeEvidence({ store, signer, statements: [releaseStatement(), approvalStatement()] });
    await writeCollection({
      store,
      signer,
      digest,
      commit,
      repository: "hello",
      files: files.slice(0, 1),
      collectedAt,
    });
    await writeEvidence({ store, signer, statements: [releaseStatement({ digest: otherDigest })] });
    for (const number of [1, 2, 3, 4]) {
      await appendAudit(store, {
        at: collectedAt,
        actor: "ada",
        action: "deploy",
        subject: digest,
        details: { number: String(number) },
      });
    }
    keys = [...(await store.list(folderKey(digest, "evidence"))), ...(await store.list(folderKey(digest, "records")))];
  });
  after(() => fixture[Symbol.asyncDispose]());

  const load = (store = fixture.store) => loadEvidence({ store, digest, trust: fixture.trust });
  const contentOf = async (key: string) => (await fixture.store.read(key)) ?? assert.fail();

  it("is rejected, whatever byte was put in, taken out or replaced", async () => {
    const { evidence: whole } = await load();
    assert.equal(whole.length, 3);
    await fc.assert(
      fc.asyncProperty(fc.nat(2), edit, async (index, one) => {
        const key = keys[index] as string;
        const before = await contentOf(key);
        const after = edited(before, one);
        const { evidence, rejected } = await load(withObjects(fixture.store, new Map([[key, after]])));
        const name = path.posix.basename(key);
        if (after.equals(before)) assert.deepEqual([evidence, rejected], [whole, []]);
        else
          assert.deepEqual(
            [evidence, rejected.map(({ file }) => file)],
            [whole.filter(({ file }) => file !== name), [name]],
          );
      }),
      { numRuns: 500 },
    );
  });

  it("says nothing else than what was signed, even where its name follows its bytes", async () => {
    const { evidence: whole } = await load();
    await fc.assert(
      fc.asyncProperty(fc.nat(2), edit, async (index, one) => {
        const key = keys[index] as string;
        const bytes = edited(await contentOf(key), one);
        const name = path.posix.basename(key).replace(/[0-9a-f]{64}/, sha256(bytes));
        const store = withObjects(fixture.store, new Map([[path.posix.join(path.posix.dirname(key), name), bytes]]));
        const { evidence } = await load(store);
        const said = (all: typeof evidence) => new Set(all.map(({ file: _, ...rest }) => canonicalJson(rest)));
        assert.deepEqual(said(evidence), said(whole));
      }),
      { numRuns: 500 },
    );
  });

  it("is rejected under another image", async () => {
    const theirs = (await fixture.store.list(folderKey(otherDigest, "evidence")))[0] as string;
    const here = folderKey(digest, "evidence") + path.posix.basename(theirs);
    const { evidence, rejected } = await load(withObjects(fixture.store, new Map([[here, await contentOf(theirs)]])));
    assert.deepEqual(
      [evidence.length, rejected.map(({ reason }) => reason)],
      [3, [`about another image: ${otherDigest}`]],
    );
  });

  it("is rejected under another's name", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(2), async (from, to) => {
        fc.pre(from !== to);
        const [source, target] = [keys[from] as string, keys[to] as string];
        const { rejected } = await load(withObjects(fixture.store, new Map([[target, await contentOf(source)]])));
        assert.deepEqual(
          rejected.map(({ file }) => file),
          [path.posix.basename(target)],
        );
      }),
    );
  });

  it("never makes loading throw, whatever is in it and whatever it is called", async () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 80 }).map((text) => `x${text}`),
      fc.constantFrom("release", "collection", "provenance", "nothing").map((kind) => `${kind}-HASH.json`),
    );
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(name, content, async (called, bytes) => {
        const key = folderKey(digest, "evidence") + called.replace("HASH", sha256(bytes));
        const { evidence, rejected } = await load(withObjects(fixture.store, new Map([[key, bytes]])));
        assert.deepEqual([evidence.length, rejected.length], [3, 1]);
      }),
    );
  });

  it("shows in the audit log, whatever byte was put in, taken out or replaced", async () => {
    const now = collectedAt;
    const { head, problems } = await verifyAudit(fixture.store, { now });
    assert.deepEqual(problems, []);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), edit, async (sequence, one) => {
        const key = `audit/${String(sequence).padStart(12, "0")}.json`;
        const before = await contentOf(key);
        const after = edited(before, one);
        const verdict = await verifyAudit(withObjects(fixture.store, new Map([[key, after]])), { head, now });
        // Of one entry several things may be wrong.
        assert.deepEqual([...new Set(verdict.problems.map(({ place }) => place))], after.equals(before) ? [] : [key]);
      }),
      { numRuns: 500 },
    );
  });

  it("is rejected in the folder itself", async () => {
    await using own = await makeFixture();
    const [name = ""] = await writeEvidence({ store: own.store, signer: own.signer, statements: [releaseStatement()] });
    const file = path.join(own.folder, folderKey(digest, "evidence"), name);
    const bytes = await readFile(file);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, edited(bytes, { at: 40, deed: "replace", byte: (bytes[40] as number) ^ 1 }));
    const { evidence, rejected } = await loadEvidence({ store: own.store, digest, trust: own.trust });
    assert.deepEqual([evidence.length, rejected.length], [0, 1]);
  });
});
