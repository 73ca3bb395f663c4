/** Shells and package managers in an image's layers, found by the names of files. */
import type { ArchiveEntry } from "../archive.ts";

/** What a shell is called. BusyBox and toybox are shells under every name. */
const shells = "sh ash bash csh dash elvish fish ksh ksh93 mksh nu pwsh rbash tcsh xonsh yash zsh busybox toybox";
/** Managers of systems' packages. Those of languages belong to whatever is run by them. */
const managers =
  "apk apt apt-cache apt-get aptitude brew conda dnf dnf-3 dnf5 dpkg dpkg-deb emerge flatpak guix ipkg microdnf micromamba nix nix-env opkg pacman rpm rpm2cpio rpmdb snap tdnf urpmi xbps-install yum zypper";
const names = new Set(`${shells} ${managers}`.split(" "));

/**
 * The files of an image by which somebody could work in it, layer by layer. It goes by names and by nothing else: whoever
 * wants to hide a shell calls it otherwise. It finds what was forgotten, not what was hidden.
 *
 * @example
 * const tools = new LayerTools();
 * tools.addLayer([{ path: "bin/sh", type: "symlink", size: 0, executable: true }]);
 * tools.paths // ["bin/sh"]
 */
export class LayerTools {
  readonly #paths = new Set<string>();

  /** What is left in the final file system, sorted. */
  get paths(): string[] {
    return [...this.#paths].sort();
  }

  /** @param entries only those that {@link matters} says matter; a layer's whiteouts hide what is below it, wherever they stand */
  addLayer(entries: readonly ArchiveEntry[]): void {
    for (const { path } of entries) {
      const hidden = hiddenBy(path);
      if (hidden === undefined) continue;
      for (const one of this.#paths) if (one.startsWith(hidden.below) || one === hidden.path) this.#paths.delete(one);
    }
    for (const { path } of entries) if (hiddenBy(path) === undefined) this.#paths.add(path);
  }
}

/** Whether an entry is a tool or hides something: all others need not be kept. */
export function matters({ path, type, executable }: ArchiveEntry): boolean {
  if (hiddenBy(path) !== undefined) return true;
  const parts = path.split("/");
  const name = (parts.at(-1) ?? "").toLowerCase().replace(/\.exe$/, "");
  if (!names.has(name) || type === "directory") return false;
  // Completions and manuals are called like what they are about, but nobody may run them.
  return type !== "file" || executable || ["bin", "sbin"].includes(parts.at(-2) ?? "");
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#whiteouts */
function hiddenBy(path: string): { path?: string; below: string } | undefined {
  const slash = path.lastIndexOf("/") + 1;
  const [folder, name] = [path.slice(0, slash), path.slice(slash)];
  if (name === ".wh..wh..opq") return { below: folder };
  if (!name.startsWith(".wh.")) return undefined;
  const hidden = `${folder}${name.slice(".wh.".length)}`;
  return { path: hidden, below: `${hidden}/` };
}
