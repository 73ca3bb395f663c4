import assert from "node:assert/strict";
import type { ArchiveEntry } from "../../../automation/archive.ts";
import { LayerTools, matters } from "../../../automation/image/layer-tools.ts";

const file = (path: string, executable = true): ArchiveEntry => ({ path, type: "file", size: 1, executable });
const link = (path: string): ArchiveEntry => ({ path, type: "symlink", size: 0, executable: true });

function left(...layers: ArchiveEntry[][]): string[] {
  const tools = new LayerTools();
  for (const layer of layers) tools.addLayer(layer.filter(matters));
  return tools.paths;
}

describe("tools in an image's layers", () => {
  const tools = [
    "bin/sh",
    "bin/bash",
    "bin/ash",
    "usr/bin/dash",
    "usr/bin/apt-get",
    "usr/bin/dpkg",
    "sbin/apk",
    "usr/bin/rpm",
    "usr/bin/yum",
    "usr/bin/dnf",
    "usr/bin/microdnf",
    "busybox",
    "opt/tools/zsh",
    "usr/local/bin/pwsh.exe",
  ];
  for (const path of tools) it(`are ${path}`, () => assert.deepEqual(left([file(path)]), [path]));

  it("are links, too", () => {
    assert.deepEqual(left([link("bin/sh"), { ...link("usr/bin/ash"), type: "link" }]), ["bin/sh", "usr/bin/ash"]);
  });

  it("count in a folder of programs though nobody may run them yet", () => {
    assert.deepEqual(left([file("bin/sh", false)]), ["bin/sh"]);
  });

  const harmless: [string, ArchiveEntry][] = [
    ["a completion called like what it completes", file("usr/share/bash-completion/completions/apt", false)],
    ["a folder", { path: "etc/apt", type: "directory", size: 0, executable: true }],
    ["a program whose name only begins alike", file("usr/bin/shred")],
    ["a package's list", file("var/lib/dpkg/status.d/base", false)],
    ["the program itself", file("app/server")],
  ];
  for (const [what, entry] of harmless) it(`are not ${what}`, () => assert.deepEqual(left([entry]), []));

  it("are gone where a later layer hides them", () => {
    assert.deepEqual(left([file("bin/sh"), file("sbin/apk")], [file("bin/.wh.sh", false)]), ["sbin/apk"]);
    assert.deepEqual(left([file("usr/bin/sh"), file("bin/sh")], [file(".wh.usr", false)]), ["bin/sh"]);
    assert.deepEqual(left([file("bin/sh"), file("sbin/apk")], [file("bin/.wh..wh..opq", false)]), ["sbin/apk"]);
    assert.deepEqual(left([file("bin/sh")], [file(".wh..wh..opq", false)]), []);
  });

  it("are there where only another is hidden, and where a later layer brings them back", () => {
    assert.deepEqual(left([file("bin/sh")], [file("bin/.wh.s", false)]), ["bin/sh"]);
    assert.deepEqual(left([file("bin/sh")], [file("bin/.wh.sh", false)], [file("bin/sh")]), ["bin/sh"]);
    assert.deepEqual(left([file("bin/sh")], [file(".wh..wh.plnk", false)]), ["bin/sh"]);
  });

  it("are not hidden by their own layer, wherever the whiteout stands", () => {
    assert.deepEqual(left([file("bin/sh")], [file("bin/bash"), file("bin/.wh..wh..opq", false)]), ["bin/bash"]);
    assert.deepEqual(left([file("bin/.wh.sh", false), file("bin/sh")]), ["bin/sh"]);
  });
});
