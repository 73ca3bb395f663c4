import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { SluiceError } from "../../automation/errors.ts";
import { createRunConfig, type Overrides, sweepRuns } from "../../automation/run-config.ts";
import { knownStacks, readStackFile, stackFileName } from "../../automation/stack-file.ts";

const committed = `# a comment that people wrote
secretsprovider: awskms://alias/x
encryptedkey: a2V5
config:
  aws:region: eu-west-1
  sluice:services:
    api:
      cpu: 512
    web:
`;

describe("the private copy of a stack file", () => {
  let folder: string;
  let runs: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "sluice-config-"));
    runs = path.join(folder, "runs");
    writeFileSync(path.join(folder, "Pulumi.dev.yaml"), committed);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const make = (overrides: Overrides = {}, sandbox = false, stack = "dev") =>
    createRunConfig({ stack, root: folder, runs, sandbox, overrides });
  const read = (file: string) => parse(readFileSync(file, "utf8"));
  const refusal = (text: string): SluiceError => {
    writeFileSync(path.join(folder, "Pulumi.dev.yaml"), text);
    try {
      make().remove();
    } catch (error) {
      assert.ok(error instanceof SluiceError);
      return error;
    }
    assert.fail("it was not refused");
  };

  it("holds the committed settings and the tag for all, and is the owner's only", () => {
    using config = make({ all: { imageTag: "v1.1.0" } });
    assert.deepEqual(read(config.file).config, {
      "aws:region": "eu-west-1",
      "sluice:services": { api: { cpu: 512 }, web: {} },
      "sluice:imageTag": "v1.1.0",
    });
    assert.equal(statSync(config.file).mode & 0o777, 0o600);
    assert.equal(readFileSync(path.join(folder, "Pulumi.dev.yaml"), "utf8"), committed);
  });

  it("gives one service its own tag, also one without any settings", () => {
    using config = make({ services: { web: { imageTag: "v2" } } });
    assert.deepEqual(read(config.file).config["sluice:releases"], { web: { imageTag: "v2" } });
    assert.deepEqual(read(config.file).config["sluice:services"], { api: { cpu: 512 }, web: {} });
    assert.deepEqual(config.settings.releases, { web: { imageTag: "v2" } });
  });

  it("gives every service a candidate", () => {
    using config = make({ all: { candidate: { imageTag: "v2", weight: 25 } } });
    const { api, web } = read(config.file).config["sluice:releases"];
    assert.deepEqual(
      [api.candidate, web.candidate],
      [
        { imageTag: "v2", weight: 25 },
        { imageTag: "v2", weight: 25 },
      ],
    );
  });

  it("reads services that the CLI has written as JSON text", () => {
    writeFileSync(path.join(folder, "Pulumi.dev.yaml"), `config:\n  sluice:services: '{"api":{"cpu":256}}'\n`);
    using config = make({ services: { api: { release: "0123456789abcdef" } } });
    assert.deepEqual(read(config.file).config["sluice:services"], { api: { cpu: 256 } });
    assert.deepEqual(read(config.file).config["sluice:releases"], { api: { release: "0123456789abcdef" } });
  });

  it("keeps the secrets provider for real clouds, and leaves it out in the sandbox", () => {
    using real = make();
    using sandboxed = make({}, true);
    assert.deepEqual([read(real.file).secretsprovider, read(real.file).encryptedkey], ["awskms://alias/x", "a2V5"]);
    assert.deepEqual(Object.keys(read(sandboxed.file)), ["config"]);
  });

  it("says which secrets the sandbox cannot read", () => {
    writeFileSync(
      path.join(folder, "Pulumi.dev.yaml"),
      "encryptionsalt: v1:x\nconfig:\n  sluice:key:\n    secure: v1:abc\n  other:deep:\n    inner: { secure: v1:def }\n",
    );
    using config = make({}, true);
    assert.deepEqual(config.replacedSecrets, ["sluice:key", "other:deep.inner"]);
    assert.ok(!readFileSync(config.file, "utf8").includes("v1:"));
  });

  it("is gone afterwards", () => {
    const config = make();
    config.remove();
    assert.equal(existsSync(config.file), false);
  });

  it("refuses a file that names releases: every place, its line, and the command that removes it", () => {
    const error = refusal(
      "config:\n  sluice:imageTag: v1\n  sluice:services:\n    api:\n      cpu: 256\n      imageTag: v2\n    web: { candidate: { imageTag: v3, weight: 5 } }\n",
    );
    assert.equal(error.exitCode, 2);
    assert.deepEqual(error.details, [
      "sluice:imageTag (line 2)",
      "sluice:services.api.imageTag (line 6)",
      "sluice:services.web.candidate (line 7)",
    ]);
    assert.match(error.remedy ?? "", /config rm --path sluice:services\.api\.imageTag --stack dev/);
  });

  it("refuses a release under a bare key and in JSON text too", () => {
    assert.deepEqual(refusal("config:\n  imageTag: v1\n").details, ["sluice:imageTag (line 2)"]);
    assert.deepEqual(refusal(`config:\n  sluice:services: '{"api":{"release":"00"}}'\n`).details, [
      "sluice:services.api.release (line 2)",
    ]);
  });

  it("refuses what is no YAML, and what is no map", () => {
    assert.equal(refusal("config: [").exitCode, 2);
    assert.equal(refusal("- a\n").exitCode, 2);
    assert.equal(refusal("config: text\n").exitCode, 2);
  });

  it("refuses services that the stack does not have, and stacks without a file", () => {
    assert.throws(() => make({ services: { nope: { imageTag: "v1" } } }), {
      exitCode: 2,
      remedy: "name one of: api, web",
    });
    assert.throws(() => make({}, false, "missing"), { exitCode: 2 });
    assert.throws(() => make({}, false, "../dev"), { exitCode: 2 });
  });

  it("sweeps what dead runs left, and nothing else", () => {
    using config = make();
    const dead = path.join(runs, `dev-${2 ** 22 + 1}-0.yaml`);
    const other = path.join(runs, "notes.txt");
    for (const file of [dead, other]) writeFileSync(file, "");
    sweepRuns(runs);
    assert.deepEqual(readdirSync(runs).sort(), [path.basename(config.file), "notes.txt"].sort());
  });

  it("comes from one file for all previews", () => {
    const stacks = ["preview-pr-12", "org/sluice/preview-pr-3", "shop-preview-pr-1", "prod", "preview-prod"];
    assert.deepEqual(stacks.map(stackFileName), [
      "Pulumi.preview.yaml",
      "Pulumi.preview.yaml",
      "Pulumi.shop-preview.yaml",
      "Pulumi.prod.yaml",
      "Pulumi.preview-prod.yaml",
    ]);
  });

  describe("stack files", () => {
    const put = (...names: string[]) => {
      for (const name of names) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), "config: {}\n");
      }
    };
    const found = (stack: string) => path.relative(folder, readStackFile(folder, stack).file);

    it("stand beside the program, or with an example", () => {
      put("examples/shop/Pulumi.shop-prod.yaml", "examples/shop/Pulumi.shop-preview.yaml", "examples/shop/notes.md");
      assert.equal(found("dev"), "Pulumi.dev.yaml");
      assert.equal(found("shop-prod"), "examples/shop/Pulumi.shop-prod.yaml");
      assert.equal(found("org/sluice/shop-preview-pr-7"), "examples/shop/Pulumi.shop-preview.yaml");
      assert.deepEqual(knownStacks(folder), ["dev", "shop-preview", "shop-prod"]);
    });

    it("of the repository's own come first", () => {
      put("examples/shop/Pulumi.dev.yaml");
      assert.equal(found("dev"), "Pulumi.dev.yaml");
    });

    it("are one for a stack: two examples with the same name are refused, and none too", () => {
      put("examples/shop/Pulumi.prod.yaml", "examples/mill/Pulumi.prod.yaml");
      assert.throws(() => readStackFile(folder, "prod"), /2 examples have a Pulumi\.prod\.yaml/);
      assert.throws(
        () => readStackFile(folder, "staging"),
        /no Pulumi\.staging\.yaml for stack staging, here or in examples/,
      );
    });
  });
});
