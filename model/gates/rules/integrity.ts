/** Whether the evidence itself can be believed: nothing changed, nothing taken away, all of it about one commit. */
import { isNullCommit, isReport, listedFiles, unlistedFiles } from "../collections.ts";
import type { Facts } from "../facts.ts";
import { type Gate, met, refused } from "../gate.ts";
import { counted, plain } from "../text.ts";

export const integrityGate: Gate = {
  gate: "integrity",
  needed: "evidence that is whole, unchanged and of one commit",
  feeds: "everything that was collected, as it was collected",
  ages: false,
  judge(facts) {
    const problems = [...rejectedFiles(facts), ...otherCommits(facts), ...unlisted(facts), ...takenAway(facts)];
    const [first] = problems;
    if (first === undefined) return met(counted(facts.evidence.length, "file"), facts.evidence);
    const shown = problems.slice(0, 3).map(({ found }) => found);
    const left = problems.length - shown.length;
    return refused("void", [...shown, ...(left > 0 ? [`and ${left} more`] : [])].join("; "), first.remedy, []);
  },
};

interface Problem {
  found: string;
  remedy: string;
}

const again = "sluice gate collect KIND:NAME=FILE";

function rejectedFiles({ rejected }: Facts): Problem[] {
  return rejected.map(({ file, reason }) => ({
    found: `${plain(file, 100)}: ${plain(reason, 200)}`,
    remedy: `remove that file, then hand its report in anew: ${again}`,
  }));
}

function otherCommits({ evidence }: Facts): Problem[] {
  const naming = evidence.filter(({ kind, commit }) => isReport(kind) || !isNullCommit(commit));
  const commits = Map.groupBy(naming, ({ commit }) => commit);
  if (commits.size < 2) return [];
  const words = [...commits].map(
    ([commit, [first, ...others]]) =>
      `${commit.slice(0, 12)} (${first?.file}${others.length === 0 ? "" : ` and ${others.length} more`})`,
  );
  return [
    {
      found: `evidence of ${commits.size} commits: ${words.slice(0, 3).join(", ")}`,
      remedy: `remove what is not of the commit that the image was built from, and run ${again} there`,
    },
  ];
}

function unlisted({ evidence }: Facts): Problem[] {
  return unlistedFiles(evidence).map((file) => ({
    found: `${plain(file, 100)}: in no collection, so one was taken away or it was put there by hand`,
    remedy: `put back the collection that lists it, or remove the file and run ${again}`,
  }));
}

/** A file that was changed is there, and named already. */
function takenAway(facts: Facts): Problem[] {
  const there = new Set([...facts.evidence, ...facts.rejected].map(({ file }) => file));
  return [...listedFiles(facts.evidence)]
    .filter((file) => !there.has(file))
    .map((file) => ({
      found: `${plain(file, 100)}: collected, and gone`,
      remedy: "put that file back; where it is lost, build anew and collect for the new image",
    }));
}
