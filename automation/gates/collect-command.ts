/** The commands that hand in what an image lacks, each in full: what is left to fill in are the files, and the change. */
import type { GateReport, JudgedImage } from "./gate-report.ts";
import { plain } from "./plain.ts";

/** What a remedy says to hand in. Only these letters: the words come from names in reports and configurations, too. */
const report = /(?<=\s)(?:baseline:)?[a-z]+(?::[a-z0-9._-]+)?=FILE(?=\s|$)/g;
const place = / --environment ([a-z0-9-]+)(?=\s|$)/;
const widest = 100;

/**
 * One command per image and environment that was measured: `--environment` is about all reports that it stands with.
 *
 * @returns lines that can be pasted as they are; none where no gate wants evidence
 * @example
 * collectCommands(report, image) // ["sluice gate collect --stack prod ... --change BASE..HEAD \\", "  tests:unit=FILE"]
 */
export function collectCommands({ flags }: Pick<GateReport, "flags">, image: JudgedImage): string[] {
  const { repository, tag, verdict } = image;
  const isArtifact = image.services.length === 0;
  const digest = isArtifact ? "--artifact FILE" : `--digest ${verdict.digest}`;
  const about = tag === undefined ? digest : `--image-tag ${tag}`;
  const command = `sluice gate collect ${flags} --repository ${repository} ${about} --change BASE..HEAD`;
  return [...wantedReports(image)].flatMap(([environment, reports]) => {
    const where = environment === "" ? "" : ` --environment ${environment}`;
    return folded([plain(`${command}${where}`), ...reports]);
  });
}

/** @returns by environment ("" is wherever), what to hand in; nothing at all for what the registry itself tells */
function wantedReports({ verdict }: JudgedImage): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const { passed, remedy } of verdict.gates) {
    if (passed || remedy === undefined || !remedy.includes("sluice gate collect")) continue;
    const environment = place.exec(remedy)?.[1] ?? "";
    wanted.set(environment, new Set([...(wanted.get(environment) ?? []), ...(remedy.match(report) ?? [])]));
  }
  for (const [environment, reports] of wanted) {
    for (const one of reports) if (isSaidTwice(one, environment, wanted)) reports.delete(one);
  }
  return wanted;
}

/** `sast=FILE` is one of the `sast:gosec=FILE` beside it; `dast:zap=FILE` is the `dast=FILE` that has to be of staging. */
function isSaidTwice(one: string, environment: string, wanted: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const [kind, name] = one.replace("=FILE", "").split(":");
  if (name === undefined) return [...(wanted.get(environment) ?? [])].some((other) => other.startsWith(`${kind}:`));
  return environment === "" && [...wanted].some(([where, others]) => where !== "" && others.has(`${kind}=FILE`));
}

/** The first word stands alone; the others fill lines below it, continued as a shell understands it. */
function folded([first = "", ...words]: readonly string[]): string[] {
  const lines = [first];
  for (const word of words) {
    const last = lines.at(-1) ?? "";
    if (lines.length > 1 && last.length + word.length + " \\".length < widest)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
}
