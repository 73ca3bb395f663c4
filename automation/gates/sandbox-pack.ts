/**
 * The pack's config in the sandbox: as committed, but for whom it believes. Evidence stands in a folder of the checkout
 * and is signed with a key of its own, so that a laptop can prove an image, and what it proves is worth nothing elsewhere.
 */
import { createPublicKey } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createKeyPair } from "../../evidence/key.ts";
import { type Kind, results } from "../../model/gates/results.ts";
import type { People, Trust } from "../../model/gates/trust.ts";
import type { PolicyPack } from "../engine-context.ts";
import { configurationError } from "../errors.ts";
import type { Places } from "../paths.ts";
import { keepAt, madeOnce } from "../private-file.ts";

/** The policy whose settings say whom the pack believes. */
export const gatesPolicy = "images-proven";

/** Who may approve and waive in the sandbox, by login. */
const people: People = {
  ada: { roles: ["senior-engineer", "release-manager"], emails: ["ada@sandbox.test"] },
  grace: { roles: ["security", "break-glass"], emails: ["grace@sandbox.test"] },
  mary: { roles: ["product-owner"], emails: ["mary@sandbox.test"] },
};

/** Settings of trust: an environment may not keep any of them from the committed file. */
const trusted = ["evidence", "signers", "people", "trustedRoot"] as const satisfies readonly (keyof Trust)[];

/** The sandbox's own signing key, PEM. It is made when it is needed first. */
export function sandboxKey({ evidenceKey }: Places): string {
  return madeOnce(evidenceKey, () => createKeyPair().privateKey);
}

/**
 * The pack with the sandbox's copy of its config, which is written where it is missing or out of date.
 *
 * @throws SluiceError (2) where the committed config is no JSON object
 * @example
 * const pack = sandboxPack(policyPackOf(repositoryRoot), places);
 */
export function sandboxPack(pack: PolicyPack, places: Places): PolicyPack {
  const config = path.join(places.policy, "config.json");
  mkdirSync(places.evidence, { recursive: true });
  const content =
    pack.config === undefined
      ? sandboxConfig({}, places)
      : readConfig(pack.config, (committed) => sandboxConfig(committed, places));
  keepAt(config, `${JSON.stringify(content, undefined, 2)}\n`);
  return { ...pack, config };
}

type Settings = Readonly<Record<string, unknown>>;

function sandboxConfig(committed: Settings, places: Places): Settings {
  const { environments, ...own } = asSettings(committed[gatesPolicy]);
  const spared = Object.entries(asSettings(environments)).map(([name, settings]) => [name, withoutTrust(settings)]);
  const publicKey = createPublicKey(sandboxKey(places)).export({ type: "spki", format: "pem" }) as string;
  const sandbox = { publicKey, signs: Object.keys(results) as [Kind, ...Kind[]], vouches: true };
  const trust: Trust = { evidence: pathToFileURL(places.evidence).href, signers: { sandbox }, people };
  const settings = { ...withoutTrust(own), ...trust, environments: Object.fromEntries(spared) };
  return { ...committed, [gatesPolicy]: settings };
}

function withoutTrust(settings: unknown): Settings {
  const kept = Object.entries(asSettings(settings)).filter(
    ([key]) => !trusted.includes(key as (typeof trusted)[number]),
  );
  return Object.fromEntries(kept);
}

/** @throws SluiceError (2) where the file is missing or is no such JSON */
function readConfig<T>(file: string, as: (config: Settings) => T): T {
  try {
    return as(asSettings(JSON.parse(readFileSync(file, "utf8"))));
  } catch (error) {
    throw configurationError(`the pack's config cannot be read: ${(error as Error).message}`, {
      details: [file],
      remedy: "mend it: one JSON object, with an object for every policy and every environment",
    });
  }
}

function asSettings(value: unknown): Settings {
  if (value === undefined) return {};
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error("an object was expected");
  return value as Settings;
}
