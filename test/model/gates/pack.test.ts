import assert from "node:assert/strict";
import { packGates } from "../../../model/gates/pack.ts";
import { gatesFor, gatesSection } from "../../../model/gates/section.ts";

const key = "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n";
const config = {
  evidence: "file:///srv/evidence",
  signers: { ci: { publicKey: key, signs: ["tests"] } },
  people: { ada: { roles: ["security"], emails: ["ada@example.test"] } },
  gates: { tests: { unit: { minimum: 5 } }, ageHours: 24 },
  environments: {
    staging: { gates: { lint: {} }, strictness: "advisory" },
    local: { gates: {}, evidence: "file:///tmp/evidence" },
  },
};

describe("packGates", () => {
  it("reads whom the pack believes and what it demands", () => {
    const { trust, floor, strictness } = packGates(config, "prod");
    assert.deepEqual(trust, { evidence: config.evidence, signers: config.signers, people: config.people });
    assert.partialDeepStrictEqual(floor, { tests: { unit: { minimum: 5 } }, ageHours: 24, repositories: {} });
    assert.equal(strictness, "mandatory");
  });

  it("takes an environment's own settings, each as a whole", () => {
    const staging = packGates(config, "staging");
    assert.deepEqual([staging.strictness, staging.floor.tests, staging.floor.ageHours], ["advisory", {}, undefined]);
    assert.equal(packGates(config, "local").trust.evidence, "file:///tmp/evidence");
    // No environment is called so: it has the general settings.
    assert.equal(packGates(config, "constructor").floor.ageHours, 24);
  });

  const rows: [what: string, change: object, found: RegExp][] = [
    [
      "nothing",
      { evidence: undefined, signers: undefined, people: undefined },
      /evidence: required.*\n.*signers: required.*\n.*people: required/,
    ],
    ["a setting that there is none of", { signer: {} }, /signer: no such setting/],
    ["a gate that there is none of", { gates: { testz: {} } }, /gates\.testz: no such setting/],
    [
      "a signer with neither key nor identity",
      { signers: { ci: { signs: ["tests"] } } },
      /signers\.ci: exactly one of publicKey and keyless; got neither/,
    ],
    [
      "a signer with both",
      { signers: { ci: { publicKey: key, keyless: { issuer: "https://a.b", identity: "x" }, signs: ["tests"] } } },
      /signers\.ci: .*got both/,
    ],
    ["a signer of nothing", { signers: { ci: { publicKey: key, signs: [] } } }, /signers\.ci\.signs/],
    [
      "a signer of what is no evidence",
      { signers: { ci: { publicKey: key, signs: ["test"] } } },
      /signers\.ci\.signs\.0/,
    ],
    [
      "a login twice",
      { people: { ada: config.people.ada, Ada: { roles: [], emails: [] } } },
      /people\.ada: each login once/,
    ],
    [
      "an address of two people",
      { people: { ...config.people, bob: { roles: [], emails: ["ADA@example.test"] } } },
      /people\.bob\.emails: each address is one person's/,
    ],
    [
      "a freeze that ends before it begins",
      { gates: { freeze: [{ from: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z", reason: "x" }] } },
      /gates\.freeze\.0\.until: later than from/,
    ],
    [
      "a licence that there is none of",
      { gates: { licences: { allow: ["MIT", "Apache"] } } },
      /gates\.licences\.allow\.1: one SPDX licence/,
    ],
    [
      "a repository that is let off",
      { gates: { ageHours: 24, repositories: { "a/b": { ageHours: 48 } } } },
      /gates\.repositories\.a\/b\.ageHours: at most 24: gates may only be tightened/,
    ],
    ["an unknown strictness", { strictness: "lax" }, /strictness/],
    ["an environment's malformed gates", { environments: { prod: { gates: { ageHours: 0 } } } }, /gates\.ageHours/],
  ];
  for (const [what, change, found] of rows) {
    it(`refuses ${what}, by name`, () => {
      assert.throws(
        () => packGates({ ...config, ...change }, "prod"),
        (error: Error) => {
          assert.match(error.message, /^in the pack's config:\n/);
          assert.match(error.message, found);
          assert.doesNotMatch(error.message, /sluice:/);
          return true;
        },
      );
    });
  }

  it("refuses what is no config", () => {
    for (const none of [undefined, null, [], "x", 5])
      assert.throws(() => packGates(none, "prod"), /in the pack's config:/);
  });
});

describe("gatesFor", () => {
  const section = gatesSection.parse({
    lint: {},
    repositories: { "shop/api": { tests: { unit: { minimum: 5 } }, lint: { tools: ["eslint"] } } },
  });

  it("adds a repository's gates to those of all", () => {
    assert.partialDeepStrictEqual(gatesFor(section, "shop/api"), {
      lint: { tools: ["eslint"] },
      tests: { unit: { minimum: 5 } },
    });
  });

  it("is what all have for the others, and no gate without a section", () => {
    assert.partialDeepStrictEqual(gatesFor(section, "shop/web"), { lint: { tools: [] }, tests: {} });
    assert.partialDeepStrictEqual(gatesFor(section, "constructor"), { tests: {} });
    assert.deepEqual(gatesFor(undefined, "shop/api").tests, {});
  });
});
