import assert from "node:assert/strict";
import { createOutput } from "../../automation/output.ts";

describe("what a command writes", () => {
  it("is JSON that holds no command for the runner that logs it, and says the same", () => {
    let written = "";
    const output = createOutput({ stdout: { write: (text: string) => (written += text) }, env: {} });
    const value = { tool: "##[set-output name=x]y", "##[debug]": ["a ##[stop-commands]b", "# #[c]"] };
    output.json(value);
    assert.doesNotMatch(written, /##\[/);
    assert.deepEqual(JSON.parse(written), value);
  });
});
