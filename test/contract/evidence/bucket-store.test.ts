import assert from "node:assert/strict";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { appendAudit, verifyAudit } from "../../../evidence/audit-log.ts";
import { EvidenceError, ObjectError } from "../../../evidence/error.ts";
import { createKeyPair } from "../../../evidence/key.ts";
import { loadEvidence } from "../../../evidence/load.ts";
import { openEvidenceStore } from "../../../evidence/open-store.ts";
import { keySigner } from "../../../evidence/signer.ts";
import { type EvidenceStore, largestObject } from "../../../evidence/store.ts";
import { writeEvidence } from "../../../evidence/write.ts";
import { digest, releaseStatement } from "../../evidence/evidence-fixture.ts";
import { type Moto, startMoto } from "../counterparts.ts";

/** What the store asks of S3, held against moto. */
describe("evidence in moto's S3", function () {
  this.timeout(180_000);
  let moto: Moto | undefined;
  let client: S3Client;
  const environment = { ...process.env };

  before(async () => {
    moto = await startMoto();
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" });
    client = new S3Client({ endpoint: moto.endpoint, forcePathStyle: true, region: "eu-west-1" });
    const location = { CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } } as const;
    await client.send(new CreateBucketCommand({ Bucket: "proofs", ...location }));
  });
  after(async () => {
    process.env = environment;
    client?.destroy();
    await moto?.stop();
  });

  function storeAt(place: string): EvidenceStore {
    const { host } = new URL(moto?.endpoint ?? "");
    const options = `region=eu-west-1&endpoint=${host}&disable_https=true&use_path_style=true`;
    return openEvidenceStore(`s3://${place}?${options}`);
  }

  it("writes an object once", async () => {
    const store = storeAt("proofs/once");
    assert.equal(await store.create("audit/1.json", Buffer.from("first")), true);
    assert.equal(await store.create("audit/1.json", Buffer.from("second")), false);
    assert.equal(String(await store.read("audit/1.json")), "first");
    assert.equal(await store.read("audit/2.json"), undefined);
  });

  it("lets one of many win", async () => {
    const store = storeAt("proofs/race");
    const won = await Promise.all(
      Array.from({ length: 8 }, (_, number) => store.create("audit/1.json", Buffer.from(String(number)))),
    );
    assert.equal(won.filter(Boolean).length, 1);
    assert.equal(String(await store.read("audit/1.json")), String(won.indexOf(true)));
  });

  it("lists beyond the first page, and nothing beside the prefix", async () => {
    const store = storeAt("proofs/many");
    const keys = Array.from({ length: 1105 }, (_, number) => `audit/${String(number).padStart(12, "0")}.json`);
    const put = (Key: string) => client.send(new PutObjectCommand({ Bucket: "proofs", Key, Body: "{}" }));
    for (let start = 0; start < keys.length; start += 50) {
      await Promise.all(keys.slice(start, start + 50).map((key) => put(`many/${key}`)));
    }
    await Promise.all(["many/audit/", "many/auditor/1.json", "manyaudit/1.json"].map(put));
    assert.deepEqual((await store.list("audit/")).sort(), keys);
    assert.deepEqual(await storeAt("proofs/none").list("audit/"), []);
  });

  it("keeps evidence at the root of a bucket, and loads it", async () => {
    const store = storeAt("proofs");
    const { privateKey, publicKey } = createKeyPair();
    const [file] = await writeEvidence({ store, signer: keySigner(privateKey), statements: [releaseStatement()] });
    const trust = { evidence: store.url, signers: { ci: { publicKey, signs: ["release" as const] } }, people: {} };
    const { evidence, rejected } = await loadEvidence({ store, digest, trust });
    assert.deepEqual([evidence.map((one) => one.file), rejected], [[file], []]);
  });

  it("does not load what is too big to be evidence", async () => {
    const big = Buffer.alloc(largestObject + 1, " ");
    await client.send(new PutObjectCommand({ Bucket: "proofs", Key: "big/audit/1.json", Body: big }));
    await assert.rejects(storeAt("proofs/big").read("audit/1.json"), ObjectError);
  });

  it("appends to the audit log from several clients", async () => {
    const entry = { at: Date.UTC(2026, 10, 21), actor: "ada", action: "deploy", subject: digest, details: {} };
    const append = (number: number) =>
      appendAudit(storeAt("proofs/log"), { ...entry, details: { number: String(number) } });
    await Promise.all(Array.from({ length: 12 }, (_, number) => append(number)));
    const { entries, problems } = await verifyAudit(storeAt("proofs/log"));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      entries.map(({ details }) => Number(details.number)).sort((a, b) => a - b),
      Array.from({ length: 12 }, (_, number) => number),
    );
  });

  it("says in one line that the bucket is missing, whatever is asked of it", async () => {
    const store = storeAt("nowhere/evidence");
    const oneLine = (error: Error) => {
      assert.ok(error instanceof EvidenceError);
      assert.match(
        error.message,
        /^the evidence in s3:\/\/nowhere\S+ cannot be (read|written): there is no such bucket$/,
      );
      assert.doesNotMatch([error.message, ...error.details, error.remedy].join(), /[<>]/);
      return true;
    };
    await assert.rejects(store.list("audit/"), oneLine);
    await assert.rejects(store.read("audit/1.json"), oneLine);
    await assert.rejects(store.create("audit/1.json", Buffer.from("{}")), oneLine);
  });

  it("says in one line that nothing answers", async () => {
    const store = openEvidenceStore("s3://proofs?region=eu-west-1&endpoint=http://127.0.0.1:9&use_path_style=true");
    await assert.rejects(store.list("audit/"), /cannot be read: its endpoint refuses connections$/);
  });
});
