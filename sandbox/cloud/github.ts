import { randomBytes } from "node:crypto";
import { CloudError } from "./error.ts";
import {
  acceptEnvironment,
  acceptRuleset,
  type CommitCheck,
  type DeploymentPolicy,
  type Environment,
  type EnvironmentFields,
  type Filed,
  invalid,
  MAX_RULESETS,
  missing,
  type Ruleset,
  type RulesetFields,
} from "./github-documents.ts";
import type { Inner } from "./index.ts";
import { Table } from "./table.ts";

interface Place {
  /** `owner/name`; GitHub tells no upper from lower case. */
  repository: string;
}

type InEnvironment = Place & { environment: string };

/** Settings of GitHub repositories: rulesets, environments and their policies, and checks of commits. Every repository named exists. */
export class GitHub {
  readonly #cloud: Inner;
  readonly #rulesets: Table<Ruleset>;
  readonly #environments: Table<Environment>;
  readonly #policies: Table<DeploymentPolicy>;
  readonly #checks: Table<CommitCheck>;

  constructor(cloud: Inner) {
    this.#cloud = cloud;
    this.#rulesets = new Table(cloud.store, "github-ruleset", missing);
    this.#environments = new Table(cloud.store, "github-environment", missing);
    this.#policies = new Table(cloud.store, "github-deployment-policy", missing);
    this.#checks = new Table(cloud.store, "github-check", missing);
  }

  createRuleset({ repository, ...fields }: Place & RulesetFields): Ruleset {
    const others = this.listRulesets({ repository });
    if (others.some(({ name }) => name === fields.name)) throw invalid("Name must be unique");
    if (others.length >= MAX_RULESETS) throw invalid(`at most ${MAX_RULESETS} rulesets`);
    const now = new Date().toISOString();
    const accepted = acceptRuleset(fields);
    const ruleset = { ...this.#fresh("RRS"), repository, ...accepted, created_at: now, updated_at: now };
    return this.#rulesets.put(String(ruleset.id), ruleset);
  }

  getRuleset({ repository, id }: Place & { id: number }): Ruleset {
    return inPlace(this.#rulesets.find(String(id)), repository);
  }

  listRulesets({ repository }: Place): Ruleset[] {
    return this.#rulesets.list().filter((one) => same(one.repository, repository));
  }

  /** What is not given stays as it is. */
  updateRuleset({ repository, id, ...fields }: Place & { id: number } & Partial<RulesetFields>): Ruleset {
    const old = this.getRuleset({ repository, id });
    const taken = this.listRulesets({ repository }).some((one) => one.name === fields.name && one.id !== id);
    if (taken) throw invalid("Name must be unique");
    const accepted = acceptRuleset({ ...old, ...fields });
    return this.#rulesets.put(String(id), { ...old, ...accepted, updated_at: new Date().toISOString() });
  }

  deleteRuleset(input: Place & { id: number }): void {
    this.#rulesets.remove(String(this.getRuleset(input).id));
  }

  /** Creates the environment, or changes it: GitHub has one operation for both, and what is not given goes back to its default. */
  putEnvironment({ repository, environment, ...fields }: InEnvironment & Partial<EnvironmentFields>): Environment {
    const key = keyOf({ repository, environment });
    const old = this.#environments.find(key);
    const { id, node_id } = old ?? this.#fresh("EN");
    const accepted = acceptEnvironment({ ...ENVIRONMENT_DEFAULTS, ...fields });
    const created_at = old?.created_at ?? new Date().toISOString();
    if (accepted.deployment_branch_policy?.custom_branch_policies !== true) this.#dropPolicies(key);
    return this.#environments.put(key, { id, node_id, repository, name: environment, ...accepted, created_at });
  }

  getEnvironment(input: InEnvironment): Environment {
    return this.#environments.need(keyOf(input));
  }

  listEnvironments({ repository }: Place): Environment[] {
    return this.#environments.list().filter((one) => same(one.repository, repository));
  }

  deleteEnvironment(input: InEnvironment): void {
    this.#cloud.store.transaction(() => {
      this.#environments.remove(keyOf(input));
      this.#dropPolicies(keyOf(input));
    });
  }

  createDeploymentPolicy(input: InEnvironment & { name: string; type: "branch" | "tag" }): DeploymentPolicy {
    const { deployment_branch_policy: how, repository, name: environment } = this.getEnvironment(input);
    if (how?.custom_branch_policies !== true) {
      throw new CloudError("404", "Not Found: the environment does not have custom branch policies", 404);
    }
    const { name, type } = input;
    const known = this.listDeploymentPolicies(input);
    if (known.some((one) => one.name === name && one.type === type)) {
      throw new CloudError("303", "a policy with this name exists already", 303);
    }
    const policy = { ...this.#fresh("DP"), repository, environment, name, type };
    return this.#policies.put(String(policy.id), policy);
  }

  getDeploymentPolicy(input: InEnvironment & { id: number }): DeploymentPolicy {
    const found = this.listDeploymentPolicies(input).find(({ id }) => id === input.id);
    if (found === undefined) throw missing();
    return found;
  }

  listDeploymentPolicies(input: InEnvironment): DeploymentPolicy[] {
    return this.#policies.list().filter((one) => keyOf(one) === keyOf(input));
  }

  updateDeploymentPolicy(input: InEnvironment & { id: number; name: string }): DeploymentPolicy {
    return this.#policies.put(String(input.id), { ...this.getDeploymentPolicy(input), name: input.name });
  }

  deleteDeploymentPolicy(input: InEnvironment & { id: number }): void {
    this.#policies.remove(String(this.getDeploymentPolicy(input).id));
  }

  /** A later result of the same check by the same reporter takes its place. */
  createCheck(check: CommitCheck): CommitCheck {
    const { repository, sha, app, context } = check;
    if (!/^[0-9a-f]{40}$/.test(sha)) throw invalid(`sha ${sha}`);
    return this.#checks.put([repository.toLowerCase(), sha, app ?? "", context].join(":"), check);
  }

  #dropPolicies(key: string): void {
    for (const policy of this.#policies.list()) if (keyOf(policy) === key) this.#policies.remove(String(policy.id));
  }

  #fresh(prefix: string): Pick<Filed, "id" | "node_id"> {
    const number = this.#cloud.store.transaction(() => {
      const next = (this.#cloud.store.get<{ next: number }>("github-counter", "id")?.next ?? 1000) + 1;
      this.#cloud.store.put("github-counter", "id", { next });
      return next;
    });
    return { id: number, node_id: `${prefix}_${randomBytes(12).toString("base64url")}` };
  }
}

const ENVIRONMENT_DEFAULTS: EnvironmentFields = {
  wait_timer: 0,
  prevent_self_review: false,
  can_admins_bypass: true,
  reviewers: [],
  deployment_branch_policy: null,
};

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

function keyOf({ repository, environment }: InEnvironment): string {
  return `${repository}:${environment}`.toLowerCase();
}

/** @throws CloudError 404 for what is somewhere else, too */
function inPlace<T extends Filed>(found: T | undefined, repository: string): T {
  if (found === undefined || !same(found.repository, repository)) throw missing();
  return found;
}
