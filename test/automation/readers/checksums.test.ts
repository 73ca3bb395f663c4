import assert from "node:assert/strict";
import { parseChecksums } from "../../../automation/readers/checksums.ts";
import { ReportError } from "../../../automation/readers/reader.ts";

const hash = "ab".repeat(32);
const parse = (text: string) => [...parseChecksums({ file: "checksums.txt", text }).keys()];

describe("checksums.txt", () => {
  it("is read as sha256sum writes it, in text and in binary mode", () => {
    assert.deepEqual(parse(`${hash}  app\n${hash} *./bin/app.exe\n${hash}  a b\n${hash}   two spaces\n`), [
      "app",
      "bin/app.exe",
      "a b",
      " two spaces",
    ]);
  });

  const refused: [string, string, RegExp][] = [
    ["a path upwards", `${hash}  ../app\n`, /line 1: "\.\.\/app" is no path below the folder/],
    ["a path upwards from within", `${hash}  bin/../../app\n`, /is no path below/],
    ["an absolute path", `${hash}  /etc/passwd\n`, /is no path below/],
    ["a drive", `${hash}  C:app\n`, /is no path below/],
    ["a backslash", `${hash}  ..\\app\n`, /is no path below/],
    ["a path that names its folder", `${hash}  bin/./app\n`, /is no path below/],
    ["a path with an empty part", `${hash}  bin//app\n`, /is no path below/],
    ["a path that is too long", `${hash}  ${"a/".repeat(600)}b\n`, /is no path below/],
    ["Windows' ends of lines", `${hash}  app\r\n`, /line 1: is not/],
    ["a control character", `${hash}  app\u001b[2J\n`, /^[ -~]*is no path below/],
    ["a file twice", `${hash}  app\n${hash} *./app\n`, /line 2: names app again/],
    ["another hash", `${"ab".repeat(20)}  app\n`, /line 1: is not "SHA-256 {2}NAME"/],
    ["half a hash", `${hash.slice(1)}  app\n`, /line 1: is not/],
    ["BSD's form", `SHA256 (app) = ${hash}\n`, /line 1: is not/],
    ["sha256sum's escapes", `\\${hash}  a\\nb\n`, /line 1: is not/],
    ["an empty line", `${hash}  app\n\n`, /line 2: is not/],
    ["a name that was cut off", `${hash}  app\n${hash}  ap`, /line 2: has no end/],
    ["nothing", "\n", /line 1: is not/],
    [
      "too many files",
      Array.from({ length: 10_001 }, (_, index) => `${hash}  f${index}\n`).join(""),
      /more than 10000 files/,
    ],
  ];
  for (const [what, text, reason] of refused) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => parse(text),
        (error: Error) => error instanceof ReportError && reason.test(error.message),
      );
    });
  }
});
