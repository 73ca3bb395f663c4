import { randomInt } from "node:crypto";
import { isUnknown } from "../protocol.ts";
import type { InputSpec, Properties, ResourceType } from "../resource-type.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const yes: InputSpec = { type: "boolean", default: true, replace: true };
const count: InputSpec = { type: "integer", default: 0, min: 0, replace: true };

interface PasswordInputs extends Properties {
  length: number;
  lower: boolean;
  upper: boolean;
  numeric?: boolean;
  number?: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial?: string;
}

/**
 * A password that lives in state only: every change makes a new one. Of the real one's outputs `bcryptHash` is missing, as
 * Node has no bcrypt and Sluice does not read it.
 */
export const randomPassword: ResourceType = {
  inputs: {
    keepers: { type: { map: { type: "string" } }, replace: true },
    length: { type: "integer", required: true, min: 1, replace: true },
    lower: yes,
    minLower: count,
    minNumeric: count,
    minSpecial: count,
    minUpper: count,
    number: { type: "boolean", computed: true, replace: true },
    numeric: { type: "boolean", computed: true, replace: true },
    overrideSpecial: { type: "string", replace: true },
    special: yes,
    upper: yes,
  },
  outputs: ["result"],
  secrets: ["result"],
  check(inputs) {
    const { length, minLower, minUpper, minNumeric, minSpecial } = inputs as PasswordInputs;
    const least = [minLower, minUpper, minNumeric, minSpecial];
    if (isUnknown(length) || least.some(isUnknown)) return [];
    const sum = least.reduce((a, b) => a + b, 0);
    return length >= sum
      ? []
      : [{ property: "length", reason: `must be at least the sum of the minima: ${length} < ${sum}` }];
  },
  async create(inputs) {
    const wanted = inputs as PasswordInputs;
    const numeric = wanted.numeric ?? wanted.number ?? true;
    return { id: "none", state: { result: password({ ...wanted, numeric }), numeric, number: numeric } };
  },
  read: async (_id, old) => old,
  delete: async () => {},
};

function password(wanted: PasswordInputs): string {
  const special = wanted.overrideSpecial ?? SPECIAL;
  const groups: [boolean, string, number][] = [
    [wanted.lower, LOWER, wanted.minLower],
    [wanted.upper, LOWER.toUpperCase(), wanted.minUpper],
    [wanted.numeric ?? true, NUMERIC, wanted.minNumeric],
    [wanted.special, special, wanted.minSpecial],
  ];
  const all = groups.flatMap(([on, letters]) => (on ? [...letters] : []));
  if (all.length === 0) throw new Error("at least one of lower, upper, numeric and special must be true");
  const characters = groups.flatMap(([, letters, least]) => Array.from({ length: least }, () => pick([...letters])));
  while (characters.length < wanted.length) characters.push(pick(all));
  for (let i = characters.length - 1; i > 0; i -= 1) {
    const j = randomInt(i + 1);
    [characters[i], characters[j]] = [characters[j] ?? "", characters[i] ?? ""];
  }
  return characters.join("");
}

function pick(letters: readonly string[]): string {
  return letters[randomInt(letters.length)] ?? "";
}
