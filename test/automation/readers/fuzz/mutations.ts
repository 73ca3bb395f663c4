/** Ways to break a report: blindly, as JSON, as XML, line by line. All of them are fast-check's, so that a failure shrinks. */
import fc from "fast-check";

/** A change of a report's bytes. */
export type Mutation = (report: Buffer) => Buffer;

/** What is put where a value was: wrong kinds, limits of numbers, names that prototypes have, ways out of the folder. */
const values: readonly string[] = [
  "null",
  "true",
  "[]",
  "{}",
  '""',
  "-1",
  "0",
  "0.5",
  "1e308",
  "-1e308",
  "1e999",
  "9007199254740993",
  '"NaN"',
  '"-0"',
  '"Infinity"',
  '"0x10"',
  '"__proto__"',
  '"constructor"',
  '"\\u001b[2J\\u0007\\r\\n\\u202e"',
  '"\\ud800"',
  '"<img src=x onerror=alert(1)>"',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `"${"x".repeat(100_000)}"`,
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
];
/** A place in something, whatever its length is. All are as likely: a random `double` is next to 0 most of the time. */
const share = fc.noBias(fc.nat({ max: 99_999 })).map((place) => place / 100_000);
const at = (length: number, place: number) => Math.floor(length * place);

const text = (change: (report: string) => string): Mutation => {
  return (report) => Buffer.from(change(report.toString("utf8")));
};

/** Cuts it off, at the end of a line more often than anywhere. */
export const truncation: fc.Arbitrary<Mutation> = fc.tuple(share, fc.boolean()).map(
  ([place, whole]): Mutation =>
    (report) => {
      const end = at(report.length, place);
      const line = whole ? report.indexOf("\n", end) + 1 : 0;
      return report.subarray(0, line > 0 && line < report.length ? line : end);
    },
);

const byteFlip = fc.tuple(share, fc.integer({ min: 1, max: 255 })).map(
  ([place, mask]): Mutation =>
    (report) => {
      const copy = Buffer.from(report);
      const index = at(copy.length, place);
      if (index < copy.length) copy[index] = (copy[index] as number) ^ mask;
      return copy;
    },
);

const removal = fc.tuple(share, fc.integer({ min: 1, max: 400 })).map(
  ([place, length]): Mutation =>
    (report) => {
      const start = at(report.length, place);
      return Buffer.concat([report.subarray(0, start), report.subarray(start + length)]);
    },
);

/** A piece of another report in the midst of this one. */
function splice(corpus: readonly Buffer[]): fc.Arbitrary<Mutation> {
  const piece = fc.tuple(fc.constantFrom(...corpus), share, fc.integer({ min: 1, max: 2000 }));
  return fc.tuple(piece, share).map(
    ([[other, from, length], place]): Mutation =>
      (report) => {
        const start = at(report.length, place);
        const cut = at(other.length, from);
        return Buffer.concat([report.subarray(0, start), other.subarray(cut, cut + length), report.subarray(start)]);
      },
  );
}

/** The nth match of a pattern, by a share of their number, is replaced. */
function replaceOne(pattern: RegExp, place: number, by: (match: RegExpExecArray) => string): Mutation {
  return text((report) => {
    const matches = [...report.matchAll(pattern)];
    const match = matches[at(matches.length, place)];
    if (match === undefined) return report;
    return report.slice(0, match.index) + by(match) + report.slice(match.index + match[0].length);
  });
}

/** A scalar, and a key with a scalar. They are found by their looks: nothing else would survive the bad JSON of other mutations. */
const scalar = /(?<=:\s*)(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g;
const member = /"(?:[^"\\]|\\.)*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|\[\]|\{\})\s*,?/g;

const json = (value: fc.Arbitrary<string>): fc.Arbitrary<Mutation>[] => [
  fc.tuple(share, value).map(([place, one]) => replaceOne(scalar, place, () => one)),
  share.map((place) => replaceOne(member, place, () => "")),
  fc
    .tuple(share, value)
    .map(([place, one]) =>
      replaceOne(member, place, ([found]) => `${found.replace(/,?\s*$/, "")}, ${found.replace(/:.*/s, `: ${one},`)}`),
    ),
  fc.tuple(share, value).map(([place, one]) => replaceOne(/"(?=\w+"\s*:)/g, place, () => `"__proto__": ${one}, "`)),
  fc.tuple(share, value).map(([place, one]) => replaceOne(/\[/g, place, () => `[${one}, `)),
];

