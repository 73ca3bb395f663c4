/** The parts of docs/proof.md that stand in lists of the contract tests. */
import path from "node:path";
import { repositoryRoot } from "../../automation/paths.ts";
import { reasons } from "./checkov/reasons.ts";
import { replayGaps } from "./replay/known-moto-gaps.ts";
import { mappings } from "./replay/mappings.ts";

export const proofFile = path.join(repositoryRoot, "docs", "proof.md");

/** The text between `<!-- NAME -->` and `<!-- /NAME -->`, by name. */
export const proofSections: Readonly<Record<string, string>> = {
  "moto-gaps": table(
    ["type", "property", "why"],
    replayGaps.map(({ type, property, reason }) => [code(type), property === "" ? "all" : code(property), reason]),
  ),
  "unsent-properties": table(
    ["type", "property", "why"],
    Object.entries(mappings).flatMap(([type, { unsent = {} }]) =>
      Object.entries(unsent).map(([property, reason]) => [code(type), code(property), reason]),
    ),
  ),
  "checkov-reasons": table(
    ["check", "resources", "why it stands"],
    reasons.map(({ check, resource, reason }) => [check, code(resource.source), reason]),
  ),
};

/** A page with these parts put in. */
export function withSections(page: string): string {
  return Object.entries(proofSections).reduce((text, [name, section]) => {
    const part = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- /${name} -->)`);
    if (!part.test(text)) throw new Error(`docs/proof.md has no place for ${name}`);
    return text.replace(part, (_, open: string, close: string) => `${open}${section}\n${close}`);
  }, page);
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
