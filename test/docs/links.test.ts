import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "../..");
const pagesIn = (folder: string) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => path.join(folder, file));
const docs = pagesIn("docs");
const pages = ["README.md", ...docs, ...pagesIn("examples"), "bench/README.md"];

/** Targets of a page's links to files of the repository, as paths in it. */
function linksOf(page: string): string[] {
  const text = readFileSync(path.join(root, page), "utf8").replace(/```.*?```/gs, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target.split("#")[0] as string)
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
    .map((target) => path.join(path.dirname(page), target));
}

describe("documentation", () => {
  for (const page of pages) {
    it(`${page} leads to what is there`, () => {
      assert.deepEqual(
        linksOf(page).filter((target) => !existsSync(path.join(root, target))),
        [],
      );
    });
  }

  it("lists all of its pages in docs/README.md", () => {
    const listed = new Set(linksOf("docs/README.md"));
    assert.deepEqual(
      docs.filter((page) => page !== "docs/README.md" && !listed.has(page)),
      [],
    );
  });
});
