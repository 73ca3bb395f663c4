/** The section `gates`, of a stack as of the pack's floor: gates for every image, and more for those of single repositories. */
import { z } from "zod";
import { repositoryName } from "../config/fields.ts";
import { type Gates, gates } from "./config.ts";
import { tightenGates } from "./tighten.ts";

export const gatesSection = z.strictObject({
  ...gates.shape,
  repositories: z
    .record(repositoryName, gates)
    .default({})
    .describe("Gates for the images of single repositories, beside those above; they may only be stricter."),
});

export type GatesSection = z.output<typeof gatesSection>;

/**
 * The gates for the images of a repository: the section's own, tightened by the repository's.
 *
 * @param section no section: no gates
 * @example
 * gatesFor(section, "salunga/backend").coverage
 */
export function gatesFor(section: GatesSection | undefined, repository: string): Gates {
  const { repositories, ...shared } = section ?? gatesSection.parse({});
  const own = Object.hasOwn(repositories, repository) ? repositories[repository] : undefined;
  return own === undefined ? shared : tightenGates(shared, own).gates;
}
