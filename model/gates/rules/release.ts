/** What a release is made of: its version and notes, and the files that are published. */
import { defaults, type Gates } from "../config.ts";
import type { Evidence } from "../evidence.ts";
import { newest } from "../facts.ts";
import { allOf, collect, type Gate, met, nothing, type Outcome, refused } from "../gate.ts";
import { counted, plain, some } from "../text.ts";

export function releaseGates({ release, artifacts }: Gates): Gate[] {
  return [...(release === undefined ? [] : [releaseGate]), ...artifactGates(artifacts)];
}

const releaseGate: Gate = {
  gate: "release",
  needed: "a semantic version with an entry and notes in the changelog",
  feeds: collect("release"),
  judge(facts) {
    const reports = newest(facts, "release");
    if (reports.length === 0) return nothing(collect("release"));
    return allOf(
      reports.map((report) => {
        const { tag, semver, changelog, notes } = report.result;
        const wrong = [
          ...(semver ? [] : ["is no semantic version"]),
          ...(changelog ? [] : ["has no entry in the changelog"]),
          ...(notes.trim() === "" ? ["has no notes"] : []),
        ];
        const shown = plain(tag) || "no tag";
        if (wrong.length === 0) return met(shown, [report]);
        const remedy = `mend the tag or the changelog, then run ${collect("release")}`;
        return refused("failed", `${shown}, which ${wrong.join(" and ")}`, remedy, [report]);
      }),
    );
  },
};

type Report = Evidence<"artifacts">;

function artifactGates(artifacts: Gates["artifacts"]): Gate[] {
  if (artifacts === undefined) return [];
  const { platforms, bundles = defaults.bundles } = artifacts;
  const gate = (name: string, needed: string, judgeReport: (report: Report) => Outcome): Gate => ({
    gate: `artifacts.${name}`,
    needed,
    feeds: collect("artifacts"),
    judge(facts) {
      const reports = newest(facts, "artifacts");
      return reports.length === 0 ? nothing(collect("artifacts")) : allOf(reports.map(judgeReport));
    },
  });
  return [
    gate("files", "every file as its checksum says", judgeFiles),
    ...(platforms.length === 0
      ? []
      : [gate("platforms", `binaries for ${platforms.join(", ")}`, (report) => judgePlatforms(report, platforms))]),
    gate(
      "bundles",
      `${bundles === 0 ? "all bundles" : `at least ${counted(bundles, "bundle")}, each`} complete, without warnings, tools healthy`,
      (report) => judgeBundles(report, bundles),
    ),
  ];
}

const again = `build them anew and run ${collect("artifacts")}`;

function judgeFiles(report: Report): Outcome {
  const { files } = report.result;
  const bad = files.filter(({ verified }) => !verified).map(({ name }) => name);
  if (files.length === 0) return refused("unknown", "no file", again, [report]);
  if (bad.length === 0) return met(`${counted(files.length, "file")} verified`, [report]);
  return refused("failed", `${bad.length} of ${counted(files.length, "file")} not: ${some(bad)}`, again, [report]);
}

function judgePlatforms(report: Report, platforms: readonly string[]): Outcome {
  const there = report.result.platforms;
  const missing = platforms.filter((platform) => !there.includes(platform));
  const found = some(there, 8) || "none";
  if (missing.length === 0) return met(found, [report]);
  return refused("failed", `${found}; none for ${missing.join(", ")}`, again, [report]);
}

/** What a bundle's manifest says of a build that fetched everything that the bundle is to hold. */
const complete = "complete";

function judgeBundles(report: Report, least: number): Outcome {
  const { bundles } = report.result;
  const wrong = bundles.flatMap(({ name, hydrationStatus, warnings, toolsHealthy }) => [
    ...(hydrationStatus === complete ? [] : [`${plain(name)} is ${plain(hydrationStatus) || "of unknown status"}`]),
    ...(warnings === 0 ? [] : [`${plain(name)} has ${counted(warnings, "warning")}`]),
    ...(toolsHealthy === true
      ? []
      : [
          `${plain(name)} ${toolsHealthy === false ? "has unhealthy tools" : "does not say that its tools are healthy"}`,
        ]),
  ]);
  const names = new Set(bundles.map(({ name }) => name));
  if (wrong.length > 0) return refused("failed", some(wrong), again, [report]);
  if (names.size < bundles.length) return refused("unknown", "two bundles of one name", again, [report]);
  if (names.size < least) return refused("failed", counted(names.size, "bundle"), again, [report]);
  return met(`${counted(names.size, "bundle")} complete`, [report]);
}
