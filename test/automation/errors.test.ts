import assert from "node:assert/strict";
import { configurationError, errorDocument, errorLines, exitCodeOf } from "../../automation/errors.ts";
import { EvidenceError } from "../../evidence/error.ts";

describe("a failure", () => {
  const said = { details: ["one", "two"], remedy: "mend it" };
  const cases: [what: string, error: unknown, code: number, lines: string[]][] = [
    ["of ours", configurationError("wrong", said), 2, ["error: wrong", "  one", "  two", "  to mend it: mend it"]],
    [
      "of the evidence",
      new EvidenceError("unreadable", { ...said, exitCode: 3 }),
      3,
      ["error: unreadable", "  one", "  two", "  to mend it: mend it"],
    ],
    ["of anybody", new TypeError("a defect"), 1, ["error: a defect"]],
    ["that is no error", "text", 1, ["error: text"]],
    ["with details of another kind", Object.assign(new Error("odd"), { details: 3, remedy: {} }), 1, ["error: odd"]],
  ];
  for (const [what, error, code, lines] of cases) {
    it(`${what} is told in lines, and in a document`, () => {
      assert.deepEqual(errorLines(error), lines);
      assert.equal(exitCodeOf(error), code);
      const mends = lines.length > 1;
      assert.deepEqual(errorDocument(error), {
        code,
        message: lines[0]?.slice("error: ".length),
        details: mends ? said.details : [],
        ...(mends ? { remedy: said.remedy } : {}),
      });
    });
  }
});
