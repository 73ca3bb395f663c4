import assert from "node:assert/strict";
import { defaultStacks, environmentOf, matchesName, stackOf } from "../../model/environment-of.ts";

describe("environment of a stack", () => {
  it("is named by the first pattern that matches, else by the stack itself", () => {
    assert.equal(environmentOf("preview-pr-1", { "preview-*": "preview" }), "preview");
    assert.equal(environmentOf("my-preview-1", { "preview-*": "preview" }), "my-preview-1");
    assert.equal(environmentOf("eu-1", { "eu-*": "first", "eu-1": "second" }), "first");
  });

  it("of an example follows from what stands at the end of its name", () => {
    const table: [string, string][] = [
      ["shop-staging", "staging"],
      ["shop-test", "staging"],
      ["test", "staging"],
      ["shop-development", "development"],
      ["shop-foundation", "foundation"],
      ["shop-preview", "preview"],
      ["shop-preview-pr-12", "preview"],
      ["preview-pr-12", "preview"],
      ["shop-prod", "prod"],
      ["staging-shop", "staging-shop"],
      ["prod", "prod"],
      ["production", "production"],
    ];
    assert.deepEqual(
      table.map(([stack]) => [stack, environmentOf(stack, defaultStacks)]),
      table,
    );
  });

  it("takes the stack from a URN, and from nothing else", () => {
    assert.equal(stackOf("urn:pulumi:prod::sluice::sluice:a:B$aws:c/d:D::x::y"), "prod");
    assert.throws(() => stackOf("prod"), /not a URN/);
  });

  it("takes only * for a pattern", () => {
    assert.equal(matchesName("a.c*", "abc"), false);
    assert.equal(matchesName("a*c", "abbc"), true);
  });
});
