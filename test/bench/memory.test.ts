import assert from "node:assert/strict";
import { peakMemory } from "../../bench/memory.ts";

describe("the memory of a command", () => {
  /** Holds so many MiB for half a second, in a process of its own where asked. */
  const holder = (mebibytes: number) =>
    `const held = Buffer.alloc(${mebibytes} * 1024 * 1024, 1); setTimeout(() => held.length, 500)`;
  const nested = (mebibytes: number) =>
    `require("child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(holder(mebibytes))}])`;

  it("is that of all its processes together", async () => {
    const [idle, held] = [
      await peakMemory(process.execPath, ["-e", nested(0)]),
      await peakMemory(process.execPath, ["-e", nested(100)]),
    ];
    assert.ok(held - idle > 80 && held - idle < 130, `${idle} and ${held} MiB`);
  });

  it("is none where the command fails", async () => {
    await assert.rejects(peakMemory(process.execPath, ["-e", "process.exit(3)"]), /ended with 3/);
  });
});
