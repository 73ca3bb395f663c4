/**
 * Files to be published, in one folder with the `checksums.txt` that `sha256sum` wrote. Every file in it is compared; one
 * that `checksums.txt` does not name is not verified, but for `checksums.txt` itself and signatures of what it names.
 */
import { basename, dirname } from "node:path";
import { listFolder, sha256Of, withFile } from "./artifact-folder.ts";
import { isBundleName, readBundle } from "./bundle.ts";
import { parseChecksums } from "./checksums.ts";
import { type Reader, type Reading, type Report, ReportError } from "./reader.ts";
import { toolsHealthy } from "./tool-health.ts";

/** Whoever verifies a signature names the key; a wrong one helps nobody. */
const signature = /\.(?:sig|asc|pem|crt|sigstore|sigstore\.json|cosign\.bundle|intoto\.jsonl)$/;
const healthEnding = ".tool-health.json";
/** Of a report of tool-health. */
const healthBytes = 16 * 1024 * 1024;

const systems = "linux darwin windows freebsd openbsd netbsd";
/** Go's names, by all that tools call them. */
const architectures: Record<string, string> = {
  amd64: "amd64",
  x86_64: "amd64",
  x64: "amd64",
  arm64: "arm64",
  aarch64: "arm64",
  "386": "386",
  armv7: "arm",
  riscv64: "riscv64",
  s390x: "s390x",
  ppc64le: "ppc64le",
};
const platformPattern = new RegExp(
  `(?:^|[-_.])(${systems.split(" ").join("|")})[-_.](${Object.keys(architectures).join("|")})(?=$|[-_.])`,
);

type Result = Reading<"artifacts">["result"];

/**
 * Reads the folder of a release. A platform counts where a verified file that is neither bundle nor report is named by it
 * (`app-linux-amd64`). Bundles are archives named `offline`, `airgap` or `bundle`; beside one may stand what its tools say
 * of themselves, as `BUNDLE.tool-health.json` (with or without the bundle's `.tar.gz`), named in the checksums as well.
 *
 * @example
 * (await artifacts.read({ report: { file: "dist/checksums.txt", text }, root }, "artifacts")).result.platforms
 */
export const artifacts: Reader<"artifacts", Promise<Reading<"artifacts">>> = {
  format: "checksums",
  kinds: ["artifacts"],
  recognises: ({ text }) => /^[0-9a-f]{64} [ *]\S/.test(text),
  async read({ report }): Promise<Reading<"artifacts">> {
    const folder = dirname(report.file);
    const named = parseChecksums(report);
    const present = await listFolder(report, folder);
    const own = basename(report.file);
    const published = present.filter((path) => path !== own && !isSignature(path, own, named));
    const files: Result["files"] = [];
    const bundles: Result["bundles"] = [];
    for (const path of [...new Set([...named.keys(), ...published])].sort()) {
      const { verified, bundle } = await readOne(report, folder, path, named.get(path));
      files.push({ name: path, verified });
      if (bundle !== undefined) bundles.push({ name: path, ...bundle });
    }
    const verified = new Set(files.filter((file) => file.verified).map(({ name }) => name));
    return {
      tool: { name: "sha256sum" },
      result: {
        files,
        platforms: platformsOf([...verified]),
        bundles: await Promise.all(bundles.map((one) => withHealth(report, folder, one, verified))),
      },
    };
  },
};

function isSignature(path: string, own: string, named: ReadonlyMap<string, string>): boolean {
  const signed = path.replace(signature, "");
  return signed !== path && (signed === own || named.has(signed)) && !named.has(path);
}

interface One {
  verified: boolean;
  bundle?: Omit<Result["bundles"][number], "name">;
}

/** What is absent, a symlink or no file is not verified either. */
async function readOne(report: Report, folder: string, path: string, hash: string | undefined): Promise<One> {
  const read = await withFile(folder, path, async (handle, size): Promise<One> => {
    if (size === 0) throw new ReportError(report, path, "is empty");
    const same = hash !== undefined && (await sha256Of(handle)) === hash;
    // What is not what it should be is not looked into.
    if (!same || !isBundleName(path)) return { verified: same };
    const { hydrationStatus, warnings, intact } = await readBundle(report, path, handle);
    return { verified: intact, bundle: { hydrationStatus, warnings } };
  });
  return read ?? { verified: false };
}

async function withHealth(
  report: Report,
  folder: string,
  bundle: Result["bundles"][number],
  verified: ReadonlySet<string>,
): Promise<Result["bundles"][number]> {
  const names = [bundle.name, bundle.name.replace(/\.(?:tar\.gz|tgz)$/i, "")].map((name) => `${name}${healthEnding}`);
  const name = names.find((one) => verified.has(one));
  if (name === undefined) return bundle;
  const healthy = await withFile(folder, name, async (handle, size) => {
    if (size > healthBytes) throw new ReportError(report, name, `has more than ${healthBytes} bytes`);
    const text = await handle.readFile("utf8");
    return toolsHealthy({ file: `${report.file}: ${name}`, text });
  });
  return { ...bundle, toolsHealthy: healthy === true };
}

function platformsOf(paths: readonly string[]): string[] {
  const binaries = paths.filter(
    (path) =>
      !isBundleName(path) &&
      !signature.test(path) &&
      !/\.(?:json|jsonl|txt|md|sha256|sbom|spdx|html|xml|sarif)$/.test(path),
  );
  const found = binaries.flatMap((path) => {
    const [, system, architecture = ""] =
      platformPattern.exec(path.slice(path.lastIndexOf("/") + 1).toLowerCase()) ?? [];
    return system === undefined ? [] : [`${system}/${architectures[architecture]}`];
  });
  return [...new Set(found)].sort();
}
