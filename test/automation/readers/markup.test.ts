import assert from "node:assert/strict";
import * as z from "zod/mini";
import { checkShape, parseJson, parseJsonLines } from "../../../automation/readers/json.ts";
import { jsonFault } from "../../../automation/readers/json-fault.ts";
import { ReportError } from "../../../automation/readers/reader.ts";
import { cleanText, cleanTexts, shorten } from "../../../automation/readers/text.ts";
import { timeOf } from "../../../automation/readers/time.ts";
import { parseXml, type XmlElement } from "../../../automation/readers/xml.ts";

const report = (text: string) => ({ file: "report", text });
const refused = (read: () => unknown, words: RegExp) =>
  assert.throws(read, (error: Error) => error instanceof ReportError && words.test(error.message));
const xml = (text: string) => parseXml(report(text));
const json = (text: string) => parseJson(report(text));

describe("XML of reports", () => {
  it("gives elements, attributes and text, with references replaced once", () => {
    const root = xml(
      '<?xml version="1.0"?>\n<a b="&lt;&#65;&#x42;&amp;lt;">x &amp; y<c/><![CDATA[ &amp;<d>]]></a>\n<!-- end -->',
    );
    assert.equal(root.attributes.get("b"), "<AB&lt;");
    assert.equal(root.text, "x & y &amp;<d>");
    assert.deepEqual(
      root.children.map((child) => child.name),
      ["c"],
    );
  });

  const broken: [string, string, RegExp][] = [
    ["an element that is not closed", "<a>\n<b>\n</a>", /^report: line 3: is not well-formed/],
    ["an end too early", '<a b="1"', /is not well-formed/],
    ["two roots", "<a/><b/>", /no single root/],
    ["text after the root", "<a/>\nmore", /line 1: .*text after/],
    ["text alone", "no XML", /is not well-formed/],
    ["a comment that does not end", "<a/>\n<!-- ", /line 2: .*does not end/],
    ["CDATA that does not end", "<a><![CDATA[ </a>", /does not end/],
    ["an attribute without quotes", "<a b=1/>", /is not well-formed/],
    ["an attribute twice", '<a b="1" b="2"/>', /is not well-formed/],
    ["a < in an attribute", '<a b="<c"/>', /has a < in an attribute/],
    [
      "a declaration hidden behind a comment in an attribute",
      '<a b="<!--"/><!DOCTYPE a []><!-- -->',
      /has a|not well-formed/,
    ],
    ["an unknown entity", "<a>\n<b>&nbsp;</b></a>", /line 2: has a reference that is not read: &nbsp;/],
    ["a NUL by number", "<a>&#0;</a>", /has a reference that is not read/],
    ["a character beyond Unicode", "<a>&#x110000;</a>", /has a reference that is not read/],
    ["an element named __proto__", '<a><__proto__ tests="1"/></a>', /report: /],
  ];
  for (const [what, text, words] of broken) it(`refuses ${what}`, () => refused(() => xml(text), words));

  it("keeps attributes with the names of prototypes for what they are", () => {
    const { attributes } = xml('<a __proto__="1" constructor="2" hasOwnProperty="3"/>');
    assert.deepEqual(
      [...attributes],
      [
        ["__proto__", "1"],
        ["constructor", "2"],
        ["hasOwnProperty", "3"],
      ],
    );
    assert.equal(({} as Record<string, unknown>).tests, undefined);
  });

  const laughs = `<!DOCTYPE a [<!ENTITY l "ha">${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `<!ENTITY l${n} "${`&l${n === 1 ? "" : n - 1};`.repeat(10)}">`).join("")}]><a>&l9;</a>`;
  const declarations: [string, string][] = [
    ["a billion laughs", laughs],
    ["a quadratic blowup", `<!DOCTYPE a [<!ENTITY x "${"x".repeat(1e5)}">]><a>${"&x;".repeat(1e4)}</a>`],
    ["an external entity", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ["a parameter entity", '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]><a/>'],
    ["a DOCTYPE after the root has begun", '<a><!DOCTYPE a SYSTEM "x.dtd"></a>'],
    ["two DOCTYPEs", '<!DOCTYPE a SYSTEM "x.dtd"><!DOCTYPE a SYSTEM "x.dtd"><a/>'],
  ];
  for (const [what, text] of declarations)
    it(`refuses ${what}, fast`, () => {
      const start = performance.now();
      refused(() => xml(text), /has a declaration \(DOCTYPE, ENTITY\): none is read/);
      assert.ok(performance.now() - start < 500);
    });

  it("passes over a DOCTYPE that declares nothing", () => {
    assert.equal(
      xml('<?xml version="1.0"?>\n<!DOCTYPE coverage SYSTEM "http://x/coverage-04.dtd">\n<coverage/>').name,
      "coverage",
    );
  });

  it("reads 60 levels, and refuses a hundred and a hundred thousand", () => {
    let element: XmlElement | undefined = xml(`${"<a>".repeat(60)}${"</a>".repeat(60)}`);
    let depth = 0;
    for (; element !== undefined; element = element.children[0]) depth += 1;
    assert.equal(depth, 60);
    for (const levels of [100, 100_000])
      refused(() => xml(`${"<a>".repeat(levels)}${"</a>".repeat(levels)}`), /report: /);
  });

  it("refuses more tags than fit into memory, before it builds any", () => {
    const start = performance.now();
    refused(() => xml(`<a>${"<b/>".repeat(1_000_001)}</a>`), /has more than 1000000 tags/);
    assert.ok(performance.now() - start < 2000);
  });
});

describe("JSON of reports", () => {
  const broken: [string, string, RegExp][] = [
    ["what ends too early", '{"a":\n [1,2', /^report: 2:6: the JSON ends too early$/],
    ["what is none", '{"a":\n [1,x]}', /^report: 2:5: is not JSON$/],
    ["two values", "{}{}", /is not JSON/],
    ["a field named __proto__", '{"a":[{"__proto__":{"tests":1}}]}', /has a field named __proto__/],
    ["the same by escapes", '{"\\u005f\\u005fproto\\u005f_":{"tests":1}}', /has a field named __proto__/],
    ["65 levels", `${"[".repeat(65)}${"]".repeat(65)}`, /1:65: is nested deeper than 64 levels/],
    ["ten million levels", '[{"a":'.repeat(5_000_000), /is nested deeper/],
    ["too many values", `[${"0,".repeat(8_000_001)}0]`, /has more than 8000000 values/],
  ];
  for (const [what, text, words] of broken) it(`refuses ${what}`, () => refused(() => json(text), words));

  const faults: [string, number][] = [
    ["x", 0],
    ["[1,]", 3],
    ["[1 2]", 3],
    ["[,]", 1],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ["{a:1}", 1],
    ['{"a":1]', 6],
    ["{}{}", 2],
    ["{},", 2],
    ['["a\\x"]', 1],
    ['["a\nb"]', 1],
    ["[01]", 2],
    ["[tru]", 1],
    ['[{"a":[{}],"b":"]"},-]', 20],
    ['["a', 3],
    ["[1", 2],
    ['{"a"', 4],
    ["", 0],
  ];
  for (const [text, index] of faults)
    it(`finds the fault of ${JSON.stringify(text)}`, () => {
      assert.throws(() => JSON.parse(text));
      assert.equal(jsonFault(text), index);
    });

  it("reads 64 levels, and brackets in strings as text", () => {
    json(`${"[".repeat(64)}${"]".repeat(64)}`);
    assert.deepEqual(json(`["${"[".repeat(100)}\\"["]`), [`${"[".repeat(100)}"[`]);
  });

  it("names field and place of what is wrong with a shape", () => {
    const schema = z.object({ a: z.array(z.object({ b: z.int() })) });
    refused(() => checkShape(report(""), schema, { a: [{ b: 1 }, { b: "2" }] }), /^report: a\[1\]\.b: /);
    refused(() => checkShape(report(""), schema, {}, "line 7"), /^report: line 7: a: /);
  });

  it("reads lines, and names the one that is none", () => {
    assert.deepEqual(parseJsonLines(report('{"a":1}\n\n{"a":2}\r\n')), [
      { line: 1, value: { a: 1 } },
      { line: 3, value: { a: 2 } },
    ]);
    refused(() => parseJsonLines(report('{"a":1}\n{"a":')), /^report: line 2: 1:6: the JSON ends too early/);
  });
});

describe("texts of reports", () => {
  const texts: [string, string, string][] = [
    ["terminal colours", "\u001b[31mred\u001b[0m", "red"],
    ["a title for the terminal", "a\u001b]0;owned\u0007b", "ab"],
    ["new lines", "a\r\n::error::b", "a ::error::b"],
    ["what turns the direction of writing", "a\u202eb\u2066c", "a b c"],
    ["C1 controls", "a\u009b31mb", "ab"],
    ["half a surrogate pair", "a\ud800b", "a\ufffdb"],
  ];
  for (const [what, text, clean] of texts) it(`loses ${what}`, () => assert.equal(cleanText(text), clean));

  it("is cleaned in names of fields, too, and refused where two become one", () => {
    assert.deepEqual(cleanTexts({ "a\u0007b": ["c\u0007d", 1, true, undefined] }), {
      "a b": ["c d", 1, true, undefined],
    });
    assert.throws(() => cleanTexts({ "a\u0007b": 1, "a\u0008b": 2 }), RangeError);
  });

  it("is cut without half a character", () => {
    assert.equal(shorten("short"), "short");
    assert.equal(shorten("ab\u{1f600}c", 4), "ab\ufffd…");
    assert.equal(shorten("x".repeat(500)).length, 300);
  });
});

describe("times of reports", () => {
  const times: [string, number | undefined][] = [
    ["2026-11-21T17:26:08Z", Date.UTC(2026, 10, 21, 17, 26, 8)],
    ["2026-11-21T17:26:08.5+02:00", Date.UTC(2026, 10, 21, 15, 26, 8, 500)],
    ["2026-11-21T17:26:08", Date.UTC(2026, 10, 21, 17, 26, 8)],
    ["2026-11-21T17:26:08.123456789Z", Date.UTC(2026, 10, 21, 17, 26, 8, 123)],
    ["Sat, 21 Nov 2026 17:26:08 GMT", Date.UTC(2026, 10, 21, 17, 26, 8)],
    ["0001-01-01T00:00:00Z", undefined],
    ["1970-01-01T00:00:00", undefined],
    ["yesterday", Number.NaN],
    ["2026-13-41T17:26:08Z", Number.NaN],
    ["", Number.NaN],
  ];
  for (const [text, time] of times) it(`reads "${text}"`, () => assert.equal(timeOf(text), time));
});
