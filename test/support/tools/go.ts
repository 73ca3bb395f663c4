/** Commands from Go modules, pinned with all that they need by the go.mod and go.sum in a folder beside this file. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { findGo, goBuild } from "../../../engine/go.mjs";
import { withLock } from "../../../engine/lock.mjs";
import { PLATFORM } from "../../../engine/places.mjs";
import { toolsFolder } from "./cache.ts";

/**
 * Each command's package; `.` is a few lines of our own around a library. Cold, on two cores: the standard library 30 s, which is
 * compiled once for all of them, then actionlint 10 s, govulncheck 15 s, gitleaks 30 s, gosec 45 s, k6 60 s, sigstore-go 20 s.
 */
const packages = {
  actionlint: "github.com/rhysd/actionlint/cmd/actionlint",
  gitleaks: "github.com/zricethezav/gitleaks/v8",
  gosec: "github.com/securego/gosec/v2/cmd/gosec",
  govulncheck: "golang.org/x/vuln/cmd/govulncheck",
  k6: "go.k6.io/k6",
  "sigstore-go": ".",
} as const;

export type GoTool = keyof typeof packages;
export const goTools = Object.keys(packages) as GoTool[];

/** The file's folder is named after what it was built from. */
function place(tool: GoTool): { module: string; file: string } {
  const module = path.join(import.meta.dirname, tool);
  const hash = createHash("sha256").update(PLATFORM);
  const own = packages[tool] === "." ? ["main.go"] : [];
  for (const file of ["go.mod", "go.sum", ...own]) hash.update(readFileSync(path.join(module, file)));
  return { module, file: path.join(toolsFolder(), `${tool}-${hash.digest("hex").slice(0, 16)}`, tool) };
}

/**
 * Builds those that are not there yet, one after the other, and returns their paths. A file appears whole or not at all; of two
 * runs at once one builds and the other waits for it. Go's caches are removed afterwards; after a failure they stay, so that
 * the next try goes on from there.
 *
 * @throws Error that says why not: no Go, too old, or what Go complained about
 * @example
 * const { k6 } = await installGoTools("k6");
 */
export async function installGoTools<T extends GoTool>(...tools: T[]): Promise<Record<T, string>> {
  const places = tools.map((tool) => ({ tool, ...place(tool) }));
  const missing = () => places.filter(({ file }) => !existsSync(file));
  if (missing().length > 0) {
    await withLock(path.join(toolsFolder(), "go.lock"), async () => {
      const toBuild = missing();
      if (toBuild.length === 0) return;
      const go = await findGo(path.join(toolsFolder(), "go"));
      for (const { tool, module, file } of toBuild) {
        const draft = `${file}.${process.pid}`;
        mkdirSync(path.dirname(file), { recursive: true });
        await goBuild(go, { folder: module, main: packages[tool], output: draft, onLine: isProgress });
        renameSync(draft, file);
      }
      rmSync(go.scratch, { recursive: true, force: true });
    });
  }
  return Object.fromEntries(places.map(({ tool, file }) => [tool, file])) as Record<T, string>;
}

/** What Go says while all is well: modules that it downloads, packages that it compiles. */
function isProgress(line: string): boolean {
  return line.startsWith("go: downloading ") || /^[\w.-]+(\/[\w.~-]+)*$/.test(line);
}
