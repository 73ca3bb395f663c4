import { Agent } from "node:http";
import type { TargetDoc } from "../cloud/elb-model.ts";
import { identityOf } from "./routing.ts";

/** Kept connections per target; more only makes sense at loads that no test here has. */
const IDLE_SOCKETS_PER_TARGET = 256;

interface Live {
  /** Connections kept alive for requests without a body. */
  agent: Agent;
  inFlight: number;
}

/** Connections to targets and how many requests each is working on. */
export class Connections {
  readonly #live = new Map<string, Live>();
  readonly #onIdle: (identity: string) => void;

  /** @param onIdle called when the last request of a target has ended. */
  constructor(onIdle: (identity: string) => void) {
    this.#onIdle = onIdle;
  }

  inFlight(identity: string): number {
    return this.#live.get(identity)?.inFlight ?? 0;
  }

  /** Counts a request until `done` is called (any number of times). */
  enter(target: TargetDoc): { agent: Agent; done: () => void } {
    const identity = identityOf(target);
    const live = this.#live.get(identity) ?? { agent: keepingAgent(), inFlight: 0 };
    this.#live.set(identity, live);
    live.inFlight += 1;
    let over = false;
    const done = () => {
      if (over) return;
      over = true;
      live.inFlight -= 1;
      if (live.inFlight === 0) this.#onIdle(identity);
    };
    return { agent: live.agent, done };
  }

  /** Closes what is kept for targets that are no more. */
  keepOnly(identities: ReadonlySet<string>): void {
    for (const [identity, live] of this.#live) {
      if (identities.has(identity) || live.inFlight > 0) continue;
      live.agent.destroy();
      this.#live.delete(identity);
    }
  }

  close(): void {
    for (const live of this.#live.values()) live.agent.destroy();
    this.#live.clear();
  }
}

function keepingAgent(): Agent {
  return new Agent({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS_PER_TARGET, scheduling: "lifo" });
}
