import assert from "node:assert/strict";
import { ProvenanceError, provenanceOf } from "../../../model/gates/provenance.ts";

const commit = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const other = "0".repeat(40);
const hash = "5a".repeat(32);

/** As actions/attest-build-provenance writes it. */
function github() {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "ghcr.io/acme/api", digest: { sha256: hash } as Record<string, string> }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://actions.github.io/buildtypes/workflow/v1",
        externalParameters: {
          workflow: { ref: "refs/heads/main", repository: "https://github.com/acme/api" },
        } as object,
        resolvedDependencies: [
          {
            uri: "git+https://github.com/acme/api@refs/heads/main",
            digest: { gitCommit: commit } as Record<string, string>,
          },
        ],
      },
      runDetails: {
        builder: { id: "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main" },
        metadata: {} as { startedOn?: string; finishedOn?: string },
      },
    },
  };
}
type Statement = ReturnType<typeof github>;

function edited(change: (statement: Statement) => void): Statement {
  const statement = github();
  change(statement);
  return statement;
}

describe("provenance", () => {
  it("says builder, source without a ref, commit and type of build", () => {
    assert.deepEqual(provenanceOf(github()), {
      result: {
        builder: "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main",
        source: "git+https://github.com/acme/api",
        commit,
        buildType: "https://actions.github.io/buildtypes/workflow/v1",
      },
      digests: [`sha256:${hash}`],
    });
  });

  it("names each subject once, and when the build ended, else when it began", () => {
    const { digests, madeAt } = provenanceOf(
      edited(({ subject, predicate }) => {
        subject.push(
          { name: "latest", digest: { sha256: hash } },
          { name: "other", digest: { sha256: "00".repeat(32) } },
        );
        predicate.runDetails.metadata = { startedOn: "2026-11-20T09:05:00Z", finishedOn: "2026-11-20T09:10:00Z" };
      }),
    );
    assert.deepEqual(digests, [`sha256:${hash}`, `sha256:${"00".repeat(32)}`]);
    assert.equal(madeAt, Date.UTC(2026, 10, 20, 9, 10));
    const begun = edited(({ predicate }) => {
      predicate.runDetails.metadata = { startedOn: "2026-11-20T09:05:00Z" };
    });
    assert.equal(provenanceOf(begun).madeAt, Date.UTC(2026, 10, 20, 9, 5));
  });

  const spellings = [
    "https://github.com/acme/api",
    "https://github.com/acme/api.git",
    "https://github.com/acme/api/",
    "git+https://github.com/acme/api@refs/heads/main",
    "https://GitHub.com/acme/api.git#refs/heads/main",
    "https://github.com/evil/../acme/api?x=1",
  ];
  for (const repository of spellings) {
    it(`knows the repository in ${repository}`, () => {
      const statement = edited(({ predicate }) => {
        predicate.buildDefinition.externalParameters = { workflow: { repository } };
      });
      assert.equal(provenanceOf(statement).result.source, "git+https://github.com/acme/api");
    });
  }

  it("takes BuildKit's and the generator's source, and the commit beside it", () => {
    for (const field of ["configSource", "source"]) {
      const statement = edited(({ predicate }) => {
        const source = { uri: "https://github.com/acme/api.git#main", digest: { sha1: commit } };
        predicate.buildDefinition.externalParameters = { [field]: source };
        predicate.buildDefinition.resolvedDependencies = [];
      });
      assert.equal(provenanceOf(statement).result.commit, commit, field);
    }
  });

  it("leaves commits of other repositories aside", () => {
    const statement = edited(({ predicate }) => {
      predicate.buildDefinition.resolvedDependencies.unshift(
        { uri: "git+https://github.com/acme/tools@v1", digest: { gitCommit: other } },
        { uri: "pkg:docker/node@24", digest: { sha256: hash } },
      );
    });
    assert.equal(provenanceOf(statement).result.commit, commit);
  });

  const setRepository = (repository: string) => (statement: Statement) => {
    statement.predicate.buildDefinition.externalParameters = { workflow: { repository } };
  };
  const setCommit = (digest: Record<string, string>) => (statement: Statement) => {
    statement.predicate.buildDefinition.resolvedDependencies[0] = { uri: "git+https://github.com/acme/api@x", digest };
  };
  const refused: [string, (statement: Statement) => unknown, RegExp][] = [
    ["another statement", (one) => (one._type = "https://in-toto.io/Statement/v9"), /^_type: /],
    [
      "another predicate",
      (one) => (one.predicateType = "https://spdx.dev/Document"),
      /^predicateType: .* is no SLSA provenance/,
    ],
    ["no predicate", (one) => Object.assign(one, { predicate: undefined }), /^predicate: /],
    ["no subject", (one) => (one.subject = []), /^subject: /],
    [
      "a subject without SHA-256",
      (one) => (one.subject = [{ name: "x", digest: { sha1: commit } }]),
      /^subject: has no SHA-256/,
    ],
    [
      "a subject with half a digest",
      (one) => (one.subject = [{ name: "x", digest: { sha256: "5a" } }]),
      /^subject: .* is no SHA-256/,
    ],
    ["a builder without a name", (one) => (one.predicate.runDetails.builder.id = ""), /runDetails\.builder\.id/],
    ["no source", (one) => (one.predicate.buildDefinition.externalParameters = {}), /does not say from what/],
    ["a source without https", setRepository("http://github.com/acme/api"), /is no https address/],
    ["a source with a password", setRepository("https://a:b@github.com/acme/api"), /has a user or a password/],
    ["a source that is no repository", setRepository("https://github.com/"), /names no repository/],
    ["a source with signs in it", setRepository("https://github.com/acme/%61pi"), /names no repository/],
    [
      "an address that takes for ever to look at",
      setRepository(`https://github.com/acme/api${"/".repeat(1_000_000)}x`),
      /repository/,
    ],
    [
      "such an address beside no digest",
      (one) =>
        Object.assign(one.predicate.buildDefinition, {
          externalParameters: { source: `https://a/${"/".repeat(1_000_000)}x` },
        }),
      /is too long/,
    ],
    ["no commit of the source", (one) => (one.predicate.buildDefinition.resolvedDependencies = []), /no commit of/],
    ["a commit of another repository alone", setRepository("https://github.com/acme/web"), /no commit of/],
    ["two commits", setCommit({ gitCommit: commit, sha1: other }), /several commits of/],
    ["half a commit", setCommit({ gitCommit: "4b825dc" }), /is no commit/],
    ["a time that is none", (one) => (one.predicate.runDetails.metadata = { finishedOn: "noon" }), /is no time/],
  ];
  for (const [what, change, reason] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => provenanceOf(edited(change)),
        (error: Error) => error instanceof ProvenanceError && reason.test(error.message),
      );
    });
  }

  it("refuses what is no statement", () => {
    for (const value of [undefined, null, [], "text", 1, {}]) assert.throws(() => provenanceOf(value), ProvenanceError);
  });
});
