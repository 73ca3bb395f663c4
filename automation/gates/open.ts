/** What every command about gates begins with: the stack, its configuration, its pack, and the images in question. */
import type { OptionReader } from "../options.ts";
import type { Output } from "../output.ts";
import { prepareConfig } from "../prepare.ts";
import { openTarget, type Target } from "../target.ts";
import { type Judgement, judgeImages, type StackGates, stackGates } from "./judgement.ts";
import { openPack, type Pack } from "./pack.ts";
import { type Choice, wantedImages } from "./wanted-images.ts";

export interface OpenStack {
  target: Target;
  /** The stack's settings, checked. */
  settings: Record<string, unknown>;
  pack: Pack;
  gates: StackGates;
}

interface OpenArgs {
  stack: string | undefined;
  sandbox: boolean;
  output: Output;
  /** Whether the registry will be asked; the sandbox's is then started if it does not run. */
  registry: boolean;
}

/** @throws SluiceError (2) for a configuration that is wrong, or gates that are looser than the pack's */
export async function openStack({ stack, sandbox, output, registry }: OpenArgs): Promise<OpenStack> {
  const target = await openTarget({ stack, sandbox, output, running: registry });
  const { settings, remove } = prepareConfig(target, {}, output);
  remove();
  const pack = openPack(target);
  return { target, settings, pack, gates: stackGates(pack, settings) };
}

/** Options that say which images of a stack are meant. */
export interface Asked extends Choice {
  stack: string | undefined;
  sandbox: boolean;
}

/**
 * Reads them; mistakes are collected, not thrown.
 *
 * @param named whether it must be said what is meant: people speak for a release, and for nothing that happens to run
 */
export function askedImages(reader: OptionReader, named = false): Asked {
  const given = ["imageTag", "artifact"].filter((name) => reader.text(name) !== undefined);
  if (given.length > 1 || (named && given.length === 0)) {
    reader.mistake(`--image-tag, --artifact: give ${named ? "one" : "at most one"} of them`);
  }
  return {
    artifact: reader.text("artifact"),
    stack: reader.text("stack"),
    sandbox: reader.flag("sandbox"),
    tag: reader.tag("imageTag"),
    service: reader.text("service"),
    repository: reader.text("repository"),
  };
}

/**
 * Opens the stack and judges the images that are asked for.
 *
 * @example
 * const { judgements } = await openAndJudge(askedImages(reader), output, Date.now());
 */
export async function openAndJudge(
  asked: Asked,
  output: Output,
  now: number,
): Promise<OpenStack & { judgements: Judgement[] }> {
  const open = await openStack({ ...asked, output, registry: asked.tag !== undefined });
  const images = await wantedImages(open.target, open.settings, asked);
  return { ...open, judgements: await judgeImages(open.pack, open.gates, images, now) };
}

/** The images that somebody speaks for who names a tag: those with it; of a repository that is named, all of them. */
export function spokenFor<T extends Pick<Judgement, "as">>({ repository }: Asked, judgements: readonly T[]): T[] {
  return judgements.filter(({ as }) => as === "asked" || repository !== undefined);
}
