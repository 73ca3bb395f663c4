import type { Server } from "node:http";
import { dimensionOf, type TargetDoc } from "../cloud/elb-model.ts";
import type { Inner, Part } from "../cloud/index.ts";
import { Connections } from "./connections.ts";
import { createFrontend } from "./frontend.ts";
import { HealthChecks } from "./health-checks.ts";
import { closeServer, listen } from "./ports.ts";
import { identityOf, type Routing, readRouting } from "./routing.ts";

/** How often the number of healthy and unhealthy targets is recorded, in milliseconds. */
const HOST_COUNT_MS = 1000;
/** How long requests in flight may go on when the sandbox stops or is replaced, in milliseconds: nobody can connect meanwhile. */
const STOP_MS = 1000;
/** Where the port that a listener really has is kept, when it is not the declared one. */
const PORT_KIND = "balancer.port";

interface Open {
  server: Server;
  address: string;
  declared: number;
  port: number;
}

/** The load balancers' data plane. */
export class Balancers implements Part {
  readonly #cloud: Inner;
  readonly #connections: Connections;
  readonly #checks: HealthChecks;
  readonly #open = new Map<string, Promise<Open>>();
  readonly #drains = new Map<string, NodeJS.Timeout>();
  #routing: Routing = { listeners: new Map(), targets: [], used: new Map() };
  #unfollow: () => void = () => {};
  /** One change of ports at a time, each by the routing of its own moment. */
  #ports: Promise<void> = Promise.resolve();
  #hostCounts: NodeJS.Timeout | undefined;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#connections = new Connections((identity) => this.#idle(identity));
    this.#checks = new HealthChecks((target, health) => cloud.elb.noteHealth(target, health));
  }

  async start(): Promise<void> {
    this.#unfollow = this.#cloud.elb.follow(() => this.#apply());
    this.#cloud.cloudwatch.start();
    this.#cloud.alarms.start();
    this.#hostCounts = setInterval(() => this.#recordHosts(), HOST_COUNT_MS);
    await this.#apply();
  }

  status(): unknown {
    return [...this.#routing.listeners.values()].map(({ doc, loadBalancer }) => {
      const listener = doc.shape.ListenerArn;
      const port = this.#cloud.store.get<{ port: number }>(PORT_KIND, listener)?.port ?? doc.shape.Port;
      return { listener, address: loadBalancer.address, declaredPort: doc.shape.Port, port };
    });
  }

  async close(_final: boolean): Promise<void> {
    this.#unfollow();
    clearInterval(this.#hostCounts);
    this.#cloud.alarms.stop();
    this.#cloud.cloudwatch.stop();
    for (const timer of this.#drains.values()) clearTimeout(timer);
    this.#checks.close();
    await this.#ports;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(open.map(async (each) => closeServer((await each).server, STOP_MS)));
    this.#connections.close();
  }

  /** The swap of routes comes first and is synchronous; opening and closing ports follows. */
  #apply(): Promise<void> {
    const { elb } = this.#cloud;
    this.#routing = readRouting(elb);
    const groups = new Map(elb.targetGroups().map((group) => [group.shape.TargetGroupArn, group]));
    const { targets, used } = this.#routing;
    this.#checks.keepOnly(
      targets.flatMap((target) => {
        const group = groups.get(target.targetGroupArn);
        const checked = group !== undefined && used.has(target.targetGroupArn) && target.drainingSince === undefined;
        return checked ? [{ target, group }] : [];
      }),
    );
    this.#connections.keepOnly(new Set(targets.map(identityOf)));
    for (const target of targets) {
      const delay = groups.get(target.targetGroupArn)?.attributes["deregistration_delay.timeout_seconds"];
      if (target.drainingSince !== undefined) this.#drain(target, Number(delay ?? "300") * 1000);
    }
    this.#ports = this.#ports.then(() => this.#applyListeners());
    return this.#ports;
  }

  /** A draining target is let go with its last request, or when its time is over. */
  #drain(target: TargetDoc, delayMs: number): void {
    const identity = identityOf(target);
    if (this.#drains.has(identity)) return;
    const left = (target.drainingSince ?? 0) + delayMs - Date.now();
    const wait = this.#connections.inFlight(identity) === 0 ? 0 : Math.max(0, left);
    this.#drains.set(
      identity,
      setTimeout(() => {
        this.#drains.delete(identity);
        this.#cloud.elb.noteDrained(target);
      }, wait),
    );
  }

  #idle(identity: string): void {
    const timer = this.#drains.get(identity);
    const target = this.#routing.targets.find((each) => identityOf(each) === identity);
    if (timer === undefined || target === undefined) return;
    clearTimeout(timer);
    this.#drains.delete(identity);
    this.#drain(target, 0);
  }

  async #applyListeners(): Promise<void> {
    const { listeners } = this.#routing;
    for (const [arn, opening] of this.#open) {
      const routes = listeners.get(arn);
      const open = await opening.catch(() => undefined);
      if (open !== undefined && routes?.doc.shape.Port === open.declared) continue;
      this.#open.delete(arn);
      if (routes === undefined) this.#cloud.store.delete(PORT_KIND, arn);
      if (open !== undefined) void closeServer(open.server);
    }
    const waiting = [...listeners.keys()].map((arn) => {
      const opening = this.#open.get(arn) ?? this.#openListener(arn);
      this.#open.set(arn, opening);
      return opening;
    });
    const results = await Promise.allSettled(waiting);
    for (const result of results) {
      if (result.status === "rejected") this.#cloud.log(`balancer: a listener does not open: ${result.reason}`);
    }
  }

  async #openListener(arn: string): Promise<Open> {
    const routes = this.#routing.listeners.get(arn);
    if (routes === undefined) throw new Error(`${arn} is gone`);
    const server = createFrontend({
      routes: () => this.#routing.listeners.get(arn),
      connections: this.#connections,
      record: (record) => this.#cloud.cloudwatch.noteRequest(record),
    });
    const { address } = routes.loadBalancer;
    const declared = routes.doc.shape.Port;
    const before = this.#cloud.store.get<{ port: number }>(PORT_KIND, arn)?.port;
    const port = await listen(server, address, [declared, before ?? 0, 0]);
    server.on("error", (error) => this.#cloud.log(`balancer: ${arn}: ${error}`));
    if (port !== declared) {
      this.#cloud.store.put(PORT_KIND, arn, { port });
      this.#cloud.log(`balancer: port ${declared} of ${address} cannot be bound, ${port} serves in its place`);
    } else {
      this.#cloud.store.delete(PORT_KIND, arn);
    }
    return { server, address, declared, port };
  }

  #recordHosts(): void {
    for (const [arn, balancers] of this.#routing.used) {
      const own = this.#routing.targets.filter(
        (each) => each.targetGroupArn === arn && each.drainingSince === undefined,
      );
      const healthy = own.filter((target) => target.health.State === "healthy").length;
      const unhealthy = own.filter((target) => target.health.State === "unhealthy").length;
      for (const balancer of balancers) {
        this.#cloud.cloudwatch.noteHosts(dimensionOf(balancer), dimensionOf(arn), healthy, unhealthy);
      }
    }
  }
}
