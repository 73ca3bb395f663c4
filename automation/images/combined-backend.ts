/** Several backends, looked into as one: environments that take their images from one registry may keep their states apart. */
import { configurationError, type SluiceError } from "../errors.ts";
import type { BackendStack, Hold, StateBackend } from "./state-backend.ts";

export class CombinedBackend implements StateBackend {
  readonly #parts: readonly { url: string; backend: StateBackend }[];

  /** @param others by their URLs */
  constructor(own: StateBackend, others: ReadonlyMap<string, StateBackend>) {
    this.#parts = [{ url: "", backend: own }, ...[...others].map(([url, backend]) => ({ url, backend }))];
  }

  async stacks(): Promise<BackendStack[]> {
    const all = this.#parts.map(async ({ url, backend }, index) => {
      const stacks = await backend.stacks();
      if (stacks.length === 0 && url !== "") throw emptyBackend(url);
      const place = url === "" ? "" : ` (${url.split("?")[0]})`;
      return stacks.map(({ id, name }) => ({ id: `${index}:${id}`, name: name + place }));
    });
    return (await Promise.all(all)).flat();
  }

  state(stack: BackendStack): Promise<unknown> {
    return this.#of(stack).state(own(stack));
  }

  successes(stack: BackendStack): AsyncIterable<unknown> {
    return this.#of(stack).successes(own(stack));
  }

  wasUpdated(stack: BackendStack): Promise<boolean> {
    return this.#of(stack).wasUpdated(own(stack));
  }

  async busy(): Promise<string[]> {
    return (await Promise.all(this.#parts.map(({ backend }) => backend.busy()))).flat();
  }

  async hold(stacks: readonly BackendStack[]): Promise<Hold> {
    await using held = new AsyncDisposableStack();
    const holds: Hold[] = [];
    for (const [index, { backend }] of this.#parts.entries()) {
      const mine = stacks.filter(({ id }) => id.startsWith(`${index}:`)).map(own);
      holds.push(held.use(await backend.hold(mine)));
    }
    const all = held.move();
    return {
      check: async () => {
        for (const hold of holds) await hold.check();
      },
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  }

  #of({ id }: BackendStack): StateBackend {
    const part = this.#parts[Number(id.split(":")[0])];
    if (part === undefined) throw new Error(`no backend has a stack ${id}`);
    return part.backend;
  }
}

/** A wrong URL must not be taken for a backend that needs nothing. */
function emptyBackend(url: string): SluiceError {
  return configurationError(`the backend ${url} has no stacks; nothing was deleted`, {
    remedy: "mend its URL, or leave it out",
  });
}

/** The stack as its own backend knows it. */
function own({ id, name }: BackendStack): BackendStack {
  return { id: id.slice(id.indexOf(":") + 1), name };
}
