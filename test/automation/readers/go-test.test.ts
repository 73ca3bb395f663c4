import assert from "node:assert/strict";
import { goTest } from "../../../automation/readers/go-test.ts";
import { fixture, readWith, refuses } from "./reports.ts";

describe("go test -json", () => {
  const lines = (name: string, change: (lines: string[]) => string[]) => {
    const report = fixture(name);
    return { ...report, text: `${change(report.text.trimEnd().split("\n")).join("\n")}\n` };
  };
  const without = (pattern: RegExp) => (all: string[]) => all.filter((line) => !pattern.test(line));

  it("refuses a package that did not end", () => {
    const cut = lines("go-test/pass.json", without(/"Action":"pass","Package":"example.com\/shop\/price","Elapsed"/));
    refuses(goTest, cut, /line 2: package example.com\/shop\/price did not end/);
  });
  it("refuses a package that ends well though a test of it did not end, or failed", () => {
    const lost = lines("go-test/pass.json", without(/"Action":"pass".*"Test":"TestRound"/));
    refuses(goTest, lost, /package example.com\/shop\/price ends well, and not all of its tests do/);
    const report = fixture("go-test/pass.json");
    const failed = report.text.replace(/"Action":"pass"(.*"Test":"TestRound")/, '"Action":"fail"$1');
    refuses(goTest, { ...report, text: failed }, /ends well, and not all of its tests do/);
  });
  it("counts a package that failed without any of its tests as a failure", () => {
    const report = fixture("go-test/pass.json");
    const text = report.text.replace(
      /"Action":"pass"(,"Package":"example.com\/shop\/price","Elapsed")/,
      '"Action":"fail"$1',
    );
    assert.deepEqual(readWith(goTest, { ...report, text }).result.failures, ["package example.com/shop/price"]);
  });
  it("refuses output that is not JSON between the events", () => {
    refuses(
      goTest,
      lines("go-test/pass.json", ([first = "", ...rest]) => [first, "# build output", ...rest]),
      /line 2: 1:1: is not JSON/,
    );
  });
  it("refuses a run without tests", () => {
    const nothing = '{"Action":"start","Package":"p"}\n{"Action":"skip","Package":"p","Elapsed":0}\n';
    refuses(goTest, { file: "report", text: nothing }, /has no tests/);
  });
  it("refuses an event without an action, and a time that is none", () => {
    const start = '{"Action":"start","Package":"p"}\n';
    refuses(goTest, { file: "report", text: `${start}{"Package":"p"}\n` }, /line 2: Action: /);
    const end =
      '{"Action":"run","Package":"p","Test":"T"}\n{"Action":"pass","Package":"p","Test":"T"}\n{"Time":"noon","Action":"pass","Package":"p"}\n';
    refuses(goTest, { file: "report", text: start + end }, /line 4: its Time is no time/);
  });
  it("does not take names of prototypes for actions", () => {
    refuses(
      goTest,
      { file: "report", text: '{"Action":"start","Package":"p"}\n{"Action":"toString","Package":"p"}\n' },
      /did not end/,
    );
  });
});
