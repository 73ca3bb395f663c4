import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { folderKey } from "../../evidence/file-name.ts";
import { loadEvidence } from "../../evidence/load.ts";
import { predicateTypeOf } from "../../evidence/statement.ts";
import {
  approvalStatement,
  digest,
  type Fixture,
  makeFixture,
  otherDigest,
  releaseStatement,
} from "./evidence-fixture.ts";
import { forge, onlyReason, type Statement } from "./forgery.ts";

describe("what a file of evidence says", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());
  const load = () => loadEvidence({ store: fixture.store, digest, trust: fixture.trust });
  const reasonOf = async () => onlyReason(await load());

  const statement = () => structuredClone(releaseStatement()) as Statement;
  const cases: Record<string, [(one: Statement) => void, RegExp]> = {
    "another image": [
      (one) => {
        one.subject[0] = { name: "hello", digest: { sha256: otherDigest.slice(7) } };
      },
      /^about another image: sha256:b2b2/,
    ],
    "no image": [
      (one) => {
        one.subject.shift();
      },
      /^subject/,
    ],
    "two images": [
      (one) => {
        one.subject.splice(1, 0, one.subject[0] as Statement["subject"][0]);
      },
      /^subject/,
    ],
    "no commit": [
      (one) => {
        one.subject.pop();
      },
      /^subject/,
    ],
    "a short commit": [
      (one) => {
        one.subject[1] = { name: "source", digest: { gitCommit: "c3c3c3c" } };
      },
      /^subject\.1\.digest\.gitCommit/,
    ],
    "an unknown predicate type": [
      (one) => {
        one.predicateType = "https://sluice.dev/evidence/release/v2";
      },
      /predicate type https:\/\/sluice\.dev\/evidence\/release\/v2 is not known$/,
    ],
    "another kind than its name says": [
      (one) => {
        one.predicateType = predicateTypeOf("sbom");
        one.predicate.result = { format: "SPDX", specVersion: "2.3", components: 1, licences: {} };
      },
      /^it is of the kind sbom, its name says otherwise$/,
    ],
    "a result without a field": [
      (one) => {
        delete one.predicate.result.notes;
      },
      /^notes/,
    ],
    "a result with a field too many": [
      (one) => {
        one.predicate.result.passed = true;
      },
      /passed/,
    ],
    "a time that is none": [
      (one) => {
        one.predicate.collectedAt = "yesterday";
      },
      /^predicate\.collectedAt/,
    ],
    "a statement of another version": [
      (one) => {
        Object.assign(one, { _type: "https://in-toto.io/Statement/v0.1" });
      },
      /^_type/,
    ],
  };
  for (const [name, [change, expected]] of Object.entries(cases)) {
    it(`rejects ${name}`, async () => {
      const one = statement();
      change(one);
      await forge(fixture, one);
      assert.match(await reasonOf(), expected);
    });
  }

  it("rejects payloads that are no statement at all", async () => {
    for (const payload of [null, [], "text", 7, {}]) await forge(fixture, payload);
    const { evidence, rejected } = await load();
    assert.deepEqual([evidence.length, rejected.length], [0, 5]);
  });

  it("rejects a record among evidence, and evidence among records", async () => {
    await forge(fixture, approvalStatement(), { kind: "approval" });
    assert.equal(await reasonOf(), "it belongs into records/");
    await rm(path.join(fixture.folder, "images"), { recursive: true });
    await forge(fixture, releaseStatement(), { folder: "records" });
    assert.equal(await reasonOf(), "it belongs into evidence/");
  });

  it("strips what a terminal would obey from reasons and names", async () => {
    const one = statement();
    one.predicateType = "\u001b[2J\u202eevil\n";
    await forge(fixture, one);
    assert.match(await reasonOf(), /^it cannot be parsed: the predicate type \?\[2J\?evil\? is not known$/);
    await rm(path.join(fixture.folder, "images"), { recursive: true });
    await fixture.store.create(`${folderKey(digest, "evidence")}x.json`, Buffer.from("{}"));
    await writeFile(path.join(fixture.folder, folderKey(digest, "evidence"), "a\u001bb"), "");
    assert.deepEqual((await load()).rejected.map(({ file }) => file).sort(), ["a?b", "x.json"]);
  });
});
