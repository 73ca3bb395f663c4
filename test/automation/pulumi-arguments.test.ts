import assert from "node:assert/strict";
import { parseInvocation } from "../../automation/pulumi-arguments.ts";

const up = (...args: string[]) => parseInvocation(["up", "-s", "local", "--config-path", ...args]).args.slice(4);

describe("a Pulumi command line", () => {
  it("asks for one service's release in a section of its own, which a path may safely write", () => {
    for (const key of ["sluice:services.api.imageTag", "services.api.imageTag"]) {
      assert.deepEqual(up("--config", `${key}=v1`), ["--config", "sluice:releases.api.imageTag=v1"]);
    }
    assert.deepEqual(up("-c=services.api.candidate.weight=5"), ["-c=sluice:releases.api.candidate.weight=5"]);
    assert.deepEqual(up("--config=sluice:releases.api.imageTag=v1"), ["--config=sluice:releases.api.imageTag=v1"]);
  });

  it("leaves keys that are no paths, and other namespaces, alone", () => {
    for (const value of [
      "imageTag=v1.2.3",
      "sluice:imageTag=v1.2.3",
      "aws:region=eu-west-1",
      "aws:defaultTags.tags.a=b",
    ]) {
      assert.deepEqual(up("--config", value), ["--config", value]);
    }
  });

  it("refuses a path that would replace what the stack file declares", () => {
    for (const path of [
      "sluice:services.api.count.min=3",
      "services.api=x",
      "network.zones=3",
      "sluice:services[0]=x",
    ]) {
      assert.throws(() => up("--config", path), { exitCode: 2, message: /replace the whole section/ });
    }
  });

  it("refuses a pack, or settings of the pack, in place of Sluice's own", () => {
    for (const flags of [["--policy-pack", "mild"], ["--policy-pack=mild"], ["--policy-pack-config", "mild.json"]]) {
      assert.throws(() => parseInvocation(["up", "-s", "prod", ...flags]), {
        exitCode: 2,
        message: /none instead of it/,
      });
    }
  });

  it("knows the flag with a value, as the CLI does", () => {
    const given = (flag: string) => parseInvocation(["up", flag, "--config", "services.api.imageTag=v1"]).args.at(-1);
    for (const flag of ["--config-path=true", "--config-path=1", "--config-path=T"])
      assert.equal(given(flag), "sluice:releases.api.imageTag=v1", flag);
    assert.equal(given("--config-path=false"), "services.api.imageTag=v1");
  });

  it("does not touch values without --config-path, where dots are part of the key", () => {
    const args = ["up", "--config", "sluice:services.api.imageTag=v1"];
    assert.deepEqual(parseInvocation(args).args, args);
  });
});
