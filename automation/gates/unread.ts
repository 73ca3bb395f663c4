/** Reports that no gate looks at: most often a name that is not the gate's. */
import type { Gates } from "../../model/gates/config.ts";
import type { Kind } from "../../model/gates/results.ts";
import { plain } from "./plain.ts";

/** Settings that make use of a kind; of those with names, which names. */
const readers: Readonly<Partial<Record<Kind, (gates: Gates) => boolean | readonly string[]>>> = {
  tests: ({ tests }) => Object.keys(tests),
  load: ({ load }) => Object.keys(load),
  coverage: ({ coverage }) => coverage !== undefined,
  lint: ({ lint }) => lint !== undefined,
  sast: ({ sast }) => sast !== undefined,
  secrets: ({ secrets }) => secrets !== undefined,
  dependencies: ({ dependencies }) => dependencies !== undefined,
  container: ({ container }) => container !== undefined,
  dast: ({ dast }) => dast !== undefined,
  sbom: ({ sbom, licences }) => sbom !== undefined || licences !== undefined,
  provenance: ({ provenance }) => provenance !== undefined,
  benchmarks: ({ performance }) => performance !== undefined,
  release: ({ release }) => release !== undefined,
  artifacts: ({ artifacts }) => artifacts !== undefined,
};

/**
 * One line for each report that the gates in force make no use of. It is kept all the same: another environment may ask for it.
 *
 * @example
 * unreadReports(gates, [{ kind: "tests", name: "tests" }], "prod")
 * // ["tests:tests: no gate of prod asks for it; there it is tests:unit that is asked for"]
 */
export function unreadReports(
  gates: Gates,
  reports: readonly { kind: Kind; name: string }[],
  environment: string,
): string[] {
  return reports.flatMap(({ kind, name }) => {
    const read = readers[kind]?.(gates) ?? true;
    if (read === true || (read !== false && read.includes(name))) return [];
    const names = read === false ? [] : read.map((one) => `${kind}:${one}`);
    const instead = names.length === 0 ? "" : `; there it is ${names.join(", ")} that is asked for`;
    return [plain(`${kind}:${name}: no gate of ${environment} asks for it${instead}`, 1000)];
  });
}
