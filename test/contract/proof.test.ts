import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { proofFile, withSections } from "./proof.ts";

describe("docs/proof.md", () => {
  it("names what was not proven as the tests do; if not: node engine/run.mjs node test/contract/write-proof.ts", async () => {
    const page = await readFile(proofFile, "utf8");
    assert.equal(page, withSections(page));
  });
});
