import assert from "node:assert/strict";
import { everyLicence, LicenceTally, normaliseLicence } from "../../../automation/readers/licences.ts";

describe("licences", () => {
  const spellings: [string, string][] = [
    ["MIT", "MIT"],
    [" MIT ", "MIT"],
    ["(MIT OR (Apache-2.0))", "Apache-2.0 OR MIT"],
    ["MIT AND (MIT OR ISC) AND MIT", "(ISC OR MIT) AND MIT"],
    ["(MIT OR ISC) AND (ISC OR MIT)", "ISC OR MIT"],
    ["GPL-2.0+ WITH Classpath-exception-2.0", "GPL-2.0+ WITH Classpath-exception-2.0"],
    ["LicenseRef-acme", "LicenseRef-acme"],
    ["NOASSERTION", ""],
    ["NONE", ""],
    ["", ""],
    ["SEE LICENSE IN LICENSE.txt", "SEE LICENSE IN LICENSE.txt"],
    ["Apache 2", "Apache 2"],
    ["MIT\u001b[31m OR\nISC", "ISC OR MIT"],
  ];
  for (const [text, expected] of spellings) {
    it(`has one spelling for ${JSON.stringify(text)}`, () => assert.equal(normaliseLicence(text), expected));
  }

  it("takes nothing for an expression that is one only to a stack without an end", () => {
    assert.match(normaliseLicence(`${"(".repeat(200_000)}MIT`), /^\({299}…$/);
    assert.match(normaliseLicence(Array(500).fill("MIT").join(" OR ")), /^MIT OR MIT.*…$/, "longer than any licence");
    assert.equal(normaliseLicence(`${"(".repeat(1000)}MIT${")".repeat(1000)}`), "MIT");
  });

  it("holds a component to all of its licences", () => {
    assert.equal(everyLicence([]), "");
    assert.equal(everyLicence(["MIT", "MIT"]), "MIT");
    assert.equal(everyLicence(["MIT", "Apache-2.0 OR ISC"]), "(Apache-2.0 OR ISC) AND MIT");
    assert.equal(everyLicence(["MIT", "Acme Commercial"]), "Acme Commercial AND MIT");
    assert.equal(everyLicence(["MIT", "NOASSERTION"]), "", "one that nobody knows leaves it unknown");
  });

  it("lets no name of a licence reach into the expression around it", () => {
    const joined = everyLicence(["GPL-3.0-only", "MIT) OR (ISC"]);
    assert.equal(joined, "GPL-3.0-only AND MIT) OR (ISC");
    assert.equal(normaliseLicence(joined), joined, "it is no expression");
  });

  it("counts all components and names the first hundred", () => {
    const tally = new LicenceTally();
    for (let index = 0; index < 150; index += 1) tally.add("MIT", `part-${index}`);
    tally.add("__proto__", "odd\u0007");
    assert.equal(tally.licences.MIT?.count, 150);
    assert.equal(tally.licences.MIT?.first.length, 100);
    assert.deepEqual(tally.licences['"__proto__"'], { count: 1, first: ["odd "] });
    assert.deepEqual(Object.keys(tally.licences), ['"__proto__"', "MIT"]);
  });
});
