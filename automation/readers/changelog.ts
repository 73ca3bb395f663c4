/** CHANGELOG.md in the two ways it is kept: https://keepachangelog.com and conventional-changelog. */
import { parse } from "semver";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { checkSize } from "./size.ts";
import { shorten } from "./text.ts";

/** What a result takes. */
const longestNotes = 4096;
/** Longer lines are no headings: looking for their end would take for ever. */
const longestHeading = 500;

interface Section {
  version: string;
  yanked: boolean;
  /** Lines below the heading. */
  lines: string[];
}

/**
 * Reads what the changelog says of the tag's version: `semver` whether the tag is a semantic version, with or without a
 * `v`; `changelog` whether there is an entry with at least one line that is no heading, and not yanked.
 *
 * @throws ReportError where no tag is given, or the changelog has the version twice
 * @example
 * changelog.read({ report, root, tag: "v1.2.3" }, "release").result.changelog // true
 */
export const changelog: Reader<"release"> = {
  format: "changelog",
  kinds: ["release"],
  recognises: ({ file, text }) =>
    /(?:^|[\\/])(?:changelog|changes|history|releases?)[^\\/]*\.(?:md|markdown|txt)$/i.test(file) ||
    /^#{1,3}\s/m.test(text),
  read({ report, tag }): Reading<"release"> {
    if (tag === undefined || tag === "")
      throw new ReportError(report, "", "is read for a tag, and none is given", "give --image-tag");
    checkSize(report, 4);
    const version = versionOf(tag);
    const found = version === undefined ? [] : sectionsOf(report).filter((section) => section.version === version);
    if (found.length > 1) throw new ReportError(report, version ?? "", `has ${found.length} entries`);
    const [section] = found;
    const notes = section === undefined || section.yanked ? "" : notesOf(section);
    return {
      tool: { name: "changelog" },
      result: { tag, semver: version !== undefined, changelog: notes !== "", notes: shorten(notes, longestNotes) },
    };
  },
};

/** @returns the version as a changelog names it, without `v`; undefined where the tag is no semantic version */
function versionOf(tag: string): string | undefined {
  const bare = tag.replace(/^v/, "");
  // semver takes spaces, `=` and another `v` in its stride.
  return /^\d\S*$/.test(bare) && parse(bare) !== null ? bare : undefined;
}

function sectionsOf({ text }: Report): Section[] {
  const sections: Section[] = [];
  const lines = withoutComments(text).split(/\r?\n/);
  let inFence = false;
  for (const [index, line] of lines.entries()) {
    if (/^\s{0,3}(?:```|~~~)/.test(line)) inFence = !inFence;
    const next = lines[index + 1] ?? "";
    const heading = inFence ? undefined : headingOf(line, next);
    const version = heading === undefined ? undefined : namedVersion(heading);
    // "Unreleased", and whatever else stands above all versions, ends a version as well.
    if (version !== undefined) sections.push({ version, yanked: /\[?yanked\]?/i.test(heading ?? ""), lines: [] });
    else if (heading !== undefined && /^\[?unreleased\b/i.test(heading))
      sections.push({ version: "", yanked: false, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** An ATX heading of level 1 to 3, or an underlined one. */
function headingOf(line: string, next: string): string | undefined {
  if (line.length > longestHeading) return undefined;
  const atx = /^ {0,3}#{1,3}\s+(.*?)\s*#*\s*$/.exec(line)?.[1];
  if (atx !== undefined) return atx;
  return line.trim() !== "" && /^ {0,3}(?:=+|-{3,})\s*$/.test(next) ? line.trim() : undefined;
}

/** `[1.2.3] - 2026-11-21`, `[1.2.3](https://…) (2026-11-21)`, `v1.2.3`, `Version 1.2.3`, `api-v1.2.3` is not. */
function namedVersion(heading: string): string | undefined {
  const word = /^(?:(?:version|release)\s+)?\[?v?(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)\]?(?=$|[\s(:,])/i.exec(heading)?.[1];
  return word === undefined ? undefined : versionOf(word);
}

/** Everything but headings, rules and the addresses that links are collected in. */
function notesOf({ lines }: Section): string {
  const text = lines.filter(
    (line) => !/^ {0,3}(?:=+|-{3,}|\*{3,}|_{3,})\s*$/.test(line) && !/^\[[^\]]+\]:\s/.test(line),
  );
  const says = text.some((line) => !/^\s*#/.test(line) && /[\p{L}\p{N}]/u.test(line));
  return says ? text.join("\n").trim() : "";
}

function withoutComments(text: string): string {
  return text.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
}
