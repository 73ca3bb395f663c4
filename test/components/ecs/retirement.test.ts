import assert from "node:assert/strict";
import { refuseUnannouncedRemovals } from "../../../components/ecs/retirement.ts";
import { StackState } from "../../../components/ecs/stack-state.ts";
import { checkConfig } from "../../../model/config/config.ts";

const rule = (name: string) =>
  `urn:pulumi:test::sluice::sluice:ecs:Service$sluice:traffic:Traffic$aws:lb/listenerRule:ListenerRule::${name}`;
/** `api` and `web` carry traffic; `jobs` was declared and never had a release. */
const state = StackState.of({
  [rule("api-traffic")]: { priority: 49_000 },
  [rule("web-traffic")]: { priority: 49_001 },
  [rule("jobs-blue-test")]: { priority: 1 },
});
const services = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { route: { paths: [`/${name}/*`] } }]));
const judge = (raw: Record<string, unknown>) => {
  const { config, problems } = checkConfig({ network: {}, cluster: {}, ...raw });
  assert.deepEqual(problems, []);
  assert.ok(config);
  return () => refuseUnannouncedRemovals(state, config);
};

describe("refuseUnannouncedRemovals", () => {
  it("lets a stack be that declares what it has", () => {
    assert.doesNotThrow(judge({ services: services("api", "web", "new") }));
  });

  it("refuses a service that went missing, and says how to delete it", () => {
    assert.throws(
      judge({ services: services("api") }),
      /services\.web: .*retired; got nothing; .*add web to sluice:retire/,
    );
  });

  it("names all of them where the whole section is gone", () => {
    assert.throws(judge({}), /services\.api: [\s\S]*services\.web: /);
  });

  it("lets a retired service go", () => {
    assert.doesNotThrow(judge({ services: services("api"), retire: ["web"] }));
  });

  it("is not asked about services that never carried traffic", () => {
    assert.doesNotThrow(judge({ services: services("api", "web") }));
  });

  it("refuses a service that is declared and retired at once", () => {
    const { problems } = checkConfig({ network: {}, cluster: {}, services: services("api"), retire: ["api"] });
    assert.deepEqual(
      problems.map(({ field, value }) => [field, value]),
      [["retire", '"api"']],
    );
  });
});
