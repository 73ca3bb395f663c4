/** What the image is made of, by whom, and how: bill of materials, licences, the image itself, provenance. */
import type { Gates } from "../config.ts";
import type { Evidence } from "../evidence.ts";
import { newest } from "../facts.ts";
import { allOf, collect, type Gate, met, nothing, type Outcome, refused } from "../gate.ts";
import { isAllowed } from "../licence.ts";
import { matches } from "../pattern.ts";
import { counted, plain, some } from "../text.ts";

export function supplyGates({ sbom, licences, image, provenance }: Gates): Gate[] {
  return [
    ...(licences === undefined ? [] : [perReport("sbom", licenceGate(licences.allow))]),
    ...(sbom === undefined ? [] : [perReport("sbom", sbomGate)]),
    ...(image === undefined ? [] : imageGates(image).map((gate) => perReport("image", gate))),
    ...(provenance === undefined ? [] : [provenanceGate(provenance)]),
  ];
}

/** Whatever is collected, the image is read from its registry. */
const readImage = "sluice gate collect";

interface ReportGate<K extends "sbom" | "image"> {
  gate: string;
  needed: string;
  judge(report: Evidence<K>, facts: { commit: string }): Outcome;
}

function perReport<K extends "sbom" | "image">(kind: K, { gate, needed, judge }: ReportGate<K>): Gate {
  const feeds = kind === "image" ? readImage : collect(kind);
  return {
    gate,
    needed,
    feeds,
    judge(facts) {
      const reports = newest(facts, kind);
      return reports.length === 0 ? nothing(feeds) : allOf(reports.map((report) => judge(report, report)));
    },
  };
}

const sbomGate: ReportGate<"sbom"> = {
  gate: "sbom",
  needed: "a bill of materials of this image",
  judge(report) {
    const { components, describes, format, specVersion } = report.result;
    const again = `make it from this very image and run ${collect("sbom")}`;
    if (describes !== undefined && describes !== report.digest) {
      return refused("void", `one of another image, ${plain(describes)}`, again, [report]);
    }
    const found = `${counted(components, "component")} (${format} ${plain(specVersion)})`;
    return components === 0 ? refused("failed", found, again, [report]) : met(found, [report]);
  },
};

function licenceGate(allow: readonly string[]): ReportGate<"sbom"> {
  return {
    gate: "licences",
    needed: `every component under one of ${some(allow, 6)}`,
    judge(report) {
      const { licences, components } = report.result;
      const judged = Object.entries(licences)
        .filter(([, { count }]) => count > 0)
        .map(([expression, { count, first }]) => ({
          count,
          words: `${expression === "" ? "no licence" : plain(expression, 60)}: ${some(first)}`,
          allowed: isAllowed(expression, allow),
        }));
      const bad = judged.filter(({ allowed }) => allowed !== true);
      const stated = judged.reduce((sum, { count }) => sum + count, 0);
      const remedy = `replace them, state their licences in the bill, or have the licence allowed; then run ${collect("sbom")}`;
      // A component under no heading would be one that nobody looked at.
      if (stated < components || components === 0) {
        return refused("unknown", `licences of ${stated} of ${counted(components, "component")}`, remedy, [report]);
      }
      if (bad.length === 0) return met(`${counted(components, "component")}, ${judged.length} licences`, [report]);
      const reason = bad.some(({ allowed }) => allowed === false) ? "failed" : "unknown";
      return refused(
        reason,
        bad
          .slice(0, 5)
          .map(({ words }) => words)
          .join("; "),
        remedy,
        [report],
      );
    },
  };
}

function imageGates({ platforms, distroless, nonRoot }: NonNullable<Gates["image"]>): ReportGate<"image">[] {
  const rebuild = (how: string) => `${how}, build anew and run ${readImage}`;
  const revision: ReportGate<"image"> = {
    gate: "image.revision",
    needed: "built from the commit that the evidence is about, where its label says",
    judge(report, { commit }) {
      const { revision: found } = report.result;
      if (found === undefined) return met("no label", [report]);
      if (found === commit) return met(plain(found), [report]);
      return refused("void", plain(found), rebuild("set org.opencontainers.image.revision to the commit"), [report]);
    },
  };
  return [
    revision,
    ...(platforms.length === 0 ? [] : [platformsGate(platforms, rebuild)]),
    ...(distroless === true ? [distrolessGate(rebuild)] : []),
    ...(nonRoot === true ? [nonRootGate(rebuild)] : []),
  ];
}

type Rebuild = (how: string) => string;

const platformsGate = (platforms: readonly string[], rebuild: Rebuild): ReportGate<"image"> => ({
  gate: "image.platforms",
  needed: platforms.join(", "),
  judge(report) {
    const there = report.result.platforms;
    const missing = platforms.filter((platform) => !there.includes(platform));
    const found = some(there, 8) || "none";
    return missing.length === 0
      ? met(found, [report])
      : refused("failed", found, rebuild(`build for ${missing.join(", ")}, too`), [report]);
  },
});

const distrolessGate = (rebuild: Rebuild): ReportGate<"image"> => ({
  gate: "image.distroless",
  needed: "neither a shell nor a package manager",
  judge(report) {
    const { distroless, base } = report.result;
    return distroless
      ? met("neither", [report])
      : refused(
          "failed",
          `one of them${base === undefined ? "" : `, from ${plain(base)}`}`,
          rebuild("use a distroless base"),
          [report],
        );
  },
});

/** Names are taken at their word, as the kubelet takes none: https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
const root = /^(?:\s*|root|0+)(?::|$)/;

const nonRootGate = (rebuild: Rebuild): ReportGate<"image"> => ({
  gate: "image.nonRoot",
  needed: "a user other than root on every platform",
  judge(report) {
    const { users, platforms } = report.result;
    const found = users.map((user) => (user === "" ? "root, by default" : plain(user))).join(", ");
    const remedy = rebuild("set a USER in the image");
    if (users.length === 0 || users.length < platforms.length) {
      return refused("unknown", found || "no user", remedy, [report]);
    }
    return users.some((user) => root.test(user)) ? refused("failed", found, remedy, [report]) : met(found, [report]);
  },
});

/** One good statement is proof; others beside it, such as a mirror's, take nothing from it. */
function provenanceGate({ builders, sources }: NonNullable<Gates["provenance"]>): Gate {
  const feeds = collect("provenance");
  return {
    gate: "provenance",
    needed: `built by ${some(builders)} from ${some(sources)}`,
    feeds,
    judge({ evidence }) {
      const all = evidence.filter((one): one is Evidence<"provenance"> => one.kind === "provenance");
      if (all.length === 0) return nothing(feeds);
      const words = ({ result }: Evidence<"provenance">) =>
        `${plain(result.builder, 120)} from ${plain(result.source, 120)} at ${plain(result.commit, 12)}`;
      const good = all.filter(
        ({ result, commit }) =>
          builders.some((pattern) => matches(pattern, result.builder)) &&
          sources.some((pattern) => matches(pattern, result.source)) &&
          result.commit === commit,
      );
      if (good.length > 0) return met(good.map(words).join("; "), good);
      const remedy = `build it with a trusted builder from that source and commit, then run ${feeds}`;
      return refused("failed", all.slice(0, 3).map(words).join("; "), remedy, all);
    },
  };
}
