/**
 * What roles are allowed, against AWS's service authorization reference: a grant on a resource that AWS does not judge an
 * action by, or under a condition whose key it never fills in, grants nothing, and nobody is told.
 */
import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { plan } from "../../policy/roles-fixture.ts";
import { installPython } from "../../support/tools.ts";

interface Reference {
  resources: Record<string, { arn: string; keys: string[] }>;
  /** Per action the condition keys by resource type; the type "" is the request itself. */
  actions: Record<string, Record<string, string[]>>;
}

interface Statement {
  Effect: string;
  Action?: string[];
  NotAction?: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, unknown>>;
}

/** The reference names no resource for these; ARNs of subscriptions begin with their topic's, and more is not asked for. */
const onTopics = ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"];

describe("policies of roles, by the service authorization reference", () => {
  let reference: Record<string, Reference>;
  const documents = [
    ...plan.roles.flatMap(({ purpose, inline, managed, ceiling }) => [
      ...Object.entries({ ...managed, ...(inline === undefined ? {} : { inline }) }).map(
        ([part, text]) => [`${purpose} ${part}`, text, "granted"] as const,
      ),
      [`${purpose} ceiling`, ceiling, "bounded"] as const,
    ]),
    ...Object.entries(plan.boundaries).map(([name, text]) => [`boundary ${name}`, text, "granted"] as const),
  ].flatMap(([name, text, kind]) =>
    (JSON.parse(text) as { Statement: Statement[] }).Statement.map((statement) => ({ name, statement, kind })),
  );
  const actionsIn = ({ Action = [], NotAction = [] }: Statement) =>
    [...Action, ...NotAction].filter((one) => one !== "*");

  before(async function () {
    this.timeout(600_000);
    const python = await installPython(import.meta.dirname);
    const services = new Set(
      documents.flatMap(({ statement }) => actionsIn(statement).map((one) => one.split(":")[0])),
    );
    const { stdout } = await execa(python, [
      path.join(import.meta.dirname, "reference.py"),
      ...(services as Set<string>),
    ]);
    reference = JSON.parse(stdout);
  });

  /** The actions of the reference that one in a policy stands for. */
  const meant = (action: string): [name: string, types: Record<string, string[]>, service: Reference][] => {
    const [service = "", pattern = ""] = action.split(":");
    const found = reference[service] as Reference;
    return Object.entries(found.actions)
      .filter(([name]) => meet(pattern.toLowerCase(), name.toLowerCase()))
      .map(([name, types]) => [`${service}:${name}`, types, found]);
  };

  it("name actions that there are", () => {
    const unknown = documents.flatMap(({ name, statement }) =>
      actionsIn(statement)
        .filter((action) => meant(action).length === 0)
        .map((action) => `${name}: ${action}`),
    );
    assert.deepEqual(unknown, []);
    assert.ok(documents.length > 60);
  });

  const granted = () => documents.filter(({ kind, statement }) => kind === "granted" && statement.Effect === "Allow");
  const covers = (arn: string, resources: string[]) =>
    resources.some((one) => meet(arn.replaceAll(/\$\{\w+\}/g, "*"), one));

  it("grant each action on resources that AWS judges it by", () => {
    const wrong = granted().flatMap(({ name, statement: { Action = [], Resource } }) =>
      Resource.includes("*")
        ? []
        : Action.flatMap(meant)
            .filter(([, types, service]) =>
              Object.keys(types).every((type) => type === "" || !covers(service.resources[type]?.arn ?? "", Resource)),
            )
            .map(([action]) => `${name}: ${action} on ${Resource.join(", ")}`),
    );
    const unexpected = wrong.filter((line) => !onTopics.some((action) => line.includes(`: ${action} on`)));
    assert.deepEqual(unexpected, []);
  });

  it("test condition keys that AWS fills in for the action", () => {
    const wrong = granted().flatMap(({ name, statement: { Action = [], Resource, Condition = {} } }) =>
      Object.entries(Condition)
        // These hold where the key is missing.
        .filter(([operator]) => !/IfExists$|^Null$|^ForAllValues:/.test(operator))
        .flatMap(([, tests]) => Object.keys(tests))
        .flatMap((key) =>
          Action.flatMap(meant)
            .filter(([, types, service]) => !keysOf(types, service, Resource).some((one) => matchesKey(one, key)))
            .map(([action]) => `${name}: ${key} for ${action}`),
        ),
    );
    assert.deepEqual(wrong, []);
  });

  const keysOf = (types: Record<string, string[]>, service: Reference, resources: string[]) =>
    Object.entries(types).flatMap(([type, keys]) => {
      const found = service.resources[type];
      const meantHere = found !== undefined && (resources.includes("*") || covers(found.arn, resources));
      return type === "" ? keys : meantHere ? [...keys, ...found.keys] : [];
    });
  const matchesKey = (known: string, key: string) =>
    meet(known.toLowerCase().replaceAll(/\$\{\w+\}/g, "*"), key.toLowerCase());
});

/** Whether two patterns, in which `*` stands for any characters, have a text in common. */
function meet(left: string, right: string): boolean {
  const seen = new Map<number, boolean>();
  const from = (i: number, j: number): boolean => {
    const key = i * (right.length + 1) + j;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const [a, b] = [left[i], right[j]];
    const met =
      a === "*"
        ? from(i + 1, j) || (b !== undefined && from(i, j + 1))
        : b === "*"
          ? from(i, j + 1) || (a !== undefined && from(i + 1, j))
          : a === b && (a === undefined || from(i + 1, j + 1));
    seen.set(key, met);
    return met;
  };
  return from(0, 0);
}
