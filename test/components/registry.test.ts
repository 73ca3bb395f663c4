import assert from "node:assert/strict";
import fc from "fast-check";
import { Environment } from "../../components/environment.ts";
import { Registry } from "../../components/registry.ts";
import { checkConfig } from "../../model/config/config.ts";
import { maximumPolicyLength, repositoryPolicy } from "../../model/images/repository-policy.ts";
import { configOf, declare, environment } from "./harness.ts";

const account = "210987654321";
const role = `arn:aws:iam::${account}:role/ci/push`;
const key = "arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000000";

const registryOf = (repositories: Record<string, unknown>) =>
  configOf({ registry: { repositories } }).registry as NonNullable<ReturnType<typeof configOf>["registry"]>;

const declareRegistry = (settings: Record<string, unknown>, where = environment) =>
  declare(() => new Registry("registry", { environment: where, ...registryOf({ api: settings }) }));

describe("Registry", () => {
  it("declares by default what no other account can reach and no rollback can miss", async () => {
    const resources = await declareRegistry({});
    assert.deepEqual(resources.one("ecr/repository", "registry-api"), {
      name: "api",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: false,
      tags: { Name: "api", "sluice:project": "sluice", "sluice:stack": "test", "sluice:environment": "test" },
    });
    assert.deepEqual(resources.names("ecr/repositoryPolicy"), []);
    assert.deepEqual(
      resources.all.map(({ name }) => name),
      ["registry", "registry-api", "registry-api-lifecycle"],
    );
  });

  it("expires nothing but untagged images and those tagged dev-* or pr-*, after the days asked for", async () => {
    const resources = await declareRegistry({ expireUntaggedDays: 1, expirePreviewDays: 365 });
    const { rules } = JSON.parse(resources.one("ecr/lifecyclePolicy", "registry-api-lifecycle").policy as string);
    const age = (countNumber: number) => ({ countType: "sinceImagePushed", countUnit: "days", countNumber });
    assert.deepEqual(
      rules.map(({ selection }: { selection: object }) => selection),
      [
        { tagStatus: "untagged", ...age(1) },
        { tagStatus: "tagged", tagPatternList: ["dev-*"], ...age(365) },
        { tagStatus: "tagged", tagPatternList: ["pr-*"], ...age(365) },
      ],
    );
  });

  it("lets only those tags move that were asked for", async () => {
    const resources = await declareRegistry({ mutableTags: ["dev-*", "pr-latest"] });
    assert.partialDeepStrictEqual(resources.one("ecr/repository", "registry-api"), {
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [
        { filter: "dev-*", filterType: "WILDCARD" },
        { filter: "pr-latest", filterType: "WILDCARD" },
      ],
    });
  });

  it("encrypts with a key of one's own where asked", async () => {
    const resources = await declareRegistry({ encryption: key });
    assert.deepEqual(resources.one("ecr/repository", "registry-api").encryptionConfigurations, [
      { encryptionType: "KMS", kmsKey: key },
    ]);
  });

  it("refuses a key of another region before anything is declared", async () => {
    const elsewhere = new Environment({ project: "sluice", stack: "test", name: "test", region: "eu-central-1" });
    await assert.rejects(
      declareRegistry({ encryption: key }, elsewhere),
      /registry\.repositories\.api\.encryption: a key in the stack's region, eu-central-1/,
    );
  });

  it("opens a repository to the accounts and roles that are named, for pulling, or pushing", async () => {
    const resources = await declareRegistry({ pullFrom: [role, account], pushFrom: [role] });
    const { repository, policy } = resources.one("ecr/repositoryPolicy", "registry-api-policy");
    assert.equal(repository, "api");
    assert.deepEqual(JSON.parse(policy as string), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Pull",
          Effect: "Allow",
          Principal: { AWS: [role, `arn:aws:iam::${account}:root`] },
          Action: [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:DescribeImages",
            "ecr:GetDownloadUrlForLayer",
          ],
        },
        {
          Sid: "Push",
          Effect: "Allow",
          Principal: { AWS: [role] },
          Action: [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:DescribeImages",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
          ],
        },
      ],
    });
  });

  it("names accounts in the partition of the stack's region", () => {
    const principals = (region: string) => repositoryPolicy({ pullFrom: [account], pushFrom: [] }, region);
    assert.match(principals("cn-north-1") ?? "", /"arn:aws-cn:iam::210987654321:root"/);
    assert.match(principals("us-gov-west-1") ?? "", /"arn:aws-us-gov:iam::210987654321:root"/);
  });

  it("says the same whatever the order of the principals", () => {
    const policy = (pullFrom: string[]) => repositoryPolicy({ pullFrom, pushFrom: [] }, "eu-west-1");
    assert.equal(policy([role, account]), policy([account, role]));
  });
});

