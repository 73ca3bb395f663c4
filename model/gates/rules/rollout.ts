/** When and in which order releases go out: proven elsewhere first, and not while changes are frozen. */
import { defaults, type Gates } from "../config.ts";
import type { Evidence } from "../evidence.ts";
import { timeOf } from "../facts.ts";
import { type Gate, met, nothing, refused } from "../gate.ts";
import { ratioOf, show } from "../ratio.ts";
import { minute, plain } from "../text.ts";

export function rolloutGates({ provenIn, freeze }: Gates): Gate[] {
  return [
    ...(provenIn === undefined ? [] : [provenGate(provenIn)]),
    ...(freeze.length === 0 ? [] : [freezeGate(freeze)]),
  ];
}

function provenGate({ environment, minutes = defaults.minutes }: NonNullable<Gates["provenIn"]>): Gate {
  const feeds = `a release of this image to ${environment}: sluice up --stack STACK --image-tag TAG`;
  return {
    gate: "provenIn",
    needed: `green in ${environment}${minutes === 0 ? "" : ` for ${minutes} min`}`,
    feeds,
    ages: false,
    judge({ evidence, admittedAt, now }) {
      if (admittedAt !== undefined) return met(`it ran here before, at ${minute(admittedAt)}`, []);
      const records = evidence.filter(
        (one): one is Evidence<"deployment"> => one.kind === "deployment" && one.result.environment === environment,
      );
      const remedy = `deploy it there first: ${feeds}`;
      if (records.length === 0) return nothing(`sluice up on ${environment}'s stack with this image first`);
      const bad = records.filter(({ result }) => result.outcome !== "green").sort((a, b) => timeOf(b) - timeOf(a));
      const [lastBad] = bad;
      const since = lastBad === undefined ? Number.NEGATIVE_INFINITY : timeOf(lastBad);
      const green = records.filter((one) => one.result.outcome === "green" && timeOf(one) > since);
      const first = green.toSorted((a, b) => timeOf(a) - timeOf(b))[0];
      if (first === undefined) {
        const { result } = lastBad as Evidence<"deployment">;
        return refused("failed", `${result.outcome} there at ${minute(since)} (${plain(result.service)})`, remedy, bad);
      }
      const age = now - timeOf(first);
      const shown = show({ n: BigInt(Math.max(Math.round(age), 0)), d: 60_000n }, ratioOf(minutes));
      const found = `green for ${shown} min, since ${minute(timeOf(first))}`;
      if (age >= minutes * 60_000) return met(found, [first]);
      return refused("failed", found, `wait until ${minute(timeOf(first) + minutes * 60_000 + 59_999)}`, [first]);
    },
  };
}

function freezeGate(windows: Gates["freeze"]): Gate {
  return {
    gate: "freeze",
    needed: "no freeze of changes",
    feeds: "the calendar in the configuration",
    ages: false,
    judge({ now, admittedAt }) {
      if (admittedAt !== undefined) return met(`it ran here before, at ${minute(admittedAt)}`, []);
      const frozen = windows.filter(({ from, until }) => Date.parse(from) <= now && now < Date.parse(until));
      if (frozen.length === 0) return met("none", []);
      const end = Math.max(...frozen.map(({ until }) => Date.parse(until)));
      const found = frozen.map(
        ({ until, reason }) => `frozen until ${minute(Date.parse(until))}: ${plain(reason, 200)}`,
      );
      return refused("failed", found.join("; "), `wait until ${minute(end)}, or have it waived`, []);
    },
  };
}
