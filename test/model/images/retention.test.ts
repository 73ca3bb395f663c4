import assert from "node:assert/strict";
import fc from "fast-check";
import {
  deletionWaves,
  expiryRisks,
  type KeepReason,
  planRetention,
  type RetentionArgs,
  type StackClaim,
  type StoredImage,
} from "../../../model/images/retention.ts";

const day = 86_400_000;
const now = Date.parse("2026-11-21T12:00:00Z");
const digestOf = (n: number) => `sha256:${n.toString(16).padStart(64, "0")}`;

const image = (n: number, more: Partial<StoredImage> = {}): StoredImage => ({
  digest: digestOf(n),
  tags: [`v${n}`],
  pushedAt: now - 100 * day,
  bytes: 1000,
  children: [],
  ...more,
});
interface Claimed {
  stack?: string;
  digests?: string[];
  words?: string[];
  good?: StackClaim["good"];
}
const claim = ({ stack = "prod", digests = [], words = [], good = {} }: Claimed = {}): StackClaim => ({
  stack,
  digests: new Set(digests),
  words: new Set(words),
  good,
});
const plan = (images: StoredImage[], more: Partial<RetentionArgs> = {}) =>
  planRetention({ images, stacks: [claim()], keep: 2, minimumAgeDays: 30, now, ...more });
const removed = (...args: Parameters<typeof plan>) =>
  plan(...args).remove.map(({ digest }) => Number(`0x${digest.slice(7)}`));

describe("retention of images", () => {
  it("removes what is old and what no stack refers to", () => {
    assert.deepEqual(removed([image(1), image(2)]), [1, 2]);
  });

  const keeps: [string, StoredImage, Partial<RetentionArgs>, KeepReason][] = [
    [
      "what stands in a state",
      image(1),
      { stacks: [claim(), claim({ stack: "other/shop", digests: [digestOf(1)] })] },
      { kind: "in-state", stack: "other/shop" },
    ],
    [
      "what a state names by tag",
      image(1),
      { stacks: [claim({ words: ["v1"] })] },
      { kind: "tag-in-state", stack: "prod", tag: "v1" },
    ],
    [
      "the last good release but one",
      image(1),
      { stacks: [claim({ good: { api: [digestOf(9), digestOf(1)] } })] },
      { kind: "good", stack: "prod", service: "api", place: 2 },
    ],
    ["what is younger than asked for", image(1, { pushedAt: now - 30 * day + 1 }), {}, { kind: "young" }],
    ["what was pushed after the clock's now", image(1, { pushedAt: now + day }), {}, { kind: "young" }],
    ["what was pulled lately", image(1, { pulledAt: now - 29 * day }), {}, { kind: "pulled" }],
    ["what has no date", image(1, { pushedAt: undefined }), { minimumAgeDays: 0 }, { kind: "undated" }],
    ["what has no sensible date", image(1, { pushedAt: Number.NaN }), { minimumAgeDays: 0 }, { kind: "undated" }],
    ["what is in the archive", image(1, { archived: true }), {}, { kind: "archived" }],
    ["everything where no stack was read", image(1), { stacks: [] }, { kind: "no-stack" }],
  ];
  for (const [title, one, more, reason] of keeps) {
    it(`keeps ${title}`, () => {
      const { remove, kept } = plan([one], more);
      assert.deepEqual([remove, kept], [[], [{ image: one, reasons: [reason] }]]);
    });
  }

  it("removes at exactly the age asked for, and what was good before the last of them", () => {
    assert.deepEqual(removed([image(1, { pushedAt: now - 30 * day })]), [1]);
    const good = { api: [digestOf(3), digestOf(2), digestOf(1)] };
    assert.deepEqual(removed([image(1), image(2), image(3)], { stacks: [claim({ good })] }), [1]);
  });

  it("keeps an index with its images, its signatures and what is said of those, if one of them is kept", () => {
    const family = [
      image(1, { children: [digestOf(2), digestOf(3)] }),
      image(2, { tags: [] }),
      image(3, { tags: [] }),
      image(4, { tags: [], subject: digestOf(1) }),
      image(5, { tags: [], subject: digestOf(4) }),
      image(6, { tags: [`sha256-${"1".padStart(64, "0")}.sig`] }),
      image(7, { tags: [`sha256-${"3".padStart(64, "0")}`] }),
    ];
    for (const { digest } of family) {
      assert.deepEqual(removed(family, { stacks: [claim({ digests: [digest] })] }), [], digest);
    }
    assert.equal(removed(family).length, family.length);
  });

  it("keeps everything where the list of an index could not be read", () => {
    assert.deepEqual(removed([image(1, { children: undefined }), image(2)]), []);
  });

  it("is not misled by references to what the repository does not have", () => {
    const images = [image(1, { children: [digestOf(9)] }), image(2, { subject: digestOf(9) })];
    assert.deepEqual(removed(images, { stacks: [claim({ digests: [digestOf(1)] })] }), [2]);
  });

  it("deletes indexes before what they name, also where these are indexes", () => {
    const images = [
      image(3),
      image(2, { children: [digestOf(3)] }),
      image(1, { children: [digestOf(2), digestOf(3)] }),
    ];
    const waves = deletionWaves(images).map((wave) => wave.map(({ digest }) => digest));
    assert.deepEqual(waves, [[digestOf(1)], [digestOf(2)], [digestOf(3)]]);
  });

  it("ends on manifests that name each other, which no registry can hold", () => {
    const images = [image(1, { children: [digestOf(2)] }), image(2, { children: [digestOf(1)] })];
    assert.equal(deletionWaves(images).flat().length, 2);
  });

  it("warns of images in use that the repository's own rules will expire", () => {
    const images = [
      image(1, { tags: [] }),
      image(2, { tags: ["v2", "dev-2"] }),
      image(3, { tags: ["pr-3"] }),
      image(4),
      image(5, { tags: ["dev"] }),
      image(6, { children: [digestOf(7)] }),
      image(7, { tags: [] }),
    ];
    const risks = expiryRisks(plan(images, { stacks: [claim({ digests: images.map(({ digest }) => digest) })] }));
    assert.deepEqual(
      risks.map(({ image: { digest }, stacks }) => [digest, stacks]),
      [1, 2, 3].map((n) => [digestOf(n), ["prod"]]),
    );
  });
});

