import assert from "node:assert/strict";
import { changelog } from "../../../automation/readers/changelog.ts";
import { ReportError } from "../../../automation/readers/reader.ts";
import { fixture, readWith } from "./reports.ts";

const kept = fixture("changelog/CHANGELOG.md");
const generated = fixture("changelog/conventional.md");
const read = (tag: string | undefined, report = kept) => readWith(changelog, report, { tag }).result;
const text = (...lines: string[]) => ({ file: "CHANGELOG.md", text: lines.join("\n") });

describe("changelogs", () => {
  it("read the entry of a version as it is kept by hand", () => {
    const notes = "### Added\n\n- Hotspots of renamed files.\n\n### Fixed\n\n- SARIF of an empty repository is valid.";
    assert.deepEqual(read("v1.1.0"), { tag: "v1.1.0", semver: true, changelog: true, notes });
    assert.equal(read("1.1.0").notes, notes);
  });

  it("read the entry of a version as it is generated", () => {
    assert.match(read("v2.1.0", generated).notes, /^### Features\n\n\* \*\*api:\*\* greet.*wants a name$/s);
    assert.match(read("v2.0.1", generated).notes, /^### Bug Fixes\n\n\* close[^\n]*$/);
    assert.equal(read("v1.0.0", generated).notes, "### Features\n\n* first release");
  });

  it("end an entry before the addresses that links are collected in", () => {
    assert.equal(read("v1.0.0").notes, "### Added\n\n- First release.");
    assert.equal(read("v0.8.0-rc.1").notes.split("\n").at(-1), "```");
  });

  const without: [string, string][] = [
    ["a version that is not there", "v1.2.0"],
    ["a version that is yanked", "v1.0.1"],
    ["a version with headings and a comment alone", "v0.9.0"],
    ["a heading within code", "v0.8.0"],
    ["a version of which the tag names a part", "v1.1.0-rc.1"],
  ];
  for (const [what, tag] of without) {
    it(`have no entry for ${what}`, () => {
      assert.deepEqual(read(tag), { tag, semver: true, changelog: false, notes: "" });
    });
  }

  const others = [
    "1.1",
    "v1.1.0.0",
    "v01.1.0",
    "vv1.1.0",
    "=1.1.0",
    " 1.1.0",
    "1.1.0 ",
    "release-1.1.0",
    "latest",
    "v1.1.0\n",
    "V1.1.0",
  ];
  for (const tag of others) {
    it(`take ${JSON.stringify(tag)} for no semantic version`, () => {
      assert.deepEqual(read(tag), { tag, semver: false, changelog: false, notes: "" });
    });
  }

  it("know a heading by its underline, and one with a word before the version", () => {
    const report = text("v1.2.0 (2026-11-20)", "---", "", "* one", "", "Version 1.1.0", "=====", "* two", "");
    assert.equal(read("v1.2.0", report).notes, "* one");
    assert.equal(read("v1.1.0", report).notes, "* two");
  });

  it("give no entry of what comes next to the version above it", () => {
    const report = text("## 1.2.0", "", "## [Unreleased]", "", "- later");
    assert.equal(read("v1.2.0", report).changelog, false);
  });

  it("hide nothing behind a comment that has no end", () => {
    assert.equal(read("v1.2.0", text("## 1.2.0", "<!--", "- hidden")).changelog, false);
  });

  it("are read to their end where a line is made to be looked at for ever", () => {
    const hostile = [
      "## 1.2.0",
      `# ${" #".repeat(200_000)} x`,
      `# ${" ".repeat(200_000)}x`,
      "-".repeat(200_000),
      "- y",
    ];
    assert.equal(read("v1.2.0", text(...hostile)).changelog, true);
  });

  it("are refused where they are larger than any", () => {
    assert.throws(() => read("v1.2.0", text("## 1.2.0", "x\n".repeat(2 ** 21))), /more than the 4 Mi/);
  });

  it("keep notes that a result takes", () => {
    assert.equal(read("v1.2.0", text("## 1.2.0", "x".repeat(10_000))).notes.length, 4096);
  });

  it("are refused without a tag, and with two entries of it", () => {
    assert.throws(() => read(undefined), ReportError);
    assert.throws(() => read("v1.2.0", text("## 1.2.0", "a", "## [v1.2.0] - 2026-11-20", "b")), /has 2 entries/);
  });

  it("say less when they are cut off, never more", () => {
    const whole = read("v1.1.0").notes;
    for (let tenth = 1; tenth < 10; tenth += 1) {
      const cut = { ...kept, text: kept.text.slice(0, (kept.text.length * tenth) / 10) };
      assert.ok(whole.startsWith(read("v1.1.0", cut).notes), `${tenth}0 %`);
    }
  });
});
