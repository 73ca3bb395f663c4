import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { installPython, type Moto, startMoto } from "../counterparts.ts";
import { type Asked, createClients } from "./clients.ts";
import { provideExternals } from "./externals.ts";
import { type ReplayGap, replayGaps } from "./known-moto-gaps.ts";
import { mappings } from "./mappings.ts";
import { type Difference, Replay, type Report } from "./replay.ts";
import { productionStates, type States } from "./stacks.ts";

/** Stacks come up, and checkov is installed, beside the tests that need neither. What fails is told by the tests that wait for it. */
before(() => {
  void Promise.allSettled([productionStates(), installPython("checkov")]);
});

describe("what the program declares, replayed on moto", () => {
  let moto: Moto | undefined;
  const asked: Asked[] = [];
  let report: Report;

  before(async function () {
    // The first run installs moto; two stacks are brought up.
    this.timeout(600_000);
    const [states, started] = await Promise.all([productionStates(), startMoto()]);
    moto = started;
    report = await replay(states, started.endpoint, asked);
  });
  after(() => moto?.stop());

  it("maps every type and every property", () => {
    assert.deepEqual([...new Set(report.unmapped)], []);
  });

  it("replays both colours and the move of the traffic", () => {
    assert.equal(report.made.get("aws:ecs/service:Service"), 2);
    assert.equal(report.updated.get("aws:lb/listenerRule:ListenerRule"), 1);
  });

  it("is accepted and reads back equal, but for what moto is known to drop", () => {
    const unlisted = report.differences.filter((one) => !replayGaps.some((gap) => covers(gap, one)));
    assert.deepEqual(unlisted, []);
  });

  it("keeps to the models that AWS publishes of its APIs", async () => {
    assert.deepEqual(await breaches(asked), []);
  });

  for (const gap of replayGaps) {
    it(`moto still has its gap in ${gap.type} ${gap.property}`, () => {
      assert.ok(
        report.differences.some((one) => covers(gap, one)),
        `strike it from the list: ${gap.reason}`,
      );
    });
  }
});

async function replay(states: States, endpoint: string, asked: Asked[]): Promise<Report> {
  const clients = createClients(endpoint, asked);
  const replay = new Replay(mappings, clients);
  await provideExternals(states.flat(), clients, replay.translation);
  for (const state of states) await replay.run(state);
  return replay.report;
}

function covers(gap: ReplayGap, { type, property, found }: Difference): boolean {
  const below = property === gap.property || (gap.property !== "" && property.startsWith(`${gap.property}.`));
  return gap.type === type && below && JSON.stringify(gap.found) === JSON.stringify(found);
}

/** What is in requests that AWS's models do not allow. */
async function breaches(requests: readonly Asked[]): Promise<string[]> {
  const python = await installPython("moto");
  const script = path.join(import.meta.dirname, "requests.py");
  const { stdout } = await execa(python, [script], { input: JSON.stringify(requests) });
  return JSON.parse(stdout) as string[];
}
