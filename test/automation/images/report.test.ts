import assert from "node:assert/strict";
import { formatBytes, planDocument, planLines, riskLines } from "../../../automation/images/report.ts";
import { planRetention, type StoredImage } from "../../../model/images/retention.ts";
import { digestOf } from "./backend-folder.ts";

const day = 86_400_000;
const now = Date.parse("2026-11-21T12:00:00Z");
const image = (n: number, more: Partial<StoredImage> = {}): StoredImage => ({
  digest: digestOf(n),
  tags: [`v${n}`],
  pushedAt: now - 40 * day,
  bytes: 150_000_000,
  children: [],
  ...more,
});

describe("what sluice images shows", () => {
  const images = [
    image(1),
    image(2, { tags: [] }),
    image(3, { pushedAt: now - day, pulledAt: now }),
    image(4, { children: [digestOf(5)], bytes: 0 }),
    image(5, { tags: [] }),
    image(6, { tags: ["dev-6"] }),
  ];
  const claim = {
    stack: "prod",
    digests: new Set([digestOf(5), digestOf(6)]),
    words: new Set(["v3"]),
    good: { api: [digestOf(4)] },
  };
  const plan = planRetention({ images, stacks: [claim], keep: 1, minimumAgeDays: 30, now });

  it("is every image, with the reason why it stays", () => {
    const short = (n: number) => digestOf(n).slice(0, 19);
    assert.deepEqual(planLines("api", plan, now), [
      "api: 2 of 6 images can go, at most 300.0 MB",
      `  goes   ${short(1)}  v1  40 d  150.0 MB`,
      `  goes   ${short(2)}  (no tag)  40 d  150.0 MB`,
      `  stays  ${short(3)}  v3  1 d  150.0 MB: its tag v3 is named in the state of prod; pushed lately; pulled lately`,
      `  stays  ${short(4)}  v4  40 d  0 B: good release 1 of api in prod`,
      `  stays  ${short(5)}  (no tag)  40 d  150.0 MB: in the state of prod`,
      `  stays  ${short(6)}  dev-6  40 d  150.0 MB: in the state of prod`,
    ]);
  });

  it("warns of what runs and expires all the same", () => {
    const [line, ...others] = riskLines("api", plan);
    assert.match(
      line ?? "",
      /is in the state of prod, and the repository's lifecycle rules will expire it: it is tagged dev-6/,
    );
    assert.deepEqual(others, []);
  });

  it("is the same for programs, and JSON", () => {
    const { remove, kept, bytes } = JSON.parse(JSON.stringify(planDocument(plan)));
    assert.deepEqual([remove.length, kept.length, bytes], [2, 4, 300_000_000]);
    assert.equal(remove[0].pushedAt, "2026-10-12T12:00:00.000Z");
  });

  it("has sizes that people can read", () => {
    const sizes: [number, string][] = [
      [0, "0 B"],
      [999, "999 B"],
      [1000, "1.0 kB"],
      [5.9e12, "5.9 TB"],
      [1e16, "10000.0 TB"],
    ];
    for (const [bytes, text] of sizes) assert.equal(formatBytes(bytes), text);
  });
});
