/** The pack's own settings about gates: whom it believes, and what it demands at least. */
import { z } from "zod";
import { type ConfigProblem, formatProblems, shapeProblems } from "../config/problems.ts";
import { type GatesSection, gatesSection } from "./section.ts";
import { sectionProblems } from "./section-problems.ts";
import { type Trust, trust } from "./trust.ts";

export type Strictness = "mandatory" | "advisory" | "disabled";

const outer = z.looseObject({
  environments: z.record(z.string(), z.looseObject({})).default({}),
  stacks: z.unknown().optional(),
});
const packSchema = z.strictObject({
  ...trust.shape,
  // Never by default: a config that forgot them would demand nothing. Whoever demands nothing writes {}.
  gates: gatesSection,
  strictness: z.enum(["mandatory", "advisory", "disabled"]).default("mandatory"),
});

/**
 * Reads the settings of `images-proven` in the pack's config.
 *
 * @param environment its settings replace the general ones, each as a whole
 * @throws Error naming every setting that is wrong: a pack that is misread would demand less than it was told to
 * @example
 * const { trust, floor, strictness } = packGates(config["images-proven"], "prod");
 */
export function packGates(
  config: unknown,
  environment: string,
): { trust: Trust; floor: GatesSection; strictness: Strictness } {
  const { environments, stacks: _stacks, ...general } = checked(outer, config ?? {});
  const own = Object.hasOwn(environments, environment) ? environments[environment] : {};
  const { gates: floor, strictness, ...read } = checked(packSchema, { ...general, ...own });
  refuse([...trustProblems(read), ...sectionProblems(floor)]);
  return { trust: read, floor, strictness };
}

function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) refuse(shapeProblems(schema, value, parsed.error.issues));
  return parsed.data as z.output<S>;
}

function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length === 0) return;
  const own = problems.map((problem) => ({ ...problem, remedy: problem.remedy.replace(/^set sluice:/, "set ") }));
  throw new Error(formatProblems(own).replace(/^configuration error:/, "in the pack's config:"));
}

function trustProblems({ signers, people }: Trust): ConfigProblem[] {
  return [
    ...Object.entries(signers)
      .filter(([, { publicKey, keyless }]) => (publicKey === undefined) === (keyless === undefined))
      .map(([name, { publicKey }]) => ({
        field: `signers.${name}`,
        rule: "exactly one of publicKey and keyless",
        value: publicKey === undefined ? "neither" : "both",
        remedy: "name the key, or the identity that the certificate authority vouches for",
      })),
    ...twice(Object.keys(people).map((login) => [login, login])).map(([login, other]) => ({
      field: `people.${login}`,
      rule: "each login once, in any case",
      value: JSON.stringify(other),
      remedy: "keep one of them",
    })),
    ...twice(Object.entries(people).flatMap(([login, { emails }]) => emails.map((mail) => [mail, login]))).map(
      ([, other, mail]) => ({
        field: `people.${other}.emails`,
        rule: "each address is one person's: two logins of one person would be two approvals",
        value: JSON.stringify(mail),
        remedy: "keep it where it belongs",
      }),
    ),
  ];
}

/** @returns those whose key, in any case, another one had before: the other's value, their own, and the key */
function twice(entries: readonly (readonly string[])[]): [first: string, second: string, key: string][] {
  const seen = new Map<string, string>();
  return entries.flatMap(([key = "", value = ""]): [string, string, string][] => {
    const first = seen.get(key.toLowerCase());
    if (first === undefined) seen.set(key.toLowerCase(), value);
    return first === undefined ? [] : [[first, value, key]];
  });
}
