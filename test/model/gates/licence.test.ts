import assert from "node:assert/strict";
import fc from "fast-check";
import { isAllowed, isLicence } from "../../../model/gates/licence.ts";

describe("licences", () => {
  const rows: [expression: string, allow: string[], allowed: boolean | undefined][] = [
    ["MIT", ["MIT"], true],
    ["MIT", ["ISC"], false],
    ["MIT OR GPL-3.0-only", ["MIT"], true],
    ["MIT AND GPL-3.0-only", ["MIT"], false],
    ["(MIT OR GPL-3.0-only) AND (ISC OR 0BSD)", ["MIT", "ISC"], true],
    ["GPL-2.0-or-later", ["GPL-2.0-only"], true],
    ["GPL-2.0-or-later", ["GPL-2.0-or-later"], true],
    ["GPL-2.0-or-later", ["GPL-3.0-only"], false],
    ["GPL-2.0-only", ["GPL-2.0-or-later"], false],
    ["GPL-2.0", ["GPL-2.0-only"], true],
    ["Apache-1.0+", ["Apache-1.0"], true],
    // As long as "-or-later": a check of the end of names that finds it nowhere takes these for it.
    ["LPPL-1.2", ["LPPL-1.0"], false],
    ["EUPL-1.2", ["EUPL-1.1"], false],
    ["GPL-2.0-only WITH Classpath-exception-2.0", ["GPL-2.0-only WITH Classpath-exception-2.0"], true],
    ["GPL-2.0-only WITH Classpath-exception-2.0", ["MIT"], false],
    ["GPL-2.0-only", ["GPL-2.0-only WITH Classpath-exception-2.0"], false],
    ["LicenseRef-ours", ["LicenseRef-ours"], true],
    ["LicenseRef-theirs", ["LicenseRef-ours"], false],
    ["mit", ["MIT"], undefined],
    ["NOASSERTION", ["MIT"], undefined],
    ["NONE", ["MIT"], undefined],
    ["", ["MIT"], undefined],
    ["MIT OR", ["MIT"], undefined],
    ["MIT / ISC", ["MIT"], undefined],
    ["__proto__", ["MIT"], undefined],
  ];
  for (const [expression, allow, allowed] of rows) {
    it(`${JSON.stringify(expression)} under ${allow}: ${allowed}`, () =>
      assert.equal(isAllowed(expression, allow), allowed));
  }

  it("are single where they are allowed", () => {
    assert.deepEqual(["MIT", "MIT OR ISC", "MIT AND ISC", "Mit", ""].map(isLicence), [
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("take no time over what was made to take it", () => {
    const started = performance.now();
    const hostile = [
      "(MIT OR ISC)".concat(" AND (MIT OR ISC)".repeat(100)),
      "(".repeat(2000),
      "MIT AND ".repeat(5000),
      "(".repeat(1e6),
    ];
    assert.deepEqual(
      hostile.map((one) => isAllowed(one, ["MIT"])),
      [true, undefined, undefined, undefined],
    );
    assert.ok(performance.now() - started < 1000);
  });

  it("are never let through by letting through fewer", () => {
    const names = ["MIT", "ISC", "GPL-2.0-only", "GPL-2.0-or-later"];
    const expression = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(...names),
        fc.tuple(tie("tree"), fc.constantFrom("AND", "OR"), tie("tree")).map(([a, join, b]) => `(${a} ${join} ${b})`),
      ),
    })).tree;
    fc.assert(
      fc.property(expression, fc.subarray(names), fc.constantFrom(...names), (text, allow, more) => {
        if (isAllowed(text, allow) === true) assert.equal(isAllowed(text, [...allow, more]), true);
      }),
    );
  });
});
