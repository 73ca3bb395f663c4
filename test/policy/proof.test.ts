import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { policyPackOf } from "../../automation/engine-context.ts";
import { sandboxKey, sandboxPack } from "../../automation/gates/sandbox-pack.ts";
import { places, repositoryRoot } from "../../automation/paths.ts";
import { openEvidenceStore } from "../../evidence/open-store.ts";
import { keySigner } from "../../evidence/signer.ts";
import { makeStatement } from "../../evidence/statement.ts";
import { writeEvidence } from "../../evidence/write.ts";
import { gates as gatesSchema } from "../../model/gates/config.ts";
import { imagesProven, releaseType } from "../../policy/proof.ts";
import { types } from "../../policy/support/types.ts";
import { proveImage } from "../support/evidence.ts";
import { assertRefused, assertRemarks, judgeInTime, type Resource, unknownValue } from "./harness.ts";

const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
let serial = 0;

describe("images-proven", () => {
  let home: string;
  let config: Record<string, unknown> & { environments: Record<string, unknown>; gates: Record<string, unknown> };
  before(() => {
    home = mkdtempSync(path.join(os.tmpdir(), "sluice-proof-"));
    const pack = policyPackOf(repositoryRoot);
    assert.ok(pack);
    config = JSON.parse(readFileSync(sandboxPack(pack, places({ SLUICE_HOME: home })).config as string, "utf8"))[
      imagesProven.name
    ];
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  /** An image that nothing else in this file speaks of, in a stack of its own. */
  function fresh(environment = "prod") {
    serial += 1;
    const digest = `sha256:${serial.toString(16).padStart(64, "e")}`;
    const stack = `s${serial}-${environment}`;
    const image = `${host}/api@${digest}`;
    const named = { service: "api", colour: "blue", repository: "api", image, tag: "v1" };
    const release = (more: Record<string, unknown> = {}): Resource => ({
      type: releaseType,
      name: "release",
      stack,
      props: { environment, images: [named], ...more },
    });
    const task = (containers: unknown = [{ name: "api", image }]): Resource => ({
      type: types.taskDefinition,
      name: "api-blue-task",
      stack,
      props: { containerDefinitions: typeof containers === "string" ? containers : JSON.stringify(containers) },
    });
    const prove = (gates: object = config.gates) =>
      proveImage({ home, stack: "prod", repository: "api", digest, gates: gatesSchema.parse(gates) });
    return { digest, stack, image, named, release, task, prove };
  }

  const judge = (resource: Resource, more: object = {}) => judgeInTime(imagesProven, resource, { ...config, ...more });
  const lines = async (resource: Resource, more: object = {}) => {
    const found = await judge(resource, more);
    assert.ok(found !== "not applicable");
    return found.map(({ message }) => message);
  };

  describe("of a release", () => {
    it("has nothing to say where every gate is met", async () => {
      const { release, task, prove } = fresh();
      await prove();
      assert.deepEqual(await judge(release()), []);
      assert.deepEqual(await judge(task()), []);
    });

    it("tells each gate that is not met in a line of its own, with the service and how to mend it", async () => {
      const { release } = fresh();
      const found = await judge(release());
      assertRefused(found, /^release: api v1: tests\.unit: needs [^;]+, found nothing; .*sluice gate collect/m);
      const gates = found.map(({ message }) => /^release: api v1: ([a-z][A-Za-z.0-9]*): needs /.exec(message)?.[1]);
      assert.ok(gates.length >= 12 && gates.every((gate) => gate !== undefined), gates.join());
      assert.equal(new Set(gates).size, gates.length);
      for (const gate of ["tests.unit", "lint.issues", "secrets.findings", "sbom", "coverage.overall.lines"])
        assert.ok(gates.includes(gate), gate);
    });

    it("demands of an environment that nobody named what production demands", async () => {
      const prod = await lines(fresh("prod").release());
      const other = fresh("anything");
      assert.equal((await lines(other.release({ environment: other.stack }))).length, prod.length);
      assert.ok((await lines(fresh("staging").release())).length < prod.length);
      assert.deepEqual(
        await lines(fresh("local").release({ environment: "local" }), { stacks: { "*-local": "local" } }),
        [],
      );
    });

    it("tells an image that two colours and services run of once", async () => {
      const { named, release } = fresh();
      const images = [named, { ...named, colour: "green" }, { ...named, service: "worker" }];
      const found = await lines(release({ images }));
      assert.equal(found.filter((line) => line.startsWith("release: api v1, worker v1: tests.unit: ")).length, 1);
    });

    it("takes the stack's own gates, which add to the floor", async () => {
      const { release, prove } = fresh();
      await prove();
      const found = await judge(release({ gates: { tests: { e2e: { minimum: 3 } } } }));
      assertRefused(found, /^release: api v1: tests\.e2e: needs .*found nothing/m);
      assert.equal(found.length, 1);
    });

    it("takes those of a single repository for its images alone", async () => {
      const { release, prove } = fresh();
      await prove();
      const own = (name: string) => ({ gates: { repositories: { [name]: { tests: { e2e: {} } } } } });
      assertRefused(await judge(release(own("api"))), /tests\.e2e/);
      assert.deepEqual(await judge(release(own("other"))), []);
    });

    it("says loudly whose waiver is in force, and refuses nothing for it", async () => {
      const { digest, release, prove } = fresh();
      await prove({ ...config.gates, tests: {} });
      assertRefused(await judge(release()), /tests\.unit/);
      const again = fresh();
      await again.prove({ ...config.gates, tests: {} });
      await waive(again.digest, "tests.unit", "ada");
      assertRemarks(await judge(again.release()), /^release: api v1: .*ada/);
      assert.notEqual(digest, again.digest);
    });

    /** A record of somebody's waiver, as `sluice gate waive` makes it. */
    async function waive(digest: string, gate: string, by: string) {
      const here = places({ SLUICE_HOME: home });
      const until = new Date(Date.now() + 3_600_000).toISOString();
      const result = { environment: "prod", gate, by, reason: "the suite is down", until };
      const about = { digest, commit: digest.slice(-40), repository: "api", tool: { name: "sluice" } };
      const statement = makeStatement({ kind: "waiver", name: "waiver", ...about, collectedAt: Date.now(), result });
      const signer = keySigner(sandboxKey(here));
      await writeEvidence({ store: openEvidenceStore(String(config.evidence)), signer, statements: [statement] });
    }
  });

  describe("is strict about the inputs of a release:", () => {
    const cases: [string, (one: ReturnType<typeof fresh>) => Record<string, unknown>, RegExp][] = [
      [
        "another environment",
        () => ({ environment: "staging" }),
        /environment is "staging", and stack "s\d+-prod" is judged as "prod"/,
      ],
      ["no environment", () => ({ environment: undefined }), /environment is wrong: required/],
      ["no images", () => ({ images: undefined }), /images is wrong: required/],
      ["images that are no list", () => ({ images: { 0: {} } }), /images is wrong/],
      ["a key of its own", () => ({ signers: {} }), /signers is wrong: no such setting/],
      ["a folder of its own", () => ({ evidence: "file:///tmp" }), /evidence is wrong: no such setting/],
      ["an environment that is not known yet", () => ({ environment: unknownValue }), /environment is not known yet/],
      ["images that are not known yet", () => ({ images: unknownValue }), /images is not known yet/],
      [
        "an image that is not known yet",
        ({ named }) => ({ images: [{ ...named, image: unknownValue }] }),
        /images is not known yet/,
      ],
      [
        "gates that are not known yet",
        () => ({ gates: { tests: { unit: { minimum: unknownValue } } } }),
        /gates is not known yet/,
      ],
      [
        "an image by tag",
        ({ named }) => ({ images: [{ ...named, image: `${host}/api:v1` }] }),
        /images\.0\.image is wrong: REGISTRY/,
      ],
      [
        "another repository",
        ({ named }) => ({ images: [{ ...named, repository: "web" }] }),
        /an image of the repository that it names/,
      ],
      [
        "an image with more to it",
        ({ named }) => ({ images: [{ ...named, proven: true }] }),
        /images\.0\.proven is wrong: no such setting/,
      ],
      ["misspelt gates", () => ({ gates: { test: {} } }), /gates\.test is wrong: no such setting/],
      [
        "gates looser than the floor",
        () => ({ gates: { ageHours: 9000 } }),
        /gates\.ageHours is too mild for prod: .*gates may only be tightened; got 9000/,
      ],
      [
        "gates of a repository that are looser than the floor",
        () => ({ gates: { repositories: { api: { ageHours: 9000 } } } }),
        /gates\.ageHours is too mild for prod/,
      ],
      [
        "gates of a repository that are looser than the stack's own",
        () => ({ gates: { ageHours: 24, repositories: { api: { ageHours: 48 } } } }),
        /gates\.repositories\.api\.ageHours is wrong: .*may only be tightened; got 48/,
      ],
    ];
    for (const [title, change, says] of cases) {
      it(title, async () => {
        const one = fresh();
        await one.prove();
        assert.deepEqual(await judge(one.release()), []);
        assertRefused(await judge(one.release(change(one))), says);
      });
    }
  });

  describe("of a task definition", () => {
    it("refuses an image that no release names, proven or not", async () => {
      const { task, prove, digest } = fresh();
      await prove();
      assertRefused(await judge(task()), new RegExp(`runs ${digest}, which no Release before it names`));
    });

    it("judges by the floor whatever a release of another stack names", async () => {
      const { task } = fresh();
      await judge(fresh().release());
      const found = await judge(task());
      assertRefused(found, /^api-blue-task: containerDefinitions\[0\] "api" tests\.unit: needs /m);
    });

    it("is short about what its release is refused for", async () => {
      const { release, task } = fresh();
      const told = await lines(release());
      const found = await judge(task());
      assertRefused(found, new RegExp(`lacks the proof for the ${told.length} gates that its release is refused for`));
      assert.equal(found.length, 1);
    });

    it("judges every container, sidecars included", async () => {
      const [one, other] = [fresh(), fresh()];
      await one.prove();
      const containers = [
        { name: "api", image: one.image },
        { name: "proxy", image: other.image },
      ];
      const both = [one.named, { ...other.named, service: "proxy" }];
      await judge(one.release({ images: both }));
      const found = await judge(one.task(containers));
      assertRefused(found, /"proxy" lacks the proof/);
      assert.equal(found.length, 1);
    });

    it("leaves what is not known in a preview to the update", async () => {
      const { release, task, prove } = fresh();
      await prove();
      await judge(release());
      assertRemarks(
        await judge({ ...task(), props: { containerDefinitions: unknownValue } }),
        /is not known before the update/,
      );
    });

    for (const [title, containers, says] of [
      ["no JSON", "{", /is not valid JSON/],
      ["no list", "{}", /is no list of containers/],
      ["an image by tag", [{ name: "api", image: `${host}/api:v1` }], /has no digest that could be judged/],
      ["no image", [{ name: "api" }], /has no digest that could be judged/],
      ["an image spelt with a capital", [{ name: "api", Image: "x" }], /spell fields as the ECS API does/],
      ["another spelling beside the image", [{ name: "api", imAge: "x" }], /has the field "imAge"; spell fields/],
    ] as [string, unknown, RegExp][]) {
      it(`refuses ${title}`, async () => {
        assertRefused(await judge(fresh().task(containers)), says);
      });
    }
  });

  describe("refuses whatever keeps it from judging:", () => {
    it("evidence that was changed, taken away, or put there for another image", async () => {
      const one = fresh();
      const files = await one.prove();
      const folder = path.join(home, "evidence/images", one.digest.slice("sha256:".length), "evidence");
      assert.ok(files.length > 10 && readdirSync(folder).length > 10);
      const other = fresh();
      const theirs = path.join(home, "evidence/images", other.digest.slice("sha256:".length), "evidence");
      mkdirSync(theirs, { recursive: true });
      for (const file of readdirSync(folder))
        writeFileSync(path.join(theirs, file), readFileSync(path.join(folder, file)));
      assertRefused(await judge(other.release()), /integrity: .*about another image/);
      const [first = ""] = readdirSync(folder);
      rmSync(path.join(folder, first));
      assertRefused(await judge(one.release()), /integrity: .*collected, and gone/);
    });

    const broken: [string, (config: object) => object, RegExp][] = [
      [
        "a store that is no folder",
        () => ({ evidence: "file:///proc/version" }),
        /cannot be judged: the evidence in .* cannot be read/,
      ],
      [
        "a store of another kind",
        () => ({ evidence: "https://evidence.test" }),
        /cannot be judged: no evidence can be kept in/,
      ],
      [
        "a store that is a relative path",
        () => ({ evidence: "file://evidence" }),
        /cannot be judged: .*no absolute location/,
      ],
      ["no store", () => ({ evidence: "" }), /cannot be judged: in the pack's config: +evidence/],
      ["no signers", () => ({ signers: undefined }), /cannot be judged: in the pack's config: +signers/],
      ["no people", () => ({ people: undefined }), /cannot be judged: in the pack's config: +people/],
      ["no gates", () => ({ gates: undefined }), /cannot be judged: in the pack's config: +gates/],
      [
        "misspelt gates",
        () => ({ gates: { test: {} } }),
        /cannot be judged: in the pack's config: +gates\.test: no such setting/,
      ],
      [
        "a key that is none",
        () => ({ signers: { ci: { publicKey: "PEM", signs: ["tests"] } } }),
        /cannot be judged: the public key of the signer ci/,
      ],
      [
        "a signer of an unknown kind of evidence",
        () => ({ signers: { ci: { publicKey: "x", signs: ["nonsense"] } } }),
        /cannot be judged/,
      ],
      ["a misspelt setting", () => ({ peeple: {} }), /policy config "peeple" is no setting/],
    ];
    for (const [title, change, says] of broken) {
      it(title, async () => {
        const { release, task, prove } = fresh();
        await prove();
        assertRefused(await judge(release(), change(config)), says);
        assertRefused(await judge(task(), change(config)), says);
      });
    }

    it("evidence by a signer whom the pack does not know", async () => {
      const { release, prove } = fresh();
      await prove();
      const elsewhere = mkdtempSync(path.join(os.tmpdir(), "sluice-proof-other-"));
      const pack = sandboxPack({ folder: "/", config: undefined }, places({ SLUICE_HOME: elsewhere }));
      const { signers } = JSON.parse(readFileSync(pack.config as string, "utf8"))[imagesProven.name];
      rmSync(elsewhere, { recursive: true });
      assertRefused(await judge(release(), { signers }), /integrity: .*signed by a key that the pack does not know/);
    });
  });

  it("can be advice, or switched off, for one environment", async () => {
    const environments = { prod: { strictness: "advisory" }, staging: { strictness: "disabled" } };
    assertRemarks(await judge(fresh("prod").release(), { environments }), /needs|integrity/);
    assert.equal(await judge(fresh("staging").release(), { environments }), "not applicable");
  });
});
