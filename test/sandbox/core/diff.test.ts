import assert from "node:assert/strict";
import { diffInputs, sameJson, withIgnored } from "../../../sandbox/providers/diff.ts";
import { UNKNOWN } from "../../../sandbox/providers/protocol.ts";
import type { InputSpec, Properties } from "../../../sandbox/providers/resource-type.ts";

const specs: Record<string, InputSpec> = {
  name: { type: "string", replace: true },
  count: { type: "integer" },
  role: { type: "string", computed: true },
  policy: { type: "json" },
  scan: { type: { object: { onPush: { type: "boolean" }, by: { type: "string", computed: true } } } },
  groups: { type: { set: { type: "string" } } },
  targets: { type: { list: { type: { object: { arn: { type: "string" }, weight: { type: "integer" } } } } } },
  tags: { type: { map: { type: "string" } } },
};

const told = (olds: Properties, news: Properties) =>
  diffInputs(specs, olds, news).map(({ path, kind, replace }) => `${kind}${replace ? "!" : ""} ${path}`);

describe("diff of inputs", () => {
  const cases: [string, Properties, Properties, string[]][] = [
    ["sees no change where there is none", { name: "a", count: 1 }, { name: "a", count: 1 }, []],
    ["tells a change that replaces", { name: "a" }, { name: "b" }, ["update! name"]],
    ["tells an addition", {}, { count: 2 }, ["add count"]],
    ["tells what is taken away", { count: 2 }, {}, ["delete count"]],
    ["leaves alone what the cloud has filled in", { role: "service-linked" }, {}, []],
    ["but not what is asked otherwise", { role: "service-linked" }, { role: "mine" }, ["update role"]],
    ["reads JSON by its meaning", { policy: '{"a":1,"b":[2]}' }, { policy: '{ "b": [2], "a": 1 }' }, []],
    ["and sees a change of it", { policy: '{"a":1}' }, { policy: '{"a":2}' }, ["update policy"]],
    [
      "looks inside objects",
      { scan: { onPush: true, by: "aws" } },
      { scan: { onPush: false } },
      ["update scan.onPush"],
    ],
    ["ignores the order of sets", { groups: ["a", "b"] }, { groups: ["b", "a"] }, []],
    ["but not what is in them", { groups: ["a", "b"] }, { groups: ["a", "c"] }, ["update groups"]],
    [
      "tells which item of a list",
      { targets: [{ weight: 100 }, { weight: 0 }] },
      { targets: [{ weight: 0 }, { weight: 100 }] },
      ["update targets[0].weight", "update targets[1].weight"],
    ],
    ["tells items that came and went", { targets: [{ arn: "x" }] }, { targets: [] }, ["delete targets[0]"]],
    ["tells single tags", { tags: { a: "1", b: "2" } }, { tags: { a: "1", c: "3" } }, ["delete tags.b", "add tags.c"]],
    ["takes the unknown for a change", { name: "a" }, { name: UNKNOWN }, ["update! name"]],
    ["takes empty for absent", { tags: {}, groups: [] }, {}, []],
  ];
  for (const [what, olds, news, expected] of cases) it(what, () => assert.deepEqual(told(olds, news), expected));

  it("tells lists of statements from others", () => {
    assert.equal(sameJson('{"S":[1,2]}', '{"S":[2,1]}'), false);
    assert.equal(sameJson("not json", "{}"), false);
  });

  it("takes ignored properties from state", () => {
    const olds = { count: 5, tags: { a: "1", b: "2" }, targets: [{ weight: 1 }, { weight: 2 }] };
    const news = { count: 1, tags: { a: "9", b: "9" }, targets: [{ weight: 9 }, { weight: 9 }] };
    assert.deepEqual(withIgnored(["count", "tags.b", "targets[1].weight"], olds, news), {
      count: 5,
      tags: { a: "9", b: "2" },
      targets: [{ weight: 9 }, { weight: 2 }],
    });
    assert.deepEqual(withIgnored(["targets[*].weight"], olds, news).targets, olds.targets);
    assert.deepEqual(withIgnored(["role"], olds, { ...news, role: "x" }), news);
  });
});
