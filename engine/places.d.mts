/** The repository, however it was called. */
export const ROOT: string;
/** `linux-x64` and so on, in the words of the vendor's file names. */
export const PLATFORM: string;
/** @example engineVersion() // "3.259.0": the SDK and the CLI have one version, pinned in package.json */
export function engineVersion(): string;
/** The only folder outside the repository that is written to. */
export function cacheFolder(): string;
/** The first executable file of that name in the folders of PATH. */
export function findOnPath(name: string, pathValue?: string): string | undefined;
