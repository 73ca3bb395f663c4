import type { Comparison } from "./pairs.ts";
import type { Setting } from "./setting.ts";

/** A question that a ratio answers. */
export interface Benchmark {
  /** As given on the command line. */
  readonly name: string;
  readonly question: string;
  /** The most that the ratio should be. @default none: it is watched, not held */
  readonly target?: number;
  /** Prepares both contenders; what it brings up is not measured. */
  readonly prepare: (setting: Setting) => Promise<Comparison>;
}
