import assert from "node:assert/strict";
import { actorOf } from "../../../automation/gates/actor.ts";
import { createKeyPair } from "../../../evidence/key.ts";
import { keySigner } from "../../../evidence/signer.ts";
import type { Trust } from "../../../model/gates/trust.ts";

const key = createKeyPair();
const stranger = createKeyPair();
const issuer = "https://token.actions.githubusercontent.com";
const identity = "https://github.com/acme/shop/.github/workflows/approve.yml@refs/heads/main";
const people = {
  ada: { roles: ["senior-engineer"], emails: ["ada@acme.example"] },
  Grace: { roles: ["security"], emails: ["grace@acme.example"] },
};
const actions = {
  GITHUB_ACTIONS: "true",
  GITHUB_ACTOR: "ada",
  GITHUB_TRIGGERING_ACTOR: "ada",
  GITHUB_WORKFLOW_REF: "acme/shop/.github/workflows/approve.yml@refs/heads/main",
  ACTIONS_ID_TOKEN_REQUEST_URL: "https://example.com",
};
const withKey = { SLUICE_EVIDENCE_KEY_FILE: "/key.pem" };

type Known = Trust["signers"][string];

interface Case {
  signers: Record<string, Partial<Known>>;
  as?: string;
  sandbox?: boolean;
  env?: Record<string, string>;
  signsWith?: string;
  kind?: "approval" | "waiver";
}

/** Every signer signs approvals, unless it says otherwise. */
function act({ signers, as, sandbox = false, env = {}, signsWith = key.privateKey, kind = "approval" }: Case) {
  const all = Object.entries(signers).map(([name, one]): [string, Known] => [name, { signs: ["approval"], ...one }]);
  const trust: Trust = { evidence: "file:///nowhere", signers: Object.fromEntries(all), people };
  const pack = { trust, signer: async () => keySigner(signsWith) };
  return actorOf({ pack, sandbox, as, kind, env });
}

const own = { publicKey: key.publicKey, login: "ada" };
const vouching = { publicKey: key.publicKey, vouches: true };
const workflow = { keyless: { issuer, identity }, vouches: true };

describe("who approves or waives", () => {
  const known: [what: string, given: Case, login: string, signer: string][] = [
    ["in the sandbox, whoever they say", { signers: { box: vouching }, sandbox: true, as: "ada" }, "ada", "box"],
    ["the login as the pack writes it", { signers: { box: vouching }, sandbox: true, as: "GRACE" }, "Grace", "box"],
    ["the owner of the key", { signers: { mine: own }, env: withKey }, "ada", "mine"],
    ["the owner, who says so, too", { signers: { mine: own }, env: withKey, as: "Ada" }, "ada", "mine"],
    ["whoever runs the workflow that vouches", { signers: { flow: workflow }, env: actions }, "ada", "flow"],
    [
      "whoever runs it, by a key that vouches",
      { signers: { k: vouching }, env: { ...actions, ...withKey } },
      "ada",
      "k",
    ],
    [
      "by the first signer that signs such a thing",
      { signers: { build: { ...vouching, signs: ["tests"] }, mine: own }, env: withKey },
      "ada",
      "mine",
    ],
  ];
  for (const [what, given, login, signer] of known) {
    it(`is ${what}`, async () => assert.deepEqual(await act(given), { login, signer }));
  }

  const refused: [what: string, given: Case, exitCode: number, rule: RegExp][] = [
    ["nobody in the sandbox", { signers: { box: vouching }, sandbox: true }, 2, /nobody knows who you are/],
    ["somebody unknown", { signers: { box: vouching }, sandbox: true, as: "eve" }, 2, /does not know eve/],
    [
      "a name that is part of every object",
      { signers: { box: vouching }, sandbox: true, as: "constructor" },
      2,
      /does not know/,
    ],
    ["another than the key's owner", { signers: { mine: own }, env: withKey, as: "Grace" }, 2, /is ada's word/],
    [
      "another than who runs the workflow",
      { signers: { flow: workflow }, env: actions, as: "Grace" },
      2,
      /is ada's word/,
    ],
    ["a key that vouches, outside of any workflow", { signers: { k: vouching }, env: withKey }, 3, /this is none/],
    [
      "a shell that only looks like a workflow",
      { signers: { k: vouching }, env: { ...withKey, GITHUB_ACTOR: "ada" } },
      3,
      /this is none/,
    ],
    [
      "a key that speaks for nobody",
      { signers: { k: { publicKey: key.publicKey } }, env: withKey },
      2,
      /speaks for nobody/,
    ],
    [
      "a key that the pack does not know",
      { signers: { mine: own }, env: withKey, signsWith: stranger.privateKey },
      2,
      /would not count/,
    ],
    ["a signer of other things", { signers: { mine: own }, env: withKey, kind: "waiver" }, 2, /signs no waiver/],
    [
      "a run that somebody else started anew",
      { signers: { flow: workflow }, env: { ...actions, GITHUB_TRIGGERING_ACTOR: "Grace" } },
      2,
      /Grace started it anew/,
    ],
    [
      "another workflow",
      {
        signers: { flow: workflow },
        env: { ...actions, GITHUB_WORKFLOW_REF: "acme/shop/.github/workflows/x.yml@refs/heads/main" },
      },
      2,
      /would not count/,
    ],
    [
      "the workflow on another branch",
      { signers: { flow: workflow }, env: { ...actions, GITHUB_WORKFLOW_REF: `${actions.GITHUB_WORKFLOW_REF}-2` } },
      2,
      /would not count/,
    ],
    [
      "an identity of another issuer",
      { signers: { flow: { ...workflow, keyless: { issuer: "https://other.example", identity } } }, env: actions },
      2,
      /would not count/,
    ],
  ];
  for (const [what, given, exitCode, rule] of refused) {
    it(`is not ${what}`, async () => {
      await assert.rejects(act(given), (error: { message: string; exitCode: number }) => {
        assert.match(error.message, rule);
        assert.equal(error.exitCode, exitCode);
        return true;
      });
    });
  }
});
