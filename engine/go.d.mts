/** A Go, and how it reaches modules. */
export interface Go {
  go: string;
  version: string;
  /** Folder for all that Go writes; what is in it makes later builds faster. */
  scratch: string;
  network: Record<string, string>;
}

export interface GoBuild {
  /** Has go.mod and go.sum, which are not changed. */
  folder: string;
  /** Package of the command. */
  main: string;
  /** File to write. */
  output: string;
  linkerFlags?: string;
  /** @returns whether the line is progress; all others are shown when the build fails */
  onLine: (line: string) => boolean;
}

/** @throws Error without Go, or where it is too old */
export function findGo(scratch: string): Promise<Go>;
/** @throws Error with what Go complained about */
export function goBuild(found: Go, what: GoBuild): Promise<void>;
