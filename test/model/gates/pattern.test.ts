import assert from "node:assert/strict";
import fc from "fast-check";
import { covers, matches } from "../../../model/gates/pattern.ts";

describe("patterns of names", () => {
  const rows: [pattern: string, name: string, matching: boolean][] = [
    ["a/b", "a/b", true],
    ["a/*", "a/b", true],
    ["a/*", "a/", true],
    ["a/*", "a/b/c", false],
    ["a/*", "x/a/b", false],
    ["*", "a/b", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*c", "a-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["a*ab", "aab", true],
    ["a.c", "abc", false],
    ["a+", "aa", false],
    ["", "", true],
  ];
  for (const [pattern, name, matching] of rows) {
    it(`${pattern}: ${name}`, () => assert.equal(matches(pattern, name), matching));
  }

  const text = fc.array(fc.constantFrom("a", "b", "/", "*"), { maxLength: 8 }).map((all) => all.join(""));
  const name = fc.array(fc.constantFrom("a", "b", "/"), { maxLength: 8 }).map((all) => all.join(""));

  it("match as a regular expression would", () => {
    fc.assert(
      fc.property(text, name, (pattern, one) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", "[^/]*")}$`);
        assert.equal(matches(pattern, one), expression.test(one));
      }),
      { numRuns: 2000 },
    );
  });

  it("cover only what they match all of", () => {
    fc.assert(
      fc.property(text, text, name, (wider, narrower, one) => {
        if (covers(wider, narrower) && matches(narrower, one)) assert.ok(matches(wider, one));
      }),
      { numRuns: 5000 },
    );
  });

  it("take no time over many stars", () => {
    const started = performance.now();
    assert.equal(matches(`${"*a".repeat(5000)}b`, "a".repeat(5000)), false);
    assert.ok(performance.now() - started < 1000);
  });
});
