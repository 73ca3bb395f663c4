import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { repositoryRoot } from "../../../automation/paths.ts";
import { stackFileSchema } from "../../../model/config/schema.ts";
import { optionsOf, sets } from "./options.ts";
import { stackFile } from "./stacks.ts";

/** Options that no stack which is replayed sets, with the reason. */
const unset: Readonly<Record<string, string>> = {
  "sluice:imageTag": "given per run",
  "sluice:releases": "given per run",
  "sluice:retire": "takes away",
  "sluice:github.provider": "instead of a provider that the stack makes; the one in the foundation is replayed",
  "sluice:network.vpc": "nothing is made for it",
  "sluice:cluster.listenerPort": "without a certificate; listeners on 443 and 80 are replayed",
  "sluice:cluster.accessLogs.bucket": "instead of a bucket that the stack makes, which is replayed",
  "sluice:kubernetes": "nothing on AWS is made for it",
  "sluice:gates": "nothing on AWS is made for it",
};

describe("the stacks that are replayed", () => {
  const files = [
    stackFile("basis"),
    stackFile("everything"),
    path.join(repositoryRoot, "Pulumi.foundation.yaml"),
    path.join(repositoryRoot, "Pulumi.prod.yaml"),
  ];
  const configs = files.map((file) => parse(readFileSync(file, "utf8")).config as unknown);
  const { properties } = stackFileSchema() as { properties: { config: object } };
  const options = optionsOf(properties.config);
  const left = (option: string) => Object.keys(unset).some((one) => option === one || option.startsWith(`${one}.`));

  it("set every option, but for those that are left out with a reason", () => {
    assert.ok(options.length > 150, `${options.length} options`);
    const missing = options.filter((option) => !left(option) && !configs.some((config) => sets(config, option)));
    assert.deepEqual(missing, []);
  });

  for (const [option, reason] of Object.entries(unset)) {
    it(`do not set ${option}: ${reason}`, () => {
      assert.ok(options.some((one) => one === option || one.startsWith(`${option}.`)));
      assert.ok(!configs.some((config) => sets(config, option)));
    });
  }
});
