import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { defaultStacks, environmentOf } from "../../../../model/environment-of.ts";
import { packGates } from "../../../../model/gates/pack.ts";
import { gatesFor, gatesSection } from "../../../../model/gates/section.ts";
import { tighten } from "../../../../model/gates/tighten.ts";
import { proof, refusedBy, verdictOn } from "../fixture.ts";

const root = new URL("../../../../", import.meta.url);
const pack = JSON.parse(readFileSync(new URL("policy/config.json", root), "utf8"))["images-proven"];
const folders = readdirSync(new URL("examples/", root)).map((name) => `examples/${name}/`);
const stacks = folders.flatMap((folder) =>
  readdirSync(new URL(folder, root)).flatMap((file) => {
    const stack = /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
    if (stack === undefined) return [];
    const { config } = parse(readFileSync(new URL(folder + file, root), "utf8"));
    return config["sluice:gates"] === undefined ? [] : [{ stack, section: gatesSection.parse(config["sluice:gates"]) }];
  }),
);

describe("the examples' gates beside the pack's own", () => {
  it("are those of the five pipelines", () => {
    assert.deepEqual(stacks.map(({ stack }) => stack).sort(), [
      ...["alchemorsel-development", "alchemorsel-prod", "alchemorsel-staging"],
      ...["pantstack-prod", "pantstack-test"],
      ...["punchtrunk-main", "punchtrunk-pr", "punchtrunk-release"],
      ...["salunga-prod", "salunga-staging", "sanctum-prod", "sanctum-staging"],
    ]);
  });

  for (const { stack, section } of stacks) {
    it(`${stack} asks for nothing that is looser`, () => {
      const environment = environmentOf(stack, pack.stacks ?? defaultStacks);
      const { floor } = packGates(pack, environment);
      for (const repository of ["", ...Object.keys(section.repositories)]) {
        const { gates, problems } = tighten(gatesFor(floor, repository), gatesFor(section, repository));
        assert.deepEqual(problems, []);
        // Both together can be met.
        const met = verdictOn({ gates, pieces: proof(gates, environment), environment });
        assert.deepEqual(refusedBy(met), []);
      }
    });
  }
});
