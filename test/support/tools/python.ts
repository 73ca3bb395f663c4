/** Packages from PyPI, every file's hash locked, in a virtual environment of their own. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { toolsFolder } from "./cache.ts";
import { installPackage } from "./debian.ts";

/**
 * Installs the locked packages into a virtual environment of their own and returns its Python. The folder is named after what is in it,
 * and appears whole or not at all, so that two runs may install at once.
 *
 * @param folder - where `requirements.txt` says what
 * @example const python = await installPython(path.join(import.meta.dirname, "moto"));
 */
export async function installPython(folder: string): Promise<string> {
  const name = path.basename(folder);
  const requirements = path.join(folder, "requirements.txt");
  const about = await execa("python3", ["-c", "import sys; print(sys.version, sys.base_prefix)"]);
  const key = createHash("sha256")
    .update(about.stdout)
    .update(await readFile(requirements))
    .digest("hex")
    .slice(0, 16);
  const place = path.join(toolsFolder(), `${name}-${key}`);
  const python = path.join("bin", "python");
  if (existsSync(path.join(place, python))) return path.join(place, python);

  await mkdir(toolsFolder(), { recursive: true });
  const building = await mkdtemp(path.join(toolsFolder(), `.${name}-`));
  try {
    await makeEnvironment(building);
    const options = [
      "--quiet",
      "--disable-pip-version-check",
      "--no-cache-dir",
      "--require-hashes",
      "--only-binary=:all:",
    ];
    await execa(path.join(building, python), ["-m", "pip", "install", ...options, "-r", requirements]);
    await rename(building, place).catch((error: NodeJS.ErrnoException) => {
      // Another run was faster: its folder has the same in it.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return path.join(place, python);
}

/** Debian's Python leaves out what makes environments; the package that has it is asked for then. */
async function makeEnvironment(folder: string): Promise<void> {
  const make = () => execa("python3", ["-m", "venv", "--clear", folder]);
  await make().catch(async (cause: unknown) => {
    const reason = await installPackage("python3-venv");
    if (reason !== undefined) throw new Error(`python3 -m venv does not work (${reason})`, { cause });
    await make();
  });
}
