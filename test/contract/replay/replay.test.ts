import assert from "node:assert/strict";
import { installCheckov } from "../checkov/checkov.ts";
import { type Moto, startMoto } from "../counterparts.ts";
import { type Asked, createClients } from "./clients.ts";
import { provideExternals } from "./externals.ts";
import { type ReplayGap, replayGaps } from "./known-moto-gaps.ts";
import { mappings } from "./mappings.ts";
import { actionsOf, allowedActions, boundaryActions, isAllowed } from "./permissions.ts";
import { type Difference, Replay, type Report } from "./replay.ts";
import { breaches } from "./requests.ts";
import { everythingStates, productionStates, type States } from "./stacks.ts";

/** Stacks come up, and checkov is installed, beside the tests that need neither. What fails is told by the tests that wait for it. */
before(() => {
  void Promise.allSettled([productionStates().finally(everythingStates), installCheckov()]);
});

describe("what the program declares, replayed on moto", () => {
  let moto: Moto | undefined;
  const replayed: Replayed[] = [];
  const all = () => replayed.map(({ report }) => report);
  const differences = () => all().flatMap((report) => report.differences);

  before(async function () {
    // The first run installs moto; four stacks are brought up.
    this.timeout(900_000);
    moto = await startMoto();
    for (const states of [productionStates, everythingStates]) {
      replayed.push(await replay(await states(), moto.endpoint));
    }
  });
  after(() => moto?.stop());

  it("maps every type and every property", () => {
    assert.deepEqual([...new Set(all().flatMap((report) => report.unmapped))], []);
  });

  it("has seen every type that is mapped", () => {
    const seen = all().flatMap((report) => [...report.made.keys()]);
    assert.deepEqual(new Set(seen), new Set(Object.keys(mappings)));
  });

  it("replays both colours and the move of the traffic", () => {
    const [production, everything] = all();
    assert.equal(production?.made.get("aws:ecs/service:Service"), 2);
    assert.equal(production?.updated.get("aws:lb/listenerRule:ListenerRule"), 1);
    assert.equal(everything?.made.get("aws:ecs/service:Service"), 4);
    assert.equal(everything?.updated.get("aws:lb/listenerRule:ListenerRule"), 2);
  });

  it("is accepted and reads back equal, but for what moto is known to drop", () => {
    const unlisted = differences().filter((one) => !replayGaps.some((gap) => covers(gap, one)));
    assert.deepEqual(unlisted, []);
  });

  it("keeps to the models that AWS publishes of its APIs", async () => {
    const asked = replayed.flatMap(({ foundation, environment }) => [...foundation, ...environment]);
    assert.ok(asked.length > 500, `${asked.length} requests`);
    assert.deepEqual(await breaches(asked), []);
  });

  for (const [index, role] of ["deploy-prod", "deploy-everything"].entries()) {
    it(`asks for nothing that ${role} or its boundary does not allow, by the names of actions`, () => {
      const { environment, states } = replayed[index] as Replayed;
      const name = `sluice-foundation-github-${role}`;
      for (const allowed of [allowedActions(states[0], name), boundaryActions(states[0], name)]) {
        const refused = [...actionsOf(environment)].filter((action) => !isAllowed(action, allowed));
        assert.deepEqual(refused, []);
      }
    });
  }

  for (const gap of replayGaps) {
    it(`moto still has its gap in ${gap.type} ${gap.property}`, () => {
      assert.ok(
        differences().some((one) => covers(gap, one)),
        `strike it from the list: ${gap.reason}`,
      );
    });
  }
});

interface Replayed {
  readonly states: States;
  readonly report: Report;
  /** What was asked for the foundation, and for the environment on it. */
  readonly foundation: Asked[];
  readonly environment: Asked[];
}

/** On a cloud that is made empty first. */
async function replay(states: States, endpoint: string): Promise<Replayed> {
  await fetch(new URL("/moto-api/reset", endpoint), { method: "POST" });
  const asked: Asked[] = [];
  const clients = createClients(endpoint, asked);
  const replay = new Replay(mappings, clients);
  await provideExternals(states.flat(), clients, replay.translation);
  asked.length = 0;
  const [foundation, before, after] = states;
  await replay.run(foundation);
  const boundary = asked.length;
  await replay.run(before);
  await replay.run(after);
  return { states, report: replay.report, foundation: asked.slice(0, boundary), environment: asked.slice(boundary) };
}

function covers(gap: ReplayGap, { type, property, found }: Difference): boolean {
  const below = property === gap.property || (gap.property !== "" && property.startsWith(`${gap.property}.`));
  return gap.type === type && below && JSON.stringify(gap.found) === JSON.stringify(found);
}