const attribute = /(?<=\s[\w:.-]+=)"[^"]*"/g;
const element = /<(\w[\w.:-]*)\b[^>]*(?:\/>|>[^<]*<\/\1>)/g;
const declaration = `<!DOCTYPE a [<!ENTITY x SYSTEM "link"><!ENTITY y "&x;&x;">]>`;
/** A value without its quotes. */
const bare = (one: string) => one.replace(/^"|"$/g, "").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

const xml = (plain: fc.Arbitrary<string>): fc.Arbitrary<Mutation>[] => [
  fc.tuple(share, plain).map(([place, one]) => replaceOne(attribute, place, () => `"${one}"`)),
  share.map((place) => replaceOne(/\s[\w:.-]+="[^"]*"/g, place, () => "")),
  share.map((place) => replaceOne(/\s[\w:.-]+="[^"]*"/g, place, ([found]) => found + found)),
  share.map((place) => replaceOne(element, place, () => "")),
  share.map((place) => replaceOne(element, place, ([found]) => found + found)),
  share.map((place) => replaceOne(/<\/[\w.:-]+>/g, place, () => "")),
  share.map((place) => replaceOne(/<[\w.:-]+[^>]*>/g, place, ([found]) => `${declaration}${found}&y;`)),
  share.map((place) =>
    replaceOne(/<\w[^>]*>/g, place, ([found]) => `${found}${"<a>".repeat(3000)}${"</a>".repeat(3000)}`),
  ),
  share.map((place) => replaceOne(/>/g, place, () => "><![CDATA[")),
];

const lines = (change: (all: string[], index: number) => void, place: number): Mutation =>
  text((report) => {
    const all = report.split("\n");
    change(all, at(all.length, place));
    return all.join("\n");
  });
const byLine = (plain: fc.Arbitrary<string>): fc.Arbitrary<Mutation>[] => [
  share.map((place) => lines((all, index) => all.splice(index, 1), place)),
  share.map((place) => lines((all, index) => all.splice(index, 0, all[index] ?? ""), place)),
  fc
    .tuple(share, share)
    .map(([place, other]) => lines((all, index) => all.push(...all.splice(index, at(all.length, other))), place)),
  fc.tuple(share, plain).map(([place, one]) => replaceOne(/\d+(?:\.\d+)?/g, place, () => one)),
  fc.tuple(share, plain).map(([place, one]) => replaceOne(/[^\s,:;="<>]+/g, place, () => one)),
];

/** One closing bracket or tag less. */
export const unclosed: fc.Arbitrary<Mutation> = share.map((place) =>
  replaceOne(/[\]}]|<\/[\w.:-]+>|\/>/g, place, () => ""),
);

/** Files that no report may lead to, with the hash that a list of checksums would have to name. */
export interface Outside {
  waysOut: readonly string[];
  canaryHash: string;
}

/** What a terminal would obey, at the start of one text in seven: as it is, and as JSON and XML spell it. */
const control = fc
  .tuple(
    fc.nat({ max: 6 }),
    fc.constantFrom("\u001b[31m", "\\u001b[31m", "\\u0007", "&#27;[31m", "&#x9b;", "\u202e", "\\u202e"),
  )
  .map(([which, one]) =>
    text((report) => {
      let found = 0;
      return report.replace(/(?<=[=:[,]\s*")(?=\w)/g, () => (found++ % 7 === which ? one : ""));
    }),
  );

/** One to three changes, one after the other. */
export function mutations(corpus: readonly Buffer[], { waysOut, canaryHash }: Outside): fc.Arbitrary<Mutation> {
  const value = fc.oneof(
    fc.constantFrom(...values),
    fc.constantFrom(...waysOut).map((way) => JSON.stringify(way)),
    fc.constantFrom(canaryHash, `sha256:${canaryHash}`).map((hash) => JSON.stringify(hash)),
  );
  const checksum = fc
    .tuple(share, fc.constantFrom(...waysOut))
    .map(([place, way]) => lines((all, index) => all.splice(index, 0, `${canaryHash}  ${way}`), place));
  const plain = value.map(bare);
  const one = fc.oneof(
    ...[
      byteFlip,
      truncation,
      removal,
      unclosed,
      splice(corpus),
      { arbitrary: checksum, weight: 4 },
      { arbitrary: control, weight: 6 },
    ],
    ...[...json(value), ...xml(plain), ...byLine(plain)],
  );
  return fc
    .array(one, { minLength: 1, maxLength: 3 })
    .map((all) => (report) => all.reduce((changed, change) => change(changed), report));
}
