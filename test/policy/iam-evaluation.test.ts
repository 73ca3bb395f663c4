import assert from "node:assert/strict";
import { allows, type Request } from "./iam-evaluation.ts";

const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const statement = (Effect: string, Action: unknown, Resource: unknown, Condition?: object) => ({
  Effect,
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const get: Request = { action: "s3:GetObject", resource: "arn:aws:s3:::shop/a/b" };
const tag = "aws:ResourceTag/sluice:stack";

/** Cases of the IAM user guide: "Policy evaluation logic", "Condition operators", "Permissions boundaries". */
describe("the evaluation of IAM policies that tests rely on", () => {
  const cases: [string, object[], Request, boolean][] = [
    ["nothing allows", [], get, false],
    ["an exact action and resource", [statement("Allow", "s3:GetObject", get.resource)], get, true],
    ["an action in another case", [statement("Allow", "S3:getobject", "*")], get, true],
    ["a wildcard over slashes", [statement("Allow", "s3:Get*", "arn:aws:s3:::shop/*")], get, true],
    ["another resource", [statement("Allow", "s3:*", "arn:aws:s3:::shop")], get, false],
    ["a denial beside it", [statement("Allow", "*", "*"), statement("Deny", "s3:GetObject", "*")], get, false],
    ["all but", [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }], get, true],
    [
      "all but this",
      [{ Effect: "Deny", NotAction: "s3:Get*", Resource: "*" }, statement("Allow", "*", "*")],
      get,
      true,
    ],
    ["all resources but", [{ Effect: "Allow", Action: "*", NotResource: "arn:aws:s3:::shop/*" }], get, false],
    ["a key that is missing", [statement("Allow", "*", "*", { StringEquals: { [tag]: "prod" } })], get, false],
    [
      "a key that may be missing",
      [statement("Allow", "*", "*", { StringEqualsIfExists: { [tag]: "prod" } })],
      get,
      true,
    ],
    [
      "a negated test of a missing key",
      [statement("Allow", "*", "*", { StringNotEquals: { [tag]: "prod" } })],
      get,
      true,
    ],
    ["a key that must be missing", [statement("Allow", "*", "*", { Null: { [tag]: "true" } })], get, true],
    ["a key that must be there", [statement("Allow", "*", "*", { Null: { [tag]: "false" } })], get, false],
    [
      "any of several values",
      [statement("Allow", "*", "*", { StringEquals: { [tag]: ["a", "prod"] } })],
      { ...get, context: { [tag.toUpperCase()]: "prod" } },
      true,
    ],
    [
      "all of several keys",
      [statement("Allow", "*", "*", { StringEquals: { [tag]: "prod", "aws:x": "y" } })],
      { ...get, context: { [tag]: "prod" } },
      false,
    ],
    [
      "all of several values in the request",
      [statement("Allow", "*", "*", { "ForAllValues:StringLike": { "aws:TagKeys": ["sluice:*"] } })],
      { ...get, context: { "aws:TagKeys": ["sluice:stack", "Name"] } },
      false,
    ],
    [
      "any of several values in the request",
      [statement("Allow", "*", "*", { "ForAnyValue:StringEquals": { "aws:TagKeys": ["Name"] } })],
      { ...get, context: { "aws:TagKeys": ["sluice:stack", "Name"] } },
      true,
    ],
    [
      "ARNs part by part",
      [statement("Allow", "*", "*", { ArnEquals: { "ecs:cluster": "arn:aws:ecs:*:1:cluster/prod" } })],
      { ...get, context: { "ecs:cluster": "arn:aws:ecs:eu:9:1:cluster/prod" } },
      false,
    ],
  ];
  for (const [title, statements, request, expected] of cases) {
    it(`${expected ? "allows" : "refuses"}: ${title}`, () => {
      assert.equal(allows({ policies: [document(...statements)] }, request), expected);
    });
  }

  it("takes a boundary for a limit, never for a grant", () => {
    const all = document(statement("Allow", "*", "*"));
    const some = document(statement("Allow", "s3:*", "*"));
    const other = document(statement("Allow", "ec2:*", "*"));
    const denial = document(statement("Allow", "*", "*"), statement("Deny", "s3:*", "*"));
    assert.equal(allows({ policies: [all], boundary: some }, get), true);
    assert.equal(allows({ policies: [some], boundary: all }, get), true);
    assert.equal(allows({ policies: [], boundary: all }, get), false);
    assert.equal(allows({ policies: [all], boundary: other }, get), false);
    assert.equal(allows({ policies: [all], boundary: denial }, get), false);
  });

  it("judges nothing that it does not know", () => {
    const judged = (one: object) => () => allows({ policies: [document(one)] }, { ...get, context: { x: "1" } });
    assert.throws(judged(statement("Allow", "*", "*", { NumericLessThan: { x: "2" } })), /unknown operator/);
    assert.throws(judged(statement("Allow", "*", "*", { StringEquals: { x: `$\{aws:username}` } })), /variables/);
    assert.throws(judged({ ...statement("Allow", "*", "*"), Principal: "*" }), /cannot judge/);
  });
});
