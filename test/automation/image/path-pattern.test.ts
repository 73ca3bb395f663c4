import assert from "node:assert/strict";
import { patternOf, readIgnoreRules } from "../../../automation/image/path-pattern.ts";

describe("a pattern", () => {
  // The tables of Go's path/filepath and of docker's pattern matcher, in part.
  const cases: [string, string, boolean][] = [
    ["abc", "abc", true],
    ["*", "abc", true],
    ["*", ".hidden", true],
    ["*c", "abc", true],
    ["a*/b", "abc/b", true],
    ["a*/b", "a/c/b", false],
    ["a?c", "a/c", false],
    ["ab[b-d]", "abc", true],
    ["ab[^b-d]", "abc", false],
    ["ab[^e-g]", "abc", true],
    ["a\\*b", "a*b", true],
    ["a\\*b", "axb", false],
    ["a.c", "abc", false],
    ["a+(b)|$^", "a+(b)|$^", true],
    ["**", "a/b/c", true],
    ["**/b", "b", true],
    ["**/b", "a/x/b", true],
    ["a/**", "a/b/c", true],
    ["a/**", "a", false],
    ["**/*.md", "x/y/z.md", true],
    ["[a[b]", "[", true],
    ["日?語", "日本語", true],
  ];
  for (const [pattern, path, expected] of cases) {
    it(`${pattern} ${expected ? "matches" : "does not match"} ${path}`, () => {
      assert.equal(patternOf(pattern).test(path), expected);
    });
  }

  it("with an open or a backward set is refused", () => {
    assert.throws(() => patternOf("[a"), /has a \[ without its \]/);
    assert.throws(() => patternOf("[b-a]"), /is not valid/);
  });
});

describe("an ignore file", () => {
  const cases: [string, string, string, boolean][] = [
    ["a name", "secret", "secret", true],
    ["a name in a folder is another", "secret", "a/secret", false],
    ["a folder's content", "node_modules", "node_modules/a/b.js", true],
    ["a leading slash and a trailing one", "/dist/", "dist/x", true],
    ["comments and blanks", "# a\n\n  b  ", "b", true],
    ["a comment is no rule", "#a", "#a", false],
    ["at any depth", "**/*.log", "a/b/c.log", true],
    ["an exception", "*\n!keep", "keep", false],
    ["an exception within an ignored folder", "a\n!a/keep", "a/keep", false],
    ["the last rule decides", "!a\na", "a", true],
    ["Windows line ends", "a\r\nb\r\n", "a", true],
    ["a path with dots", "./a/../b", "b", true],
  ];
  for (const [what, text, path, expected] of cases) {
    it(`understands ${what}`, () => assert.equal(readIgnoreRules(text).ignores(path), expected));
  }
});
