import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findOnPath } from "../../engine/places.mjs";
import { type Result, type Running, start } from "./commands.ts";

const LOCATE = fileURLToPath(new URL("../../engine/locate.mjs", import.meta.url));

export interface Found {
  pulumi: string;
  path: string;
  node: string;
}

/** A machine as `engine/locate.mjs` sees it: an empty home, an empty cache, and on PATH nothing but `sh`, coreutils and what a test puts there. */
export class Machine {
  readonly folder = mkdtempSync(path.join(tmpdir(), "sluice-machine-"));
  readonly home = path.join(this.folder, "home");
  readonly cache = path.join(this.folder, "cache");
  readonly bin = path.join(this.folder, "bin");
  readonly #log = path.join(this.folder, "log");
  /** Set to a server, or to a closed port: the vendor itself is never asked. */
  mirror = "http://127.0.0.1:9";

  constructor() {
    for (const folder of [this.home, this.cache, this.bin]) mkdirSync(folder);
    for (const tool of ["sh", "cat", "sleep", "mkdir", "readlink"]) {
      const found = findOnPath(tool);
      if (!found) throw new Error(`this test needs ${tool} on PATH`);
      symlinkSync(found, path.join(this.bin, tool));
    }
  }

  /** Puts a shell script on PATH. Each call of it adds a line to the log. */
  install(name: string, body: string, folder = this.bin): string {
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>"${this.#log}"\n${body}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** A second name for an executable file, without what stands beside it. */
  installCopy(name: string, original: string): string {
    const file = path.join(this.bin, name);
    try {
      linkSync(original, file);
    } catch {
      copyFileSync(original, file);
    }
    return file;
  }

  /** A `go` of this version, whose build leaves a `pulumi` behind that answers its version. */
  installGo(version: string, duringBuild = ""): void {
    this.install(
      "go",
      `if [ "$1" = env ]; then echo '{"GOVERSION": "go${version}", "GOPROXY": "https://modules.example"}'; exit; fi
       printf '%s\\n' "$GOPATH" "$GOCACHE" "$GOMODCACHE" "$GOTMPDIR" "$XDG_CONFIG_HOME" >"${this.folder}/go-folders"
       echo "$GOENV $GOTOOLCHAIN $GOFLAGS $GOPROXY $CGO_ENABLED" >"${this.folder}/go-settings"
       mkdir -p "$GOCACHE/something"
       ${duringBuild}
       while [ $# -gt 0 ]; do [ "$1" = -o ] && target=$2; shift; done
       printf '#!/bin/sh\\necho v0.0.0\\n' >"$target"
       chmod 755 "$target" || exit`,
    );
    symlinkSync(findOnPath("chmod") ?? "chmod", path.join(this.bin, "chmod"));
  }

  read(name: string): string {
    return readFileSync(path.join(this.folder, name), "utf8");
  }

  /** The calls of scripts, in order. */
  calls(): string[] {
    return existsSync(this.#log) ? readFileSync(this.#log, "utf8").trim().split("\n") : [];
  }

  get environment(): NodeJS.ProcessEnv {
    return { HOME: this.home, XDG_CACHE_HOME: this.cache, PATH: this.bin, SLUICE_ENGINE_MIRROR: this.mirror };
  }

  startLocate(): Running {
    return start(process.execPath, [LOCATE], { env: this.environment });
  }

  locate(): Promise<Result> {
    return this.startLocate().result;
  }

  /** @throws Error with what it said, when nothing was found */
  async find(): Promise<Found> {
    const { code, stdout, stderr } = await this.locate();
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Found;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
