/** Pulumi Cloud, or a service like it, asked through the CLI. Nobody but the service can hold a stack there. */
import type { EngineContext } from "../engine-context.ts";
import { runCli } from "../stack-lifecycle.ts";
import { busyError, unreadable } from "./self-managed-backend.ts";
import type { BackendStack, Hold, StateBackend } from "./state-backend.ts";

interface StackSummary {
  name: string;
  updateInProgress?: boolean;
}

interface HistoryEntry {
  kind?: string;
  result?: string;
  version?: number;
}

/** The largest page that the service gives. */
const pageSize = 100;

export class CloudBackend implements StateBackend {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  async stacks(): Promise<BackendStack[]> {
    return (await this.#summaries()).map(({ name }) => ({ id: name, name }));
  }

  state({ id }: BackendStack): Promise<unknown> {
    return this.#export(id, []);
  }

  async *successes({ id }: BackendStack): AsyncGenerator<unknown> {
    for (let page = 1; ; page++) {
      const entries = await this.#history(id, page);
      for (const { kind, result, version } of entries) {
        if (kind !== "update" || result !== "succeeded") continue;
        if (version === undefined) throw unreadable(`the history of stack ${id}`, "an update has no version");
        yield await this.#export(id, ["--version", String(version)]);
      }
      if (entries.length < pageSize) return;
    }
  }

  async wasUpdated({ id }: BackendStack): Promise<boolean> {
    for (let page = 1; ; page++) {
      const entries = await this.#history(id, page);
      if (entries.some(({ kind }) => kind === "update")) return true;
      if (entries.length < pageSize) return false;
    }
  }

  async busy(): Promise<string[]> {
    const summaries = await this.#summaries();
    return summaries.flatMap(({ name, updateInProgress }) => (updateInProgress ? [`${name} is being updated`] : []));
  }

  async hold(stacks: readonly BackendStack[]): Promise<Hold> {
    const check = async () => {
      const [now, reasons] = [await this.stacks(), await this.busy()];
      const fresh = now.filter(({ id }) => !stacks.some((one) => one.id === id));
      const all = [...reasons, ...fresh.map(({ name }) => `${name} is a new stack`)];
      if (all.length > 0) throw busyError(all);
    };
    await check();
    return { check, [Symbol.asyncDispose]: async () => {} };
  }

  async #summaries(): Promise<StackSummary[]> {
    return list<StackSummary>(await this.#ask(["stack", "ls", "--all", "--json"], "the list of stacks"), "stacks");
  }

  async #history(id: string, page: number): Promise<HistoryEntry[]> {
    const args = ["stack", "history", "--stack", id, "--json", "--page-size", String(pageSize), "--page", String(page)];
    return list<HistoryEntry>(await this.#ask(args, `the history of stack ${id}`), `updates of stack ${id}`);
  }

  async #export(id: string, more: string[]): Promise<unknown> {
    const what = `the state of stack ${id}`;
    const document = await this.#ask(["stack", "export", "--stack", id, ...more], what);
    const { deployment } = (document ?? {}) as { deployment?: unknown };
    if (deployment === undefined) throw unreadable(what, "it holds no deployment");
    return deployment ?? {};
  }

  async #ask(args: readonly string[], what: string): Promise<unknown> {
    const { code, stdout, stderr } = await runCli(this.#context, args);
    if (code !== 0) throw unreadable(what, stderr.trim().split("\n").at(-1) ?? "");
    try {
      return JSON.parse(stdout);
    } catch (error) {
      throw unreadable(what, (error as Error).message);
    }
  }
}

function list<T>(document: unknown, what: string): T[] {
  if (Array.isArray(document)) return document;
  throw unreadable(`the list of ${what}`, "the answer is no list");
}
