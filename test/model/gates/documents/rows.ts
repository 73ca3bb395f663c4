/**
 * Rows of a document's gate table, each proven against the shipped configuration: passing by a hair, failing by a hair,
 * absent, empty, forged, of another image, stale, waived, waiver expired.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { checkConfig } from "../../../../model/config/config.ts";
import type { Gates } from "../../../../model/gates/config.ts";
import { describeGates } from "../../../../model/gates/judge.ts";
import type { Kind, Result } from "../../../../model/gates/results.ts";
import { gatesFor } from "../../../../model/gates/section.ts";
import { tighten } from "../../../../model/gates/tighten.ts";
import {
  changed,
  gateIn,
  parse as gatesOf,
  hour,
  now,
  otherDigest,
  type Piece,
  piece,
  proof,
  refusedBy,
  verdictOn,
} from "../fixture.ts";

/** The gates of a stack file, on a floor that demands nothing and says who may waive. */
export function shipped(file: string, repository: string): Gates {
  const url = new URL(`../../../../examples/${file}`, import.meta.url);
  const raw = parse(readFileSync(url, "utf8")).config as Record<string, unknown>;
  const own = Object.entries(raw).filter(([key]) => key.startsWith("sluice:"));
  const { config, problems } = checkConfig(Object.fromEntries(own.map(([key, value]) => [key.slice(7), value])));
  assert.deepEqual(problems, []);
  const floor = gatesOf({ waivers: { roles: ["release-manager"], breakGlass: ["break-glass"], hours: 24 } });
  const joined = tighten(floor, gatesFor(config?.gates, repository));
  assert.deepEqual(joined.problems, []);
  return joined.gates;
}

type Change<K extends Kind> = (result: Result<K>, one: Piece) => unknown;

export interface Row<K extends Kind = Kind> {
  gate: string;
  kind: K;
  /** Evidence of this name alone. @default all of the kind */
  name?: string;
  /** Just good enough. */
  passes: Change<K>;
  /** Just not. */
  fails: Change<K>;
  /** What the verdict says where it fails. */
  says: RegExp;
  /** A report that says nothing, where one that can be read may; else a clean report is as empty as they get. */
  empty?: Change<K>;
}

/** Types the changes of a row by its kind. */
export function row<K extends Kind>(row: Row<K>): Row {
  return row as unknown as Row;
}

const approvalsAside = (gate: string) =>
  !gate.startsWith("approvals.") && !["integrity", "provenIn", "freeze"].includes(gate);

/**
 * Declares the tests of a table. Every gate of the configuration has a row, or is a record's and tested elsewhere.
 *
 * @param title the rows' ids in the documents
 */
export function proveRows(title: string, gates: Gates, environment: string, rows: readonly Row[]): void {
  describe(title, () => {
    it("has a row for every gate that is configured, and none besides", () => {
      const inForce = describeGates(gates)
        .map(({ gate }) => gate)
        .filter(approvalsAside);
      assert.deepEqual(rows.map(({ gate }) => gate).sort(), inForce.sort());
    });

    it("passes with good evidence, and every gate says what it found", () => {
      const verdict = verdictOn({ gates, pieces: proof(gates, environment), environment });
      assert.deepEqual(refusedBy(verdict), []);
      assert.ok(verdict.allowed && verdict.gates.length > rows.length && verdict.notices.length === 0);
    });

    for (const one of rows) proveRow(gates, environment, one);
  });
}

function proveRow(gates: Gates, environment: string, { gate, kind, name, passes, fails, says, empty }: Row): void {
  const good = () => proof(gates, environment);
  const all = (change: Change<Kind>) => changed(good(), kind, change, name);
  const judged = (pieces: readonly Piece[], more: { gates?: Gates; at?: number } = {}) =>
    verdictOn({ gates, environment, ...more, pieces });
  /** Refused by the gate, and not by another way. */
  const refuses = (pieces: readonly Piece[], reason: string, more: { gates?: Gates; at?: number } = {}) => {
    const verdict = judged(pieces, more);
    const found = gateIn(verdict, gate);
    assert.equal(verdict.allowed, false);
    assert.deepEqual([found.passed, found.reason], [false, reason], `${gate}: ${found.found}`);
    assert.ok(found.remedy !== undefined && found.remedy.length > 10, `${gate} names no remedy`);
    return found;
  };

  describe(gate, () => {
    it("passes by a hair", () => {
      const found = gateIn(judged(all(passes)), gate);
      assert.ok(found.passed && found.reason === "met", found.found);
    });

    it("fails by a hair, and says why", () => {
      const verdict = judged(all(fails));
      const found = gateIn(verdict, gate);
      assert.equal(verdict.allowed, false);
      assert.equal(found.passed, false, found.found);
      assert.match(`${found.needed}, found ${found.found}`, says);
      assert.ok(found.remedy);
    });

    it("refuses nothing at all", () => {
      const left = good().filter((one) => one.kind !== kind || (name !== undefined && one.name !== name));
      assert.ok(left.length < good().length);
      const found = refuses(left, "missing");
      assert.match(found.remedy ?? "", /sluice gate collect/);
    });

    if (empty !== undefined) {
      it("refuses an empty report", () => assert.equal(gateIn(judged(all(empty)), gate).passed, false));
    }

    it("refuses what somebody else signed", () => {
      const forged = all((_result, one) =>
        Object.assign(one, { rejected: "signed by a key that the pack does not know" }),
      );
      refuses(forged, "missing");
      assert.match(gateIn(judged(forged), "integrity").found, /a key that the pack does not know/);
      const unknown = all((_result, one) => Object.assign(one, { signer: "mallory" }));
      refuses(unknown, "missing");
      assert.equal(gateIn(judged(unknown), "integrity").reason, "void");
    });

    it("refuses what is about another image", () => {
      const others = all((_result, one) => Object.assign(one, { digest: otherDigest }));
      refuses(others, "missing");
      assert.match(gateIn(judged(others), "integrity").found, /another image/);
    });

    it("refuses what is too old by a hair", () => {
      const aged = tighten(gates, { ageHours: 24 }).gates;
      const made = (madeAt: number) => all((_result, one) => Object.assign(one, { madeAt, collectedAt: now - hour }));
      assert.ok(gateIn(judged(made(now - 24 * hour), { gates: aged }), gate).passed);
      const found = refuses(made(now - 24 * hour - 1), "stale", { gates: aged });
      assert.match(`${found.needed}, found ${found.found}`, /in the last 24 h, found .*24\.0+\d* h old/);
    });

    it("is waived while a waiver holds, aloud, and not a moment longer", () => {
      const until = now + hour;
      const waiver = piece(
        "waiver",
        { environment, gate, by: "ada", reason: "known, harmless", until: new Date(until).toISOString() },
        { name: "waiver", signer: "ada" },
      );
      const verdict = judged([...all(fails), waiver]);
      assert.ok(gateIn(verdict, gate).passed && gateIn(verdict, gate).reason === "waived");
      assert.ok(verdict.notices.some((notice) => notice.includes(`WAIVED: ${gate} of app in ${environment}, by ada`)));
      refuses([...all(fails), waiver], "waiver-expired", { at: until });
      assert.equal(gateIn(judged([...all(fails), waiver], { at: until - 1 }), gate).reason, "waived");
    });
  });
}
