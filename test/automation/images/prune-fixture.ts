/** A registry and a backend, and `sluice images prune` between them. */
import assert from "node:assert/strict";
import { type ImagesArgs, pruneImages, requireQuiet, reviewImages } from "../../../automation/images/prune.ts";
import type { StateBackend } from "../../../automation/images/state-backend.ts";
import { controlledInterruption, recordOutput } from "../engine-fixture.ts";
import { BackendFolder, stateOf, type Update } from "./backend-folder.ts";
import { RegistryFixture } from "./registry-fixture.ts";

const day = 86_400_000;

export interface Moments {
  /** Happens after the first reading. */
  meanwhile?: () => unknown;
  /** Happens before each batch, counted from 1. */
  check?: (count: number) => unknown;
  unusedBy?: string[];
}

export class PruneFixture {
  readonly folder = new BackendFolder();
  readonly registry: RegistryFixture;

  private constructor(registry: RegistryFixture) {
    this.registry = registry;
  }

  static async open(): Promise<PruneFixture> {
    return new PruneFixture(await RegistryFixture.open("api", "web"));
  }

  async close(): Promise<void> {
    this.folder.remove();
    await this.registry.close();
  }

  args(backend: StateBackend = this.folder.open()): ImagesArgs {
    return {
      backend,
      repositories: { api: this.registry.repository("api"), web: this.registry.repository("web") },
      rules: { keep: 2, minimumAgeDays: 30 },
      now: Date.now() + 60 * day,
    };
  }

  /** As the command does it. */
  async prune({ meanwhile, check, unusedBy = [] }: Moments = {}, interruption = controlledInterruption()) {
    const args = { ...this.args(watched(this.folder.open(), check)), unusedBy };
    await requireQuiet(args.backend);
    const review = await reviewImages(args);
    await meanwhile?.();
    return await pruneImages({ ...args, review, output: recordOutput(), interruption });
  }

  /** What is really there. */
  left(repository = "api"): string[] {
    return [...this.registry.digests(repository)].sort();
  }
}

function watched(inner: StateBackend, happens: Moments["check"]): StateBackend {
  let count = 0;
  return {
    stacks: () => inner.stacks(),
    state: (stack) => inner.state(stack),
    successes: (stack) => inner.successes(stack),
    wasUpdated: (stack) => inner.wasUpdated(stack),
    busy: () => inner.busy(),
    async hold(stacks) {
      const hold = await inner.hold(stacks);
      const check = async () => {
        await hold.check();
        await happens?.(++count);
      };
      return { check, [Symbol.asyncDispose]: () => hold[Symbol.asyncDispose]() };
    },
  };
}

/** An update that left this on blue, active, and that on green. */
export function on(digest: string, standby?: string): Update {
  return { state: stateOf({ blue: digest, ...(standby === undefined ? {} : { green: standby }) }) };
}

/** Whether an error says all of it, in its message or its details. */
export function says(...texts: RegExp[]) {
  return (error: Error & { details?: string[] }): boolean => {
    const text = [error.message, ...(error.details ?? [])].join("\n");
    for (const one of texts) assert.match(text, one);
    return true;
  };
}
