/** A self-managed backend in a folder, written by hand as the engine writes it. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { EngineContext } from "../../../automation/engine-context.ts";
import { openStateBackend, type StateBackend } from "../../../automation/images/state-backend.ts";

export const digestOf = (n: number) => `sha256:${n.toString(16).padStart(64, "0")}`;

/** What stands on a service's colours. */
export interface Standing {
  blue?: string;
  green?: string;
  active?: "blue" | "green";
  /** @default "api" */
  service?: string;
}

type Colour = "blue" | "green";

/** The resources of a service, as far as anybody reads them. */
export function serviceResources({ service = "api", active = "blue", ...releases }: Standing): object[] {
  const urn = (type: string, name: string) => `urn:pulumi:prod::sluice::${type}::${name}`;
  const resource = (type: string, name: string, id: string, outputs: object) => ({
    urn: urn(type, name),
    type,
    custom: true,
    id,
    outputs,
  });
  const colours = (["blue", "green"] as Colour[]).filter((colour) => releases[colour] !== undefined);
  const tasks = colours.map((colour) => {
    const dockerLabels = { "dev.sluice.release": `r-${releases[colour]}`, "dev.sluice.tag": "standing" };
    const containerDefinitions = JSON.stringify([{ image: `registry/api@${releases[colour]}`, dockerLabels }]);
    const name = `${service}-${colour}-task`;
    return resource("aws:ecs/taskDefinition:TaskDefinition", name, name, { containerDefinitions });
  });
  const groups = (["blue", "green"] as Colour[]).map((colour) =>
    resource("aws:lb/targetGroup:TargetGroup", `${service}-${colour}-target-group`, `tg-${service}-${colour}`, {}),
  );
  const targetGroups = (["blue", "green"] as Colour[]).map((colour) => ({
    arn: `tg-${service}-${colour}`,
    weight: colour === active ? 100 : 0,
  }));
  const rule = resource("aws:lb/listenerRule:ListenerRule", `${service}-traffic`, "rule", {
    actions: [{ type: "forward", forward: { targetGroups } }],
    tags: { "sluice:active": active },
  });
  return [...tasks, ...groups, rule];
}

export const stateOf = (...services: Standing[]) => ({
  manifest: { version: "v3.259.0" },
  resources: services.flatMap(serviceResources),
});

export interface Update {
  state: object;
  /** @default "succeeded" */
  result?: string;
  /** @default "update" */
  kind?: string;
  /** @default true */
  checkpoint?: boolean;
}

export class BackendFolder {
  readonly root = mkdtempSync(path.join(os.tmpdir(), "sluice-backend-"));
  readonly folder = path.join(this.root, ".pulumi");
  #time = 1_790_000_000_000_000_000n;

  open(): StateBackend {
    const env = { PULUMI_BACKEND_URL: `file://${this.root}` };
    const context: EngineContext = { pulumi: "pulumi", root: this.root, env, policyPack: undefined };
    return openStateBackend(context);
  }

  write(key: string, content: string | Buffer): void {
    const file = path.join(this.folder, key);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** @param name PROJECT/STACK */
  stack(name: string, state: object, suffix: "" | ".gz" | ".zst" = ""): void {
    this.write(`stacks/${name}.json${suffix}`, compress(JSON.stringify(checkpoint(state)), suffix));
  }

  /** @param updates oldest first */
  history(name: string, ...updates: Update[]): void {
    for (const { state, result = "succeeded", kind = "update", checkpoint: whole = true } of updates) {
      this.#time += 1_000_000_000n;
      const base = `history/${name}/${name.split("/").at(-1)}-${this.#time}`;
      this.write(`${base}.history.json`, JSON.stringify({ kind, result }));
      if (whole) this.write(`${base}.checkpoint.json`, JSON.stringify(checkpoint(state)));
    }
  }

  /** A stack with a history whose last update made its state. */
  evolve(name: string, ...updates: Update[]): void {
    this.history(name, ...updates);
    this.stack(name, updates.at(-1)?.state ?? stateOf());
  }

  lock(name: string, owner: object = {}): void {
    const content = { pid: 1, username: "ann", hostname: "elsewhere", timestamp: "2026-11-21T12:00:00Z", ...owner };
    this.write(`locks/organization/${name}/0b1c.json`, JSON.stringify(content));
  }

  locks(): string[] {
    try {
      return readdirSync(path.join(this.folder, "locks"), { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".json"),
      );
    } catch {
      return [];
    }
  }

  /** As `pulumi cancel` does. */
  removeLocks(): void {
    rmSync(path.join(this.folder, "locks"), { recursive: true, force: true });
  }

  /** A project of this backend, for the real engine. */
  writeProject(): void {
    writeFileSync(path.join(this.root, "Pulumi.yaml"), "name: sluice\nruntime: nodejs\n");
    this.write("meta.yaml", "version: 1\n");
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

const checkpoint = (latest: object) => ({ version: 3, checkpoint: { stack: "organization/sluice/prod", latest } });

function compress(text: string, suffix: string): Buffer {
  if (suffix === ".gz") return gzipSync(text);
  return suffix === ".zst" ? zstdCompressSync(text) : Buffer.from(text);
}
