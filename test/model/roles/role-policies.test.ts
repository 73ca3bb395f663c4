import assert from "node:assert/strict";
import fc from "fast-check";
import { checkConfig } from "../../../model/config/config.ts";
import { boundedName, nameLimits } from "../../../model/names.ts";
import { policyLimits } from "../../../model/roles/document.ts";
import { planRoles } from "../../../model/roles/github-roles.ts";
import { namePrefix } from "../../../model/roles/names.ts";
import { likeOracle } from "../../policy/iam-oracle.ts";

const repository = { owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };
const scope = { project: "sluice", stack: "foundation", id: "123456789012", partition: "aws", region: "eu-west-1" };

describe("planRoles", () => {
  const identifier = fc.stringMatching(/^[a-z][a-z0-9]{0,23}$/);
  const arn = fc
    .stringMatching(/^[a-z/]{200,300}$/)
    .map((name) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`);
  const settings = fc.record({
    owner: fc.stringMatching(/^[a-z]{1,39}$/),
    repository: fc.stringMatching(/^[a-z._-]{1,100}$/),
    deploys: fc.uniqueArray(identifier, { maxLength: 4 }),
    pushesFrom: fc.array(fc.stringMatching(/^[a-z/]{1,255}$/), { maxLength: 4 }),
    secrets: fc.array(arn, { maxLength: 20, size: "max" }),
    bucket: fc.option(fc.stringMatching(/^[a-z]{3,63}$/), { nil: undefined }),
    project: fc.stringMatching(/^[a-z]{1,40}$/),
    stack: fc.stringMatching(/^[A-Z][a-z]{0,80}$/),
    region: fc.constantFrom("eu-west-1", "ap-southeast-2", "us-gov-west-1"),
  });

  it("says so, or writes nothing that is too long for IAM (property)", () => {
    const seen = { fit: 0, refused: 0 };
    fc.assert(
      fc.property(settings, ({ project, stack, region, secrets, bucket, deploys, ...given }) => {
        const grants = Object.fromEntries(deploys.slice(0, 1).map((name) => [name, { secrets }]));
        const raw = { ...repository, ...given, deploys, grants, ...(bucket && { backend: { bucket } }) };
        const { config } = checkConfig({ github: raw });
        if (config?.github === undefined) return;
        const { roles, boundaries, problems } = planRoles(config.github, { ...scope, project, stack, region });
        if (problems.length > 0) {
          seen.refused++;
          return;
        }
        seen.fit++;
        for (const { trust, inline = "", managed, ceiling } of roles) {
          assert.ok(trust.length <= policyLimits.trust);
          assert.ok(inline.length <= policyLimits.inline);
          assert.ok(Object.keys(managed).length <= 10, "IAM: policies per role");
          for (const document of [...Object.values(managed), ceiling])
            assert.ok(document.length <= policyLimits.managed);
        }
        for (const document of Object.values(boundaries)) assert.ok(document.length <= policyLimits.managed);
      }),
      { numRuns: 300 },
    );
    assert.ok(seen.fit > 50 && seen.refused > 5, JSON.stringify(seen));
  });
});

describe("namePrefix", () => {
  it("is how every bounded name of the stack begins (property)", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,20}){0,2}$/);
    fc.assert(
      fc.property(
        word,
        word,
        fc.array(word, { maxLength: 3 }),
        fc.constantFrom(...Object.values(nameLimits)),
        (...args) => {
          const [project, stack, parts, limit] = args;
          const pattern = `${namePrefix(limit, project, stack)}*`;
          assert.ok(likeOracle(pattern, boundedName(limit, project, stack, ...parts)), pattern);
        },
      ),
    );
  });
});
