import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, isCanonical, parseBytes } from "../../evidence/canonical.ts";

describe("canonical JSON", () => {
  it("sorts members, at every depth, and writes no blanks", () => {
    assert.equal(canonicalJson({ b: [{ z: 1, a: null }], a: "é" }), '{"a":"é","b":[{"a":null,"z":1}]}');
  });

  it("writes equal values alike, whatever the order they were made in", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reversed = JSON.parse(JSON.stringify(value), (_name, part) =>
          part !== null && typeof part === "object" && !Array.isArray(part)
            ? Object.fromEntries(Object.entries(part).reverse())
            : part,
        );
        const bytes = Buffer.from(canonicalJson(value));
        assert.equal(canonicalJson(reversed), bytes.toString());
        assert.ok(isCanonical(bytes, parseBytes(bytes)));
      }),
    );
  });

  for (const [name, text] of Object.entries({
    "a blank": '{"a": 1}',
    "another order": '{"b":1,"a":1}',
    "a member twice": '{"a":1,"a":1}',
    "an escape that none needs": '{"a":"\\u0062"}',
    "another number": '{"a":1.0}',
    "minus zero": "[-0]",
    "a line at the end": "{}\n",
  })) {
    it(`is not ${name}`, () => assert.ok(!isCanonical(Buffer.from(text), parseBytes(Buffer.from(text)))));
  }

  it("does not parse bytes that are no UTF-8, nor a mark at their beginning", () => {
    assert.throws(() => parseBytes(Buffer.from([0x22, 0xff, 0x22])), TypeError);
    assert.throws(() => parseBytes(Buffer.from("\ufeff{}")), SyntaxError);
  });
});
