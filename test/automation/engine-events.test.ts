import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { EngineLogReader, type Happening, nameOf, typeOf } from "../../automation/engine-events.ts";
import { failureOf, violationLine } from "../../automation/engine-failure.ts";

/** Recorded with `pulumi up --json` of v3.259.0, a pack of two policies and a stack that already exists. */
const recorded = readFileSync(path.join(import.meta.dirname, "recorded/refused-by-policy.jsonl"), "utf8").split("\n");

function readAll(lines: readonly string[]) {
  const reader = new EngineLogReader();
  const happenings = lines.flatMap((line): Happening[] => reader.read(line));
  return { log: reader.log, happenings };
}

describe("engine events", () => {
  it("of an image that is not proven end with where to go on, others of a policy do not", () => {
    const { log } = readAll(recorded);
    const refusal = (policy: string) =>
      failureOf({
        code: 1,
        stderr: "",
        log: { ...log, violations: log.violations.map((one) => ({ ...one, policy })) },
      });
    assert.match(refusal("images-proven").remedy ?? "", /^sluice gate check, with the same --stack/);
    assert.equal(refusal("no-open").remedy, undefined);
  });

  it("are folded into steps, violations and changes", () => {
    const { log, happenings } = readAll(recorded);
    assert.deepEqual(log.steps, {
      preview: [
        {
          op: "update",
          urn: "urn:pulumi:local::sluice::sluice:test:Comp::a",
          type: "sluice:test:Comp",
          name: "a",
          custom: false,
          diffs: [],
        },
      ],
      update: [],
    });
    assert.deepEqual(
      log.violations.map(({ policy, mandatory, message }) => ({ policy, mandatory, message })),
      [
        { policy: "no-open", mandatory: true, message: "a is open to the world; set open: false" },
        { policy: "adv", mandatory: false, message: "some advice" },
      ],
    );
    assert.deepEqual(log.changes, { preview: { same: 1, update: 1 } });
    assert.deepEqual(happenings.at(-1), {
      kind: "summary",
      phase: "preview",
      changes: { same: 1, update: 1 },
      succeeded: false,
    });
  });

  it("show neither debug messages nor where our own language host stands", () => {
    const { log } = readAll(recorded);
    assert.deepEqual(
      log.diagnostics.map(({ message }) => message),
      ["tag undefined", "preview failed"],
    );
  });

  it("survive lines that are no events", () => {
    const { log, happenings } = readAll(["", "Previewing update (dev):", "{", '{"sequence":1}', "null"]);
    assert.deepEqual([happenings, log.diagnostics], [[], []]);
  });

  it("belong to the update once the preview has been summed up", () => {
    const step = (op: string) =>
      JSON.stringify({
        resOutputsEvent: {
          metadata: { op, urn: "urn:pulumi:s::p::a:b:C::x", type: "a:b:C", old: null, new: { custom: true } },
        },
      });
    const summary = (isPreview: boolean) =>
      JSON.stringify({ summaryEvent: { resourceChanges: { create: 1 }, isPreview, result: "succeeded" } });
    const { log } = readAll([step("create"), summary(true), step("create"), step("same"), summary(false)]);
    assert.deepEqual(
      log.steps.preview.map(({ op }) => op),
      ["create"],
    );
    assert.deepEqual(
      log.steps.update.map(({ op }) => op),
      ["create"],
    );
    assert.deepEqual(log.changes, { preview: { create: 1 }, update: { create: 1 } });
  });

  it("name resources by the last part of the URN, whatever stands in it", () => {
    const urn = "urn:pulumi:dev::sluice::a:b:Parent$aws:lb/targetGroup:TargetGroup::api::blue";
    assert.deepEqual([nameOf(urn), typeOf(urn)], ["api::blue", "aws:lb/targetGroup:TargetGroup"]);
  });
});

describe("failures of the engine", () => {
  const log = () => new EngineLogReader().log;
  const failed = (stderr: string, code = 1, changes = {}) => failureOf({ code, stderr, log: { ...log(), ...changes } });
  const diagnostic = (message: string) => ({ diagnostics: [{ severity: "error" as const, message }] });

  it("by policy name policy, severity, resource and what to do, and come before everything else", () => {
    const refused = failureOf({ code: 1, stderr: "", log: readAll(recorded).log });
    assert.equal(refused.exitCode, 5);
    assert.deepEqual(refused.details, ["no-open [high]: a is open to the world; set open: false"]);
  });

  it("by policy name the resource where the message does not", () => {
    const line = violationLine({
      policy: "p",
      pack: "k",
      mandatory: true,
      urn: "urn:pulumi:s::p::a:b:C::thing",
      message: "not\n good",
    });
    assert.equal(line, "p: thing (a:b:C): not good");
  });

  it("by configuration hold every line of the program's message, without its stack trace", () => {
    const message =
      "failed with an unhandled exception:\nError: configuration error:\n  a: b; got c; d\n  e: f\n    at file:///index.ts:1:2";
    const error = failed("", 1, diagnostic(message));
    assert.deepEqual([error.exitCode, error.details], [2, ["a: b; got c; d", "e: f"]]);
  });

  const signs: [what: string, stderr: string, code: number, exitCode: number][] = [
    ["a stack that does not exist", "error: no stack named 'nope' found", 6, 6],
    ["expired credentials", "error: ExpiredToken: the security token included in the request is expired", 1, 3],
    ["a wrong passphrase", "error: getting secrets manager: incorrect passphrase", 1, 3],
    [
      "a lock",
      "error: the stack is currently locked by 1 lock(s).\n  file:///x.json: created by me@host (pid 7) at 2026-11-21T10:00:00Z",
      1,
      1,
    ],
    ["anything else", "error: it rained", 255, 1],
  ];
  for (const [what, stderr, code, exitCode] of signs) {
    it(`by ${what} end with exit code ${exitCode}`, () => assert.equal(failed(stderr, code).exitCode, exitCode));
  }

  it("by a lock name the owner", () => {
    assert.deepEqual(failed(signs[3]?.[1] ?? "").details, ["process 7 of me on host, since 2026-11-21T10:00:00Z"]);
  });

  it("by a provider that was killed do not ask to report a bug of its", () => {
    const message = [
      "Detected that /h/plugins/resource-aws-v7.48.0/pulumi-resource-aws exited prematurely. ",
      "       This is *always* a bug in the provider. Please report the issue to the provider author as appropriate.",
    ].join("\n");
    const error = failed("", 1, {
      diagnostics: [{ severity: "error", message }],
      failed: [{ op: "update", name: "api-green-service" }],
    });
    assert.equal(error.exitCode, 4);
    assert.match(error.message, /^the provider ended in the middle of the update: aws$/);
    assert.deepEqual(error.details, ["not known whether it was done: api-green-service (update)"]);
    assert.match(error.remedy ?? "", /^run the same command again/);
  });

  it("by a resource say why, without the sentences that say nothing", () => {
    const step = { op: "create", urn: "u", type: "t", name: "api-green-service", custom: true, diffs: [] };
    const error = failed("error: update failed", 1, {
      failed: [step],
      diagnostics: [
        { severity: "error", message: "exit code 3", resource: "api-green-service" },
        { severity: "error", message: "update failed" },
      ],
    });
    assert.deepEqual([error.exitCode, error.details], [4, ["api-green-service: exit code 3"]]);
  });
});
