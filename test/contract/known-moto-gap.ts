/** A place where moto 5.2.5 is known to answer otherwise than AWS, so that the sandbox may differ from it. */
export interface Gap {
  /** Steps of the scenario in which it shows. */
  readonly steps: readonly string[];
  /** Dotted path in the answer, `*` for positions in lists; empty where one cloud refuses what the other accepts. */
  readonly path: string;
  /** What each cloud has there; undefined for nothing. */
  readonly moto?: unknown;
  readonly sandbox?: unknown;
  /** Why the sandbox is right, and how that is known. */
  readonly reason: string;
}
