/** The gates in force for a repository's images: what each asks, who asks it, what feeds it, and whether that is there. */
import { describeGates } from "../../model/gates/judge.ts";
import { gatesFor } from "../../model/gates/section.ts";
import { counted } from "../../model/gates/text.ts";
import { statusOf } from "./gate-report.ts";
import { gatesInForce, type Judgement, type StackGates } from "./judgement.ts";
import { plain } from "./plain.ts";
import { tableLines, withoutAge } from "./table.ts";

export interface ExplainedGate {
  gate: string;
  needed: string;
  /** `pack`: its floor; `stack`: the stack's own gates ask for more than that. */
  from: "pack" | "stack";
  /** What feeds it, as a command where there is one. */
  feeds: string;
  /** How it is met by each image that was looked at. */
  found: { digest: string; status: string; found: string; files: readonly string[] }[];
}

export interface Explanation {
  repository: string;
  gates: ExplainedGate[];
}

/**
 * @param judgements of images of the repository; none: nothing is said of evidence
 * @param only a gate; it and those below it are explained
 * @example
 * explainGates(stackGates(pack, settings), "api", judgements, "coverage").gates.map(({ gate }) => gate)
 */
export function explainGates(
  stack: StackGates,
  repository: string,
  judgements: readonly Judgement[],
  only?: string,
): Explanation {
  const floor = new Map(describeGates(gatesFor(stack.floor, repository)).map(({ gate, needed }) => [gate, needed]));
  const wanted = ({ gate }: { gate: string }) => only === undefined || gate === only || gate.startsWith(`${only}.`);
  const gates = describeGates(gatesInForce(stack, repository))
    .filter(wanted)
    .map(({ gate, needed, feeds }): ExplainedGate => {
      const found = judgements.flatMap(({ verdict }) =>
        verdict.gates
          .filter((one) => one.gate === gate)
          .map((one) => ({ digest: verdict.digest, status: statusOf(one), found: one.found, files: one.evidence })),
      );
      return { gate, needed, from: floor.get(gate) === needed ? "pack" : "stack", feeds, found };
    });
  return { repository, gates };
}

/** @returns a table, with what feeds a gate below its row */
export function explanationLines({ repository, gates }: Explanation, environment: string): string[] {
  const title = plain(
    `${repository} for ${environment}: ${gates.length === 0 ? "no gate" : counted(gates.length, "gate")}`,
  );
  if (gates.length === 0) return [title];
  const { needed: asked, line: aged } = withoutAge(gates.map(({ needed }) => needed));
  const rows = gates.map(({ gate, from, found }, index) =>
    [
      gate,
      from,
      asked[index] ?? "",
      found.length === 0 ? "not looked at" : found.map((one) => `${one.status}: ${one.found}`).join("; "),
    ].map((text) => plain(text)),
  );
  const [head = "", ...body] = tableLines(["gate", "from", "needed", "found"], rows, 40);
  return [
    title,
    ...aged,
    head,
    ...body.flatMap((line, index) => [line, `      <- ${plain(gates[index]?.feeds ?? "")}`]),
  ];
}
