import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { sandboxKey, sandboxPack } from "../../../automation/gates/sandbox-pack.ts";
import { type Places, places } from "../../../automation/paths.ts";
import { results } from "../../../model/gates/results.ts";
import { trust } from "../../../model/gates/trust.ts";

describe("the pack's config in the sandbox", () => {
  let here: Places;
  beforeEach(() => {
    here = places({ SLUICE_HOME: mkdtempSync(path.join(os.tmpdir(), "sluice pack ")) });
  });
  afterEach(() => rmSync(here.home, { recursive: true, force: true }));

  /** @returns what the sandbox makes of a committed config */
  function made(committed: unknown) {
    const config = path.join(here.home, "committed.json");
    writeFileSync(config, typeof committed === "string" ? committed : JSON.stringify(committed));
    const pack = sandboxPack({ folder: "/pack", config }, here);
    assert.equal(pack.folder, "/pack");
    assert.equal(pack.config, path.join(here.home, "policy/config.json"));
    return JSON.parse(readFileSync(pack.config, "utf8"));
  }

  const committed = {
    "logs-kept": { environments: { staging: { minimumDays: 14 } } },
    "images-proven": {
      evidence: "s3://acme",
      trustedRoot: "roots.json",
      signers: { ci: { keyless: { issuer: "https://issuer.test", identity: "x" }, signs: ["tests"] } },
      people: { eve: { roles: ["security"], emails: [] } },
      gates: { tests: { unit: {} } },
      environments: {
        staging: { gates: { lint: {} }, evidence: "s3://other", signers: {}, people: {}, trustedRoot: "other" },
      },
    },
  };

  it("believes its own key and its own people, and nobody that the committed one names", () => {
    const own = made(committed)["images-proven"];
    const publicKey = createPublicKey(sandboxKey(here)).export({ type: "spki", format: "pem" });
    const { evidence, signers, people } = own;
    assert.deepEqual(signers, { sandbox: { publicKey, signs: Object.keys(results), vouches: true } });
    assert.deepEqual(Object.keys(people), ["ada", "grace", "mary"]);
    assert.equal(evidence, pathToFileURL(path.join(here.home, "evidence")).href);
    assert.ok(trust.parse({ evidence, signers, people }));
    assert.ok(existsSync(path.join(here.home, "evidence")));
    assert.equal(own.trustedRoot, undefined);
    assert.deepEqual(own.environments, { staging: { gates: { lint: {} } } });
  });

  it("demands what the committed one demands, of images and of all else", () => {
    const config = made(committed);
    assert.deepEqual(config["images-proven"].gates, { tests: { unit: {} } });
    assert.deepEqual(config["logs-kept"], committed["logs-kept"]);
  });

  it("follows the committed one, with the key that it had, and is nobody else's to read", () => {
    const before = made(committed)["images-proven"].signers;
    const after = made({ ...committed, "logs-kept": {} });
    assert.deepEqual(after["logs-kept"], {});
    assert.deepEqual(after["images-proven"].signers, before);
    for (const file of ["policy/config.json", "evidence-key.pem"]) {
      assert.equal(statSync(path.join(here.home, file)).mode & 0o777, 0o600, file);
    }
  });

  for (const odd of ["", "[]", "null", '"x"', '{"images-proven": 7}', '{"images-proven": {"environments": []}}']) {
    it(`does not guess what ${odd || "nothing"} means`, () => {
      assert.throws(() => made(odd), /cannot be read/);
    });
  }
});
