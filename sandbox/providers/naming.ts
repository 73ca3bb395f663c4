import { createHash, randomBytes } from "node:crypto";
import { isUnknown } from "./protocol.ts";
import type { Properties, ResourceType } from "./resource-type.ts";

/** Names of the top-level inputs that Check filled in, kept in the inputs as the real bridge does. */
export const DEFAULTS = "__defaults";

/** What the engine says about names (`pulumi:autonaming` in a project's configuration). */
export interface Autonaming {
  mode: "propose" | "enforce" | "disable";
  proposed: string;
}

/**
 * A name for the resource where the program gives none: the old one if that was ours too, else the resource's own name and
 * seven hex digits, so that a replacement can stand beside what it replaces.
 */
export function nameFor(
  autoname: NonNullable<ResourceType["autoname"]>,
  about: { name: string; olds: Properties; seed: Uint8Array; autonaming?: Autonaming },
): string | undefined {
  const old = about.olds[autoname.property];
  const wasOurs = (about.olds[DEFAULTS] as unknown[] | undefined)?.includes(autoname.property);
  if (wasOurs && typeof old === "string" && !isUnknown(old)) return old;
  if (about.autonaming?.mode === "disable") return undefined;
  if (about.autonaming !== undefined) return about.autonaming.proposed;
  const digits =
    about.seed.length > 0 ? createHash("sha256").update(about.seed).digest("hex") : randomBytes(4).toString("hex");
  const ending = `${autoname.separator ?? "-"}${digits.slice(0, 7)}`;
  const name = autoname.transform?.(about.name) ?? about.name;
  return name.slice(0, autoname.maxLength - ending.length) + ending;
}