/** Few digests, so that images, lists, subjects and stacks meet often. */
const someDigest = fc.integer({ min: 0, max: 11 }).map(digestOf);
const someTag = fc.oneof(
  fc.integer({ min: 0, max: 11 }).map((n) => `v${n}`),
  someDigest.map((digest) => `${digest.replace(":", "-")}.sig`),
);
const someImage = fc.record({
  digest: someDigest,
  tags: fc.array(someTag, { maxLength: 2 }),
  pushedAt: fc.option(fc.integer({ min: now - 90 * day, max: now }), { nil: undefined, freq: 10 }),
  pulledAt: fc.option(fc.integer({ min: now - 90 * day, max: now }), { nil: undefined }),
  bytes: fc.nat(),
  children: fc.option(fc.array(someDigest, { maxLength: 3 }), { nil: undefined, freq: 20 }),
  subject: fc.option(someDigest, { nil: undefined }),
  archived: fc.boolean(),
});
const someImages = fc.uniqueArray(someImage, { selector: ({ digest }) => digest, maxLength: 12 });
const someClaim = fc.record({
  stack: fc.constantFrom("prod", "staging", "shop/prod"),
  digests: fc.array(someDigest, { maxLength: 2 }).map((list) => new Set(list)),
  words: fc.array(someTag, { maxLength: 2 }).map((list) => new Set(list)),
  good: fc.dictionary(fc.constantFrom("api", "web"), fc.array(someDigest, { maxLength: 4 }), { maxKeys: 2 }),
});
const someArgs: fc.Arbitrary<RetentionArgs> = fc.record({
  images: someImages,
  stacks: fc.array(someClaim, { maxLength: 3 }),
  keep: fc.integer({ min: 0, max: 4 }),
  minimumAgeDays: fc.integer({ min: 0, max: 60 }),
  now: fc.constant(now),
});

