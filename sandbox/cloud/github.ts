import { randomBytes } from "node:crypto";
import { CloudError } from "./error.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

/** A document of a repository's settings, in the shape of GitHub's REST API where Sluice reads it back. */
export interface Setting {
  id: number;
  node_id: string;
  /** `owner/name`. */
  repository: string;
  [key: string]: unknown;
}

interface Place {
  repository: string;
}

/** Settings of GitHub repositories: rulesets, environments, branch protection. Every repository named exists. */
export class GitHub {
  readonly #cloud: Inner;
  readonly #rulesets: Table<Setting>;
  readonly #environments: Table<Setting>;
  readonly #policies: Table<Setting>;
  readonly #protections: Table<Setting>;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    const missing = () => new CloudError("404", "Not Found", 404);
    this.#rulesets = new Table(cloud.store, "github-ruleset", missing);
    this.#environments = new Table(cloud.store, "github-environment", missing);
    this.#policies = new Table(cloud.store, "github-deployment-policy", missing);
    this.#protections = new Table(cloud.store, "github-branch-protection", missing);
  }

  createRuleset(input: Place & { name: string } & Record<string, unknown>): Setting {
    const same = this.listRulesets(input).find((one) => one.name === input.name);
    if (same) throw invalid("Name must be unique");
    const setting = { ...this.#fresh("RRS"), ...input };
    return this.#rulesets.put(String(setting.id), setting);
  }

  getRuleset(input: { id: number }): Setting {
    return this.#rulesets.need(String(input.id));
  }

  listRulesets(input: Place): Setting[] {
    return this.#rulesets.list().filter((one) => one.repository === input.repository);
  }

  updateRuleset(input: Place & { id: number; name: string } & Record<string, unknown>): Setting {
    const old = this.getRuleset(input);
    const same = this.listRulesets(input).find((one) => one.name === input.name && one.id !== input.id);
    if (same) throw invalid("Name must be unique");
    return this.#rulesets.put(String(old.id), { ...input, id: old.id, node_id: old.node_id });
  }

  deleteRuleset(input: { id: number }): void {
    this.#rulesets.remove(String(input.id));
  }

  /** Creates the environment, or changes it: GitHub has one operation for both. */
  putEnvironment(input: Place & { environment: string } & Record<string, unknown>): Setting {
    const id = `${input.repository}:${input.environment.toLowerCase()}`;
    const old = this.#environments.find(id) ?? this.#fresh("EN");
    return this.#environments.put(id, { ...input, id: old.id, node_id: old.node_id });
  }

  getEnvironment(input: Place & { environment: string }): Setting {
    return this.#environments.need(`${input.repository}:${input.environment.toLowerCase()}`);
  }

  deleteEnvironment(input: Place & { environment: string }): void {
    this.#cloud.store.transaction(() => {
      this.#environments.remove(`${input.repository}:${input.environment.toLowerCase()}`);
      for (const policy of this.#policies.list()) {
        if (policy.repository === input.repository && policy.environment === input.environment) {
          this.#policies.remove(String(policy.id));
        }
      }
    });
  }

  createDeploymentPolicy(input: Place & { environment: string; name: string; type: "branch" | "tag" }): Setting {
    const { deployment_branch_policy: how } = this.getEnvironment(input) as {
      deployment_branch_policy?: Record<string, unknown>;
    };
    if (how?.custom_branch_policies !== true) {
      throw new CloudError("404", "Not Found: the environment does not have custom branch policies", 404);
    }
    const { repository, environment, name, type } = input;
    const same = this.#policies
      .list()
      .some(
        (one) =>
          one.repository === repository && one.environment === environment && one.name === name && one.type === type,
      );
    if (same) throw new CloudError("303", "a policy with this name exists already", 303);
    const setting = { ...this.#fresh("DP"), repository, environment, name, type };
    return this.#policies.put(String(setting.id), setting);
  }

  getDeploymentPolicy(input: { id: number }): Setting {
    return this.#policies.need(String(input.id));
  }

  updateDeploymentPolicy(input: { id: number; name: string }): Setting {
    return this.#policies.put(String(input.id), { ...this.getDeploymentPolicy(input), name: input.name });
  }

  deleteDeploymentPolicy(input: { id: number }): void {
    this.#policies.remove(String(input.id));
  }

  createBranchProtection(input: Place & { pattern: string } & Record<string, unknown>): Setting {
    const same = this.#protections
      .list()
      .some((one) => one.repository === input.repository && one.pattern === input.pattern);
    if (same) throw invalid(`Name already protected: ${input.pattern}`);
    const setting = { ...this.#fresh("BPR"), ...input };
    return this.#protections.put(setting.node_id, setting);
  }

  getBranchProtection(input: { node_id: string }): Setting {
    return this.#protections.need(input.node_id);
  }

  updateBranchProtection(input: Place & { node_id: string } & Record<string, unknown>): Setting {
    const old = this.getBranchProtection(input);
    return this.#protections.put(old.node_id, { ...input, id: old.id, node_id: old.node_id });
  }

  deleteBranchProtection(input: { node_id: string }): void {
    this.#protections.remove(input.node_id);
  }

  #fresh(prefix: string): Pick<Setting, "id" | "node_id"> & { repository: string } {
    const number = this.#cloud.store.transaction(() => {
      const next = (this.#cloud.store.get<{ next: number }>("github-counter", "id")?.next ?? 1000) + 1;
      this.#cloud.store.put("github-counter", "id", { next });
      return next;
    });
    return { id: number, node_id: `${prefix}_${randomBytes(12).toString("base64url")}`, repository: "" };
  }
}

const invalid = (text: string) => new CloudError("422", `Validation Failed: ${text}`, 422);
