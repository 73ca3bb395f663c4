import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import type { Config } from "../../model/config/config.ts";
import { planRuleset } from "../../model/github/ruleset.ts";

export interface RulesetsArgs {
  /** Name of the repository, without its owner: that is the provider's. */
  repository: string;
  rulesets: Config["rulesets"];
}

/**
 * Rules for branches and tags of the repository. A ruleset, unlike branch protection, can pin a check to the app that must
 * report it; nobody may pass it by unless named.
 *
 * @example
 * new Rulesets("rulesets", { repository: "shop", rulesets: { main: { branches: ["main"], approvals: 2, … } } })
 */
export class Rulesets extends pulumi.ComponentResource {
  constructor(name: string, args: RulesetsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sluice:github:Rulesets", name, args, opts);
    for (const [ruleset, settings] of Object.entries(args.rulesets)) {
      new github.RepositoryRuleset(
        `${name}-${ruleset}`,
        { name: ruleset, repository: args.repository, ...planRuleset(settings) },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}
