/** Who approves or waives: the person whose word a signature of ours would be. */
import { readBundle } from "../../evidence/bundle.ts";
import { verifierOf } from "../../evidence/verify.ts";
import { matches } from "../../model/gates/pattern.ts";
import type { Kind } from "../../model/gates/results.ts";
import type { Trust } from "../../model/gates/trust.ts";
import { configurationError, ExitCode, SluiceError } from "../errors.ts";
import type { Pack } from "./pack.ts";
import { plain } from "./plain.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Actor {
  /** As the pack's `people` has it. */
  login: string;
  /** Name in the pack's `signers`. */
  signer: string;
}

export interface ActorArgs {
  pack: Pick<Pack, "trust" | "signer">;
  sandbox: boolean;
  /** Who they say they are. */
  as: string | undefined;
  /** What is to be signed. */
  kind: Extract<Kind, "approval" | "waiver">;
  /** @default process.env */
  env?: Environment;
}

/** Issuer of the identities of GitHub's workflows. */
const githubIssuer = "https://token.actions.githubusercontent.com";

/**
 * @throws SluiceError (2) where nobody can be told, or the pack would not believe it
 * @example
 * await actorOf({ pack, sandbox: true, as: "ada", kind: "approval" }) // { login: "ada", signer: "sandbox" }
 */
export async function actorOf({ pack, sandbox, as, kind, env = process.env }: ActorArgs): Promise<Actor> {
  const { trust } = pack;
  const names = await ownSigners(pack, sandbox, env);
  // The first that may sign it is the one under which it will be read.
  const signer = names.find((name) => trust.signers[name]?.signs.includes(kind));
  if (signer === undefined) {
    throw configurationError(`${names.join(", ")}, whom the pack knows this signature as, signs no ${kind}`, {
      remedy: `add "${kind}" to what it signs, in policy/config.json, or sign as another`,
    });
  }
  const { login, vouches } = trust.signers[signer] ?? {};
  const said = login ?? (vouches === true ? vouchedLogin(sandbox, as, env) : undefined);
  if (said === undefined) {
    throw configurationError(`the signer ${signer} speaks for nobody`, {
      remedy: "in policy/config.json, give it a login, or let it vouch for whoever runs the workflow",
    });
  }
  if (as !== undefined && as.toLowerCase() !== said.toLowerCase()) {
    throw configurationError(`--as ${plain(as)}: what is signed here is ${plain(said)}'s word`, {
      remedy: "leave --as out; each person signs for themselves",
    });
  }
  return { login: knownLogin(trust, said), signer };
}

/** Who runs it. A run that somebody else started anew is nobody's word. */
function vouchedLogin(sandbox: boolean, as: string | undefined, env: Environment): string {
  if (sandbox) {
    if (as !== undefined) return as;
    throw configurationError("nobody knows who you are, in the sandbox", { remedy: "say so: --as LOGIN" });
  }
  const { GITHUB_ACTIONS, GITHUB_ACTOR, GITHUB_TRIGGERING_ACTOR = GITHUB_ACTOR } = env;
  if (GITHUB_ACTIONS !== "true" || !GITHUB_ACTOR) {
    throw new SluiceError("this signer vouches for whoever runs a workflow, and this is none", {
      exitCode: ExitCode.authentication,
      remedy: "run it in GitHub Actions, or sign with a key of your own (SLUICE_EVIDENCE_KEY_FILE)",
    });
  }
  if (GITHUB_TRIGGERING_ACTOR === GITHUB_ACTOR) return GITHUB_ACTOR;
  throw configurationError(
    `the run is ${plain(GITHUB_ACTOR)}'s, and ${plain(GITHUB_TRIGGERING_ACTOR ?? "")} started it anew`,
    { remedy: "start a run of your own" },
  );
}

/** @returns the login as the pack writes it */
function knownLogin({ people }: Trust, login: string): string {
  const found = Object.keys(people).find((name) => name.toLowerCase() === login.toLowerCase());
  if (found !== undefined) return found;
  const known = Object.entries(people).map(([name, { roles }]) => `${name} (${roles.join(", ")})`);
  throw configurationError(`the pack does not know ${plain(login)}`, {
    remedy: `be one of: ${known.join(", ") || "(it knows nobody)"}; people stand in policy/config.json`,
  });
}

/** Names under which the pack would know a signature of ours. */
async function ownSigners({ trust, signer }: ActorArgs["pack"], sandbox: boolean, env: Environment): Promise<string[]> {
  if (!sandbox && !env.SLUICE_EVIDENCE_KEY_FILE && env.ACTIONS_ID_TOKEN_REQUEST_URL) return ownIdentities(trust, env);
  const payload = Buffer.from("{}");
  try {
    const signed = await (await signer()).sign(payload, "application/vnd.in-toto+json");
    return (await verifierOf(trust).verify(readBundle(signed))).signers.map(({ name }) => name);
  } catch (error) {
    if (error instanceof SluiceError || (error as { exitCode?: unknown }).exitCode !== undefined) throw error;
    throw configurationError(`what is signed here would not count: ${plain((error as Error).message)}`, {
      remedy: 'add the public key to "signers" in policy/config.json',
      cause: error,
    });
  }
}

/** A signature would cost a certificate and an entry in a public log: the workflow's name says it as well. */
function ownIdentities({ signers }: Trust, env: Environment): string[] {
  const identity = `https://github.com/${env.GITHUB_WORKFLOW_REF ?? ""}`;
  const names = Object.entries(signers)
    .filter(([, { keyless }]) => keyless?.issuer === githubIssuer && matches(keyless.identity, identity))
    .map(([name]) => name);
  if (names.length > 0) return names;
  throw configurationError(`what ${plain(identity)} signs would not count: the pack does not know it`, {
    remedy: 'add it to "signers" in policy/config.json, as keyless: { issuer, identity }',
  });
}
