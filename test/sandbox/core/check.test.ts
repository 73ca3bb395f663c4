import assert from "node:assert/strict";
import { checkInputs } from "../../../sandbox/providers/check.ts";
import { UNKNOWN } from "../../../sandbox/providers/protocol.ts";
import type { InputSpec, Properties } from "../../../sandbox/providers/resource-type.ts";

const specs: Record<string, InputSpec> = {
  name: {
    type: "string",
    required: true,
    minLength: 2,
    maxLength: 8,
    pattern: /^[a-z]+$/,
    patternHint: "lower case only",
  },
  port: { type: "integer", min: 1, max: 65_535 },
  mode: { type: "string", oneOf: ["a", "b"], default: "a" },
  document: { type: "json" },
  rules: {
    type: { list: { type: { object: { weight: { type: "integer", required: true, min: 0, max: 999 } } } } },
    maxLength: 2,
  },
  tags: { type: { map: { type: "string" } } },
  left: { type: "string", conflictsWith: ["right"] },
  right: { type: "string" },
};

const problems = (inputs: Properties) =>
  checkInputs(specs, inputs).problems.map(({ property, reason }) => `${property}: ${reason}`);

describe("check of inputs", () => {
  const refused: [string, Properties, RegExp][] = [
    ["an unknown property", { name: "abc", nmae: 1 }, /^nmae: unsupported argument/],
    ["a missing one", {}, /^name: missing required property/],
    ["a wrong type", { name: 5 }, /^name: expected a string, got 5/],
    ["a short one", { name: "a" }, /^name: expected at least 2 characters, got 1/],
    ["a long one", { name: "abcdefghi" }, /^name: expected at most 8 characters, got 9/],
    ["a pattern", { name: "ABC" }, /^name: lower case only, got "ABC"/],
    ["a number too high", { name: "abc", port: 65_536 }, /^port: expected at most 65535/],
    ["a fraction", { name: "abc", port: 1.5 }, /^port: expected a whole number/],
    ["a choice", { name: "abc", mode: "c" }, /^mode: expected one of "a", "b", got "c"/],
    ["text that is no JSON", { name: "abc", document: "{" }, /^document: is not JSON/],
    [
      "a nested limit",
      { name: "abc", rules: [{ weight: 1 }, { weight: 1000 }] },
      /^rules\[1\]\.weight: expected at most 999/,
    ],
    [
      "a nested unknown property",
      { name: "abc", rules: [{ weight: 1, wieght: 2 }] },
      /^rules\[0\]\.wieght: unsupported/,
    ],
    [
      "too many items",
      { name: "abc", rules: [1, 2, 3].map((weight) => ({ weight })) },
      /^rules: expected at most 2 items, got 3/,
    ],
    ["a map's value", { name: "abc", tags: { a: 1 } }, /^tags\["a"\]: expected a string/],
    ["rivals", { name: "abc", left: "l", right: "r" }, /^left: conflicts with right/],
  ];
  for (const [what, inputs, expected] of refused) {
    it(`refuses ${what}`, () => {
      assert.equal(problems(inputs).length, 1, problems(inputs).join("; "));
      assert.match(problems(inputs)[0] ?? "", expected);
    });
  }

  it("reports everything at once", () => {
    assert.equal(problems({ port: 0, mode: "z", extra: 1 }).length, 4);
  });

  it("fills in defaults, and leaves what is given", () => {
    assert.equal(checkInputs(specs, { name: "abc" }).inputs.mode, "a");
    assert.equal(checkInputs(specs, { name: "abc", mode: "b" }).inputs.mode, "b");
  });

  it("lets unknown values pass, wherever they stand", () => {
    assert.deepEqual(problems({ name: UNKNOWN, port: UNKNOWN, rules: [{ weight: UNKNOWN }], document: UNKNOWN }), []);
  });

  it("takes a document in place of its text", () => {
    assert.equal(checkInputs(specs, { name: "abc", document: { a: [1] } }).inputs.document, '{"a":[1]}');
    assert.equal(checkInputs(specs, { name: "abc", document: { a: UNKNOWN } }).inputs.document, UNKNOWN);
  });
});
