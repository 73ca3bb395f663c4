import assert from "node:assert/strict";
import { checkConfig } from "../../../model/config/config.ts";
import { evidencePolicy } from "../../../model/roles/evidence.ts";
import { planRoles } from "../../../model/roles/github-roles.ts";
import { allows } from "../../policy/iam-evaluation.ts";

const image = `arn:aws:s3:::acme-evidence/gates/images/${"0".repeat(64)}`;
const audit = "arn:aws:s3:::acme-evidence/gates/audit/000000000001.json";
const created = { "s3:if-none-match": "*" };
const bucket = { bucket: "acme-evidence", prefix: "gates" };
const role = (writes: "reports" | "records") => ({
  policies: [JSON.stringify({ Statement: evidencePolicy({ partition: "aws" }, bucket, writes) })],
});

describe("evidencePolicy", () => {
  const rows: [what: string, action: string, resource: string, context: Record<string, string>, roles: string[]][] = [
    ["reads evidence", "s3:GetObject", `${image}/evidence/tests-1.json`, {}, ["reports", "records"]],
    ["reads records", "s3:GetObject", `${image}/records/approval-1.json`, {}, ["reports", "records"]],
    ["adds a report", "s3:PutObject", `${image}/evidence/tests-1.json`, created, ["reports"]],
    ["adds a record", "s3:PutObject", `${image}/records/approval-1.json`, created, ["records"]],
    ["adds to the audit log", "s3:PutObject", audit, created, ["reports", "records"]],
    ["overwrites an entry", "s3:PutObject", audit, {}, []],
    ["overwrites a record", "s3:PutObject", `${image}/records/approval-1.json`, {}, []],
    ["deletes", "s3:DeleteObject", audit, {}, []],
    ["reads what else is in the bucket", "s3:GetObject", "arn:aws:s3:::acme-evidence/payroll.csv", {}, []],
    [
      "lists evidence",
      "s3:ListBucket",
      "arn:aws:s3:::acme-evidence",
      { "s3:prefix": "gates/images/" },
      ["reports", "records"],
    ],
    ["lists the bucket", "s3:ListBucket", "arn:aws:s3:::acme-evidence", { "s3:prefix": "" }, []],
  ];
  for (const [what, action, resource, context, allowed] of rows) {
    for (const writes of ["reports", "records"] as const) {
      const may = allowed.includes(writes);
      it(`${may ? "lets" : "does not let"} who writes ${writes}: ${what}`, () =>
        assert.equal(allows(role(writes), { action, resource, context }), may));
    }
  }
});

describe("planRoles with a bucket of evidence", () => {
  const github = { owner: "acme", ownerId: 1, repository: "shop", repositoryId: 2 };
  const scope = { project: "sluice", stack: "foundation", id: "123456789012", partition: "aws", region: "eu-west-1" };
  const plan = (evidence?: object, backend?: object) => {
    const given = { ...(evidence && { evidence }), ...(backend && { backend }) };
    const { config, problems } = checkConfig({ github: { ...github, ...given } });
    assert.deepEqual(problems, []);
    assert.ok(config?.github);
    return planRoles(config.github, scope).roles;
  };

  it("gives it to push and deploy roles, within their ceilings, and never to plans", () => {
    const read = {
      action: "s3:GetObject",
      resource: `${image.replace("/gates/", "/evidence/")}/evidence/tests-1.json`,
    };
    const may = plan({ bucket: "acme-evidence" }).map(({ purpose, inline = "", managed, ceiling }) => {
      const policies = [...Object.values(managed), ...(inline === "" ? [] : [inline])];
      return [purpose, allows({ policies, boundary: ceiling }, read)];
    });
    assert.deepEqual(Object.fromEntries(may), { plan: false, push: true, "deploy-staging": true, "deploy-prod": true });
  });

  it("lets the push role find the registry in the foundation's state, and see no other state", () => {
    const push = plan(undefined, { bucket: "acme-state" }).find(({ purpose }) => purpose === "push");
    const may = (action: string, name: string) => {
      const resource = `arn:aws:s3:::acme-state/.pulumi/stacks/sluice/${name}.json`;
      return allows({ policies: [push?.inline ?? ""], boundary: push?.ceiling ?? "" }, { action, resource });
    };
    assert.deepEqual(
      [may("s3:GetObject", "foundation"), may("s3:PutObject", "foundation"), may("s3:GetObject", "prod")],
      [true, false, false],
    );
  });

  it("names no bucket where none is configured", () => assert.doesNotMatch(JSON.stringify(plan()), /s3:PutObject/));

  for (const prefix of ["/evidence", "evidence/", "a//b", "*", "$" + "{aws:username}", ""]) {
    it(`refuses the prefix ${JSON.stringify(prefix)}`, () => {
      const { problems } = checkConfig({ github: { ...github, evidence: { bucket: "acme-evidence", prefix } } });
      assert.deepEqual(
        problems.map(({ field }) => field),
        ["github.evidence.prefix"],
      );
    });
  }
});
