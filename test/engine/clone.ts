import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findOnPath, PLATFORM, ROOT } from "../../engine/places.mjs";
import { type Result, type Running, start } from "./commands.ts";

interface Lock {
  packages: Record<string, { version?: string; integrity?: string; optional?: boolean }>;
}

/** A clone with the real launcher, a small lock file, and an `npm` that only writes down that it was called. */
export class Clone {
  readonly folder = mkdtempSync(path.join(tmpdir(), "sluice-clone-"));
  readonly root = path.join(this.folder, "repository");
  readonly #bin = path.join(this.folder, "bin");
  readonly #calls = path.join(this.folder, "npm-calls");

  constructor() {
    for (const folder of [this.root, this.#bin]) mkdirSync(folder);
    cpSync(path.join(ROOT, "engine"), path.join(this.root, "engine"), { recursive: true, verbatimSymlinks: true });
    cpSync(path.join(ROOT, "bin"), path.join(this.root, "bin"), { recursive: true });
    cpSync(path.join(ROOT, "package.json"), path.join(this.root, "package.json"));
    for (const tool of ["sh", "cat", "mkdir", "sleep", "readlink", "chmod"])
      symlinkSync(findOnPath(tool) ?? tool, path.join(this.#bin, tool));
    // A CLI is there: these tests are about the rest.
    this.#script("pulumi", "echo v3.999.0");
    this.#script("pulumi-language-nodejs", "");
    this.lock({ packages: { "": {}, "node_modules/one": { version: "1.0.0", integrity: "sha512-one" } } });
    this.npm("");
  }

  #script(name: string, body: string): void {
    writeFileSync(path.join(this.#bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(path.join(this.#bin, name), 0o755);
  }

  lock(lock: Lock): void {
    this.write("package-lock.json", JSON.stringify(lock));
  }

  /** What npm leaves behind in node_modules: its own list, and the pinned Node. */
  installed(list: Lock): void {
    this.write("node_modules/.package-lock.json", JSON.stringify(list));
    const pinned = `node_modules/node-${PLATFORM}/bin/node`;
    mkdirSync(path.dirname(path.join(this.root, pinned)), { recursive: true });
    if (!existsSync(path.join(this.root, pinned))) symlinkSync(process.execPath, path.join(this.root, pinned));
  }

  /** @param before shell commands that this npm runs before it installs */
  npm(before: string): void {
    const modules = path.join(this.root, "node_modules");
    const node = path.join(modules, `node-${PLATFORM}`, "bin");
    this.#script(
      "npm",
      `echo "$*" >>"${this.#calls}"
       ${before}
       mkdir -p "${node}" "${modules}/.bin"
       cat >"${node}/node" <<'END'
#!/bin/sh
exec "${process.execPath}" "$@"
END
       chmod 755 "${node}/node"
       cat "${this.root}/package-lock.json" >"${modules}/.package-lock.json"`,
    );
  }

  npmCalls(): string[] {
    return existsSync(this.#calls) ? readFileSync(this.#calls, "utf8").trim().split("\n") : [];
  }

  write(name: string, text: string): void {
    const file = path.join(this.root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      HOME: this.folder,
      XDG_CACHE_HOME: path.join(this.folder, "cache"),
      PATH: `${this.#bin}:${path.dirname(process.execPath)}`,
    };
  }

  start(...args: string[]): Running {
    const launcher = path.join(this.root, "engine", "run.mjs");
    return start(process.execPath, [launcher, ...args], { env: this.environment, cwd: this.root });
  }

  /** As a shell with job control does it. */
  startInGroup(...args: string[]): Running {
    const launcher = path.join(this.root, "engine", "run.mjs");
    const options = { env: this.environment, cwd: this.root, detached: true };
    return start(process.execPath, [launcher, ...args], options);
  }

  launch(...args: string[]): Promise<Result> {
    return this.start(...args).result;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