describe("configuration of the registry", () => {
  const problems = (settings: Record<string, unknown>, name = "api") =>
    checkConfig({ registry: { repositories: { [name]: settings } } }).problems.map(({ field }) => field);

  const refused: [string, Record<string, unknown>, RegExp][] = [
    ["a filter of nothing but wildcards", { mutableTags: ["*"] }, /mutableTags/],
    ["three wildcards in a filter", { mutableTags: ["a*b*c*"] }, /mutableTags/],
    ["a filter with a slash", { mutableTags: ["dev/*"] }, /mutableTags/],
    ["an empty filter", { mutableTags: [""] }, /mutableTags/],
    ["a filter of 129 characters", { mutableTags: ["d".repeat(129)] }, /mutableTags/],
    ["six filters", { mutableTags: ["a", "b", "c", "d", "e", "f"] }, /mutableTags/],
    ["a filter twice", { mutableTags: ["dev-*", "dev-*"] }, /mutableTags/],
    ["an alias of a key", { encryption: "arn:aws:kms:eu-west-1:123456789012:alias/registry" }, /encryption/],
    ["another word for encryption", { encryption: "KMS" }, /encryption/],
    ["everybody as puller", { pullFrom: ["*"] }, /pullFrom/],
    ["a wildcard in a role", { pullFrom: [`arn:aws:iam::${account}:role/*`] }, /pullFrom/],
    ["an account of 11 digits", { pullFrom: ["21098765432"] }, /pullFrom/],
    ["a user as puller", { pullFrom: [`arn:aws:iam::${account}:user/ann`] }, /pullFrom/],
    ["a puller twice", { pullFrom: [account, account] }, /pullFrom/],
    ["a whole account as pusher", { pushFrom: [account] }, /pushFrom/],
    ["the root of an account as pusher", { pushFrom: [`arn:aws:iam::${account}:root`] }, /pushFrom/],
    ["an account given as a number", { pullFrom: [210987654321] }, /pullFrom/],
    ["a setting that does not exist", { forceDelete: true }, /forceDelete/],
    ["more principals than a policy holds", { pullFrom: accounts(400) }, /pullFrom/],
  ];
  for (const [title, settings, field] of refused) {
    it(`refuses ${title}`, () => assert.match(problems(settings).join(), field));
  }

  const accepted: [string, Record<string, unknown>][] = [
    ["five filters of 128 characters", { mutableTags: ["a", "b", "c", "d", "e"].map((one) => one.repeat(128)) }],
    ["two wildcards", { mutableTags: ["dev-*-*"] }],
    [
      "a multi-Region key",
      { encryption: "arn:aws:kms:eu-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef" },
    ],
    ["a role of another partition", { pullFrom: ["arn:aws-us-gov:iam::210987654321:role/pull"] }],
    ["a hundred accounts", { pullFrom: accounts(100) }],
  ];
  for (const [title, settings] of accepted) {
    it(`accepts ${title}`, () => assert.deepEqual(problems(settings), []));
  }

  it("accepts the longest name that ECR takes, and no longer one", () => {
    assert.deepEqual(problems({}, "a".repeat(256)), []);
    assert.equal(problems({}, "a".repeat(257)).length, 1);
  });

  it("accepts nothing that ECR's limits refuse", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { config } = checkConfig({ registry: { repositories: { api: settings } } });
        const repository = config?.registry?.repositories.api;
        if (repository === undefined) return;
        const policy = repositoryPolicy(repository, "us-gov-east-1");
        assert.ok((policy?.length ?? 0) <= maximumPolicyLength);
        assert.ok(!policy?.includes("*"));
        assert.ok(repository.mutableTags.length <= 5);
        for (const filter of repository.mutableTags) assert.match(filter, /^[0-9a-zA-Z._*-]{1,128}$/);
        for (const filter of repository.mutableTags) assert.ok(filter.split("*").length <= 3);
      }),
    );
  });
});

function accounts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));
}

const digits = fc.stringMatching(/^\d{12}$/);
const path = fc.stringMatching(/^[A-Za-z0-9+=,.@_*?/-]{0,500}$/);
const principal = fc.oneof(
  digits,
  fc
    .tuple(fc.constantFrom("aws", "aws-cn", "aws-us-gov", "aws-iso-b"), digits, path)
    .map(([partition, id, name]) => `arn:${partition}:iam::${id}:role/${name}`),
  fc.constantFrom("*", "arn:aws:iam::*:root"),
);
const anySettings = fc.record({
  mutableTags: fc.array(fc.oneof(fc.stringMatching(/^[a-z*.-]{0,130}$/), fc.string()), { maxLength: 6 }),
  pullFrom: fc.uniqueArray(principal, { maxLength: 40 }),
  pushFrom: fc.uniqueArray(principal, { maxLength: 40 }),
});
