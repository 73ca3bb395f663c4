import assert from "node:assert/strict";
import { canonicalJson } from "../../evidence/canonical.ts";
import { loadEvidence } from "../../evidence/load.ts";
import { provenanceFile, writeEvidence, writeFiles } from "../../evidence/write.ts";
import type { Trust } from "../../model/gates/trust.ts";
import {
  collectedAt,
  commit,
  digest,
  type Fixture,
  makeFixture,
  otherDigest,
  releaseStatement,
} from "./evidence-fixture.ts";
import { type SerializedBundle, signedBundle } from "./forgery.ts";

const builder = "https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main";
const source = "git+https://github.com/acme/shop";

/** As GitHub's attestations say it; the image is one of several subjects. */
function slsa({ about = digest, finishedOn = "2026-11-21T11:00:00Z" as string | null } = {}): object {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [
      { name: "other", digest: { sha256: "0".repeat(64) } },
      { name: "ghcr.io/acme/shop", digest: { sha256: about.slice(7) } },
    ],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://actions.github.io/buildtypes/workflow/v1",
        externalParameters: {
          workflow: {
            ref: "refs/heads/main",
            repository: "https://github.com/acme/shop",
            path: ".github/workflows/build.yml",
          },
        },
        resolvedDependencies: [{ uri: `${source}@refs/heads/main`, digest: { gitCommit: commit } }],
      },
      runDetails: { builder: { id: builder }, metadata: finishedOn === null ? {} : { finishedOn } },
    },
  };
}

describe("a builder's own provenance", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await makeFixture();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());
  const load = (trust: Trust = fixture.trust) => loadEvidence({ store: fixture.store, digest, trust });
  /** As tools write files for people: neither sorted nor without blanks. */
  async function store(statement: object, change = (bundle: SerializedBundle): unknown => bundle): Promise<string> {
    const bundle = Buffer.from(`${JSON.stringify(change(await signedBundle(fixture, statement)), null, 2)}\n`);
    const [name] = await writeFiles(fixture.store, [provenanceFile({ digest, bundle })]);
    return name as string;
  }

  it("is kept as it was signed, and read as evidence of the image", async () => {
    const file = await store(slsa());
    const { evidence, rejected } = await load();
    const at = Date.UTC(2026, 10, 21, 11);
    assert.deepEqual(rejected, []);
    assert.deepEqual(evidence, [
      {
        ...{ kind: "provenance", name: "provenance", tool: { name: builder }, environment: undefined, commit, digest },
        ...{ madeAt: at, collectedAt: at, signer: "ci", file },
        result: { builder, source, commit, buildType: "https://actions.github.io/buildtypes/workflow/v1" },
      },
    ]);
  });

  it("is as old as can be where it gives no time", async () => {
    await store(slsa({ finishedOn: null }));
    assert.deepEqual(
      (await load()).evidence.map(({ madeAt, collectedAt }) => [madeAt, collectedAt]),
      [[0, 0]],
    );
  });

  it("may be said in a statement of ours as well", async () => {
    const result = { builder, source, commit, buildType: "x" };
    const statement = { ...(releaseStatement() as Record<string, unknown>) };
    statement.predicateType = "https://sluice.dev/evidence/provenance/v1";
    statement.predicate = { ...(statement.predicate as object), name: "provenance", result };
    await writeEvidence({ store: fixture.store, signer: fixture.signer, statements: [statement] });
    assert.deepEqual(
      (await load()).evidence.map((one) => [one.kind, one.result, one.collectedAt]),
      [["provenance", result, collectedAt]],
    );
  });

  const cases: Record<string, [() => Promise<unknown>, RegExp]> = {
    "of another image": [() => store(slsa({ about: otherDigest })), /^about another image: sha256:0000/],
    "without a source": [
      () => store(JSON.parse(canonicalJson(slsa()).replace(/"workflow":\{[^}]*\}/, ""))),
      /^no provenance that could be judged: predicate\.buildDefinition\.externalParameters\.source: is absent/,
    ],
    "changed after it was signed": [
      () =>
        store(slsa(), ({ dsseEnvelope, ...bundle }) => ({
          ...bundle,
          dsseEnvelope: {
            ...dsseEnvelope,
            payload: Buffer.from(canonicalJson(slsa({ finishedOn: "2026-11-21T11:00:01Z" }))).toString("base64"),
          },
        })),
      /^the signature is not one of ci's key/,
    ],
    "that is a statement of another kind": [() => store(releaseStatement()), /^not written as evidence is/],
  };
  for (const [name, [deed, expected]] of Object.entries(cases)) {
    it(`is rejected ${name}`, async () => {
      await deed();
      const { evidence, rejected } = await load();
      assert.deepEqual(evidence, []);
      assert.match(rejected[0]?.reason ?? "", expected);
    });
  }

  it("is rejected from a signer whose word on it does not count", async () => {
    await store(slsa());
    const { rejected } = await load({
      ...fixture.trust,
      signers: { ci: { publicKey: fixture.publicKey, signs: ["tests"] } },
    });
    assert.deepEqual(
      rejected.map(({ reason }) => reason),
      ["signed by ci, whose word on the kind provenance does not count"],
    );
  });

  it("is refused where it is no bundle", async () => {
    const write = async (text: string) =>
      writeFiles(fixture.store, [provenanceFile({ digest, bundle: Buffer.from(text) })]);
    await assert.rejects(write("{}"));
    await assert.rejects(write("nothing"), SyntaxError);
    assert.deepEqual(await fixture.store.list(folderKeyOf()), []);
  });
  const folderKeyOf = () => `images/${digest.slice(7)}/evidence/`;
});