const digestsOf = (images: readonly StoredImage[]) => images.map(({ digest }) => digest);
const goneOf = (args: RetentionArgs) => new Set(digestsOf(planRetention(args).remove));
const within = (inner: ReadonlySet<string>, outer: ReadonlySet<string>) => [...inner].every((one) => outer.has(one));

describe("retention of images, for all states and registries", () => {
  const holds = (title: string, check: (args: RetentionArgs) => boolean) =>
    it(title, () => fc.assert(fc.property(someArgs, check), { numRuns: 500 }));

  holds("nothing that any stack refers to goes", (args) => {
    const gone = goneOf(args);
    return args.stacks.every(({ digests, good }) =>
      [...digests, ...Object.values(good).flatMap((list) => list.slice(0, args.keep))].every((one) => !gone.has(one)),
    );
  });

  holds("nothing whose tag any stack refers to goes", (args) => {
    const tags = new Set(args.stacks.flatMap((one) => [...one.words]));
    return planRetention(args).remove.every((one) => !one.tags.some((tag) => tags.has(tag)));
  });

  holds("nothing goes that something which stays names, or is about", (args) => {
    const { remove, kept } = planRetention(args);
    const gone = new Set(digestsOf(remove));
    const named = kept.flatMap(({ image: { children = [], subject = "" } }) => [...children, subject]);
    const about = remove.flatMap(({ children = [], subject = "" }) => [...children, subject]);
    const staying = new Set(kept.map((one) => one.image.digest));
    return named.every((one) => !gone.has(one)) && about.every((one) => !staying.has(one));
  });

  holds("nothing young, pulled lately, undated or archived goes", (args) =>
    planRetention(args).remove.every(
      ({ pushedAt, pulledAt, archived }) =>
        [pushedAt, pulledAt ?? 0].every((time) => time !== undefined && now - time >= args.minimumAgeDays * day) &&
        !archived,
    ),
  );

  holds("every image either goes or stays for a reason", (args) => {
    const { remove, kept } = planRetention(args);
    const all = [...digestsOf(remove), ...kept.map((one) => one.image.digest)].sort();
    return (
      JSON.stringify(all) === JSON.stringify(digestsOf(args.images).sort()) &&
      kept.every(({ reasons }) => reasons.length > 0)
    );
  });

  holds("no stack, no deletion", (args) => goneOf({ ...args, stacks: [] }).size === 0);

  it("less data never lets more go", () => {
    const losses: ((args: RetentionArgs, n: number) => RetentionArgs)[] = [
      ({ images, ...rest }, n) => ({
        ...rest,
        images: images.map((one, i) => (i === n ? { ...one, pushedAt: undefined } : one)),
      }),
      ({ images, ...rest }, n) => ({
        ...rest,
        images: images.map((one, i) => (i === n ? { ...one, children: undefined } : one)),
      }),
      (args) => ({ ...args, stacks: [] }),
    ];
    fc.assert(
      fc.property(someArgs, fc.constantFrom(...losses), fc.nat({ max: 11 }), (args, lose, n) =>
        within(goneOf(lose(args, n)), goneOf(args)),
      ),
      { numRuns: 500 },
    );
  });

  it("another stack, a longer memory or a higher age never lets more go", () => {
    fc.assert(
      fc.property(someArgs, someClaim, fc.nat({ max: 3 }), (args, more, extra) => {
        if (args.stacks.length === 0) return;
        const stricter = {
          ...args,
          stacks: [...args.stacks, more],
          keep: args.keep + extra,
          minimumAgeDays: args.minimumAgeDays + extra,
        };
        assert.ok(within(goneOf(stricter), goneOf(args)));
      }),
      { numRuns: 500 },
    );
  });

  holds("every wave leaves nothing behind that names one of its images", (args) => {
    const waves = deletionWaves(args.images.filter(acyclic));
    const left = waves.map((_, index) => waves.slice(index + 1).flat());
    return (
      waves.flat().length === args.images.filter(acyclic).length &&
      waves.every((wave, index) =>
        wave.every(({ digest }) => !left[index]?.some(({ children = [] }) => children.includes(digest))),
      )
    );
  });
});

/** A manifest names only what existed before it: here, what has a smaller digest. */
function acyclic({ digest, children = [] }: StoredImage): boolean {
  return children.every((child) => child < digest);
}
