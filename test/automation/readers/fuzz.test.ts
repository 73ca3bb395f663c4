/**
 * Every fixture, changed at random: whatever comes out, no reader crashes, hangs, looks outside of its folder, or says what it was
 * not told. FUZZ_RUNS sets how many reports each property tries (2,500 take about 10 s), FUZZ_SEED repeats a run, FUZZ_FORMAT keeps
 * to one format.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readers } from "../../../automation/readers/index.ts";
import type { GatesInput } from "../../../model/gates/config.ts";
import type { ReportKind } from "../../../model/gates/results.ts";
import { Corpus, type Fixture } from "./fuzz/corpus.ts";
import { hair, refusedBy } from "./fuzz/hair.ts";
import { mutations, truncation, unclosed } from "./fuzz/mutations.ts";
import { type Answer, ReadingProcess } from "./fuzz/reading.ts";

const runs = Number(process.env.FUZZ_RUNS ?? 2500);
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
/** Some kilobytes take milliseconds; this is for a machine that is busy with other things. */
const longestMs = 20_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** A fixture that a reader accepts as it is. */
interface Sample {
  fixture: Fixture;
  format: string;
  kind: ReportKind;
}

describe("changed reports", function () {
  this.timeout(600_000);
  const corpus = new Corpus();
  const readings = new ReadingProcess(corpus.root, longestMs);
  const samples: Sample[] = [];

  before(async () => {
    console.log(`      FUZZ_SEED=${seed} FUZZ_RUNS=${runs}`);
    for (const fixture of corpus.fixtures) {
      const report = { file: fixture.name, text: fixture.content.toString("utf8") };
      for (const { format, kinds } of readers.filter((reader) => reader.recognises(report))) {
        for (const kind of kinds) {
          const answer = await read({ fixture, format, kind }, fixture.content);
          if ("reading" in answer) samples.push({ fixture, format, kind });
        }
      }
    }
  });
  after(() => {
    readings.close();
    corpus.remove();
  });

  /** Reads changed content in the place of a fixture, which it is afterwards again. */
  async function read({ fixture, format, kind }: Sample, content: Buffer): Promise<Answer> {
    const file = corpus.put(fixture, content);
    const baseline = {
      baselineFile: corpus.baseline(fixture),
      baselineCommit: "0123456789abcdef0123456789abcdef01234567",
    };
    return await readings.ask({ kind, file, root: corpus.root, format, tag: "v1.0.0", ...baseline });
  }

  function checkHarmless(answer: Answer): asserts answer is Exclude<Answer, { crash: string }> {
    assert.ok(!("crash" in answer), "crash" in answer ? answer.crash : "");
    assert.equal(answer.polluted, false, "a prototype was changed");
    const said = "refusal" in answer ? answer.refusal : texts(answer.reading).join("\n");
    assert.ok(!said.includes(corpus.canary), "it read a file outside of its folder");
    assert.ok(!harmful.test(said), `it says control characters: ${JSON.stringify(said)}`);
    if ("refusal" in answer) return;
    const { files = [] } = answer.reading.result as { files?: { name?: string; verified?: boolean }[] };
    const outside = files.filter(({ name = "", verified }) => verified === true && /canary|link/.test(name));
    assert.deepEqual(outside, [], "it vouches for a file outside of its folder");
  }

  it("come from every reader", () => {
    const missing = readers
      .map(({ format }) => format)
      .filter((format) => !samples.some((one) => one.format === format));
    assert.deepEqual(missing, [], "no fixture in test/automation/readers/fixtures is read by these");
  });

  const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => Promise<void>) =>
    fc.assert(fc.asyncProperty(arbitrary, property), { seed, numRuns: runs, endOnFailure: false });

  it("are read or refused, whatever was changed", async () => {
    const changes = mutations(
      corpus.fixtures.map(({ content }) => content),
      corpus,
    );
    await check(fc.record({ sample: oneOf(samples), change: changes }), async ({ sample, change }) => {
      checkHarmless(await read(sample, change(sample.fixture.content)));
    });
  });

  it("are read or refused by readers of other formats, too", async () => {
    const fixture = fc.constantFrom(...corpus.fixtures);
    const reader = fc.constantFrom(...readers.flatMap(({ format, kinds }) => kinds.map((kind) => ({ format, kind }))));
    await check(fc.record({ fixture, reader }), async ({ fixture, reader }) => {
      checkHarmless(await read({ fixture, ...reader }, fixture.content));
    });
  });

  it("pass no gate that they did not pass before something was cut off", async () => {
    const dirty: (Sample & { asked: GatesInput; refusing: string[] })[] = [];
    for (const sample of samples) {
      const answer = await read(sample, sample.fixture.content);
      const asked = "reading" in answer ? hair(sample.kind, answer.reading.result) : undefined;
      if (!("reading" in answer) || asked === undefined) continue;
      const refusing = refusedBy(sample.kind, asked, answer.reading);
      assert.notDeepEqual(refusing, [], `${sample.fixture.name} as ${sample.kind} is refused as it is`);
      dirty.push({ ...sample, asked, refusing });
    }
    const change = fc.oneof(truncation, unclosed);
    await check(fc.record({ sample: oneOf(dirty), change }), async ({ sample, change }) => {
      const content = change(sample.fixture.content);
      if (isWhole(sample, content)) return;
      const answer = await read(sample, content);
      checkHarmless(answer);
      if ("refusal" in answer) return;
      const refusing = refusedBy(sample.kind, sample.asked, answer.reading);
      const passed = sample.refusing.filter((gate) => !refusing.includes(gate));
      assert.deepEqual(passed, [], `${sample.fixture.name} as ${sample.kind} passes`);
    });
  });
});

/** Every format as often as any other, however many fixtures it has. */
function oneOf<T extends Sample>(all: readonly T[]): fc.Arbitrary<T> {
  const only = process.env.FUZZ_FORMAT;
  const groups = Map.groupBy(
    all.filter(({ format }) => only === undefined || only === format),
    ({ format }) => format,
  );
  return fc.oneof(...[...groups.values()].map((group) => fc.constantFrom(...group)));
}

/** Formats that do not say where they end: what was cut off between two files or packages may as well never have been there. */
const endings: Readonly<Record<string, string>> = { lcov: "end_of_record\n", "go-cover": "\n", "go-test": "\n" };

function isWhole({ format }: Sample, content: Buffer): boolean {
  const ending = endings[format];
  return ending !== undefined && content.toString("utf8").endsWith(ending);
}

/** Every text in a value, names of fields too. */
function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...texts(one)]);
}
