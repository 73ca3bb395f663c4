import assert from "node:assert/strict";
import { parseConfig } from "../../components/stack-config.ts";

describe("parseConfig", () => {
  it("reads structured values, which the engine hands over as JSON, and its own namespace alone", () => {
    const { config, region } = parseConfig({
      "aws:region": "eu-west-1",
      "sluice:network": '{"zones":3}',
      "sluice:imageTag": "v1.2.3",
      "other:key": "x",
    });
    assert.equal(region, "eu-west-1");
    assert.equal(config.network?.zones, 3);
    assert.equal(config.imageTag, "v1.2.3");
  });

  it("names every problem at once, a missing region among them", () => {
    assert.throws(() => parseConfig({ "sluice:network": '{"zones":9}', "sluice:colour": "red" }), {
      message: /^configuration error:\n {2}aws:region: .*\n {2}network\.zones: .*\n {2}colour: /,
    });
  });

  it("has rulesets and environments set in the account of the repository, and nowhere else", () => {
    const github = '{"owner":"acme","ownerId":1,"repository":"shop","repositoryId":2}';
    const all = {
      "aws:region": "eu-west-1",
      "sluice:github": github,
      "sluice:rulesets": '{"main":{"branches":["main"]}}',
    };
    assert.equal(parseConfig({ ...all, "github:owner": "acme" }).config.github?.owner, "acme");
    assert.throws(() => parseConfig(all), /github:owner: .*got nothing; set github:owner: acme/);
    assert.throws(() => parseConfig({ ...all, "github:owner": "other" }), /github:owner: .*got "other"/);
    assert.ok(parseConfig({ ...all, "sluice:rulesets": "{}" }), "nothing is set, so no owner is needed");
  });

  it("takes text that only looks like JSON for text", () => {
    assert.throws(
      () => parseConfig({ "aws:region": "eu-west-1", "sluice:network": "{nope" }),
      /network: .*got "\{nope"/,
    );
  });
});
