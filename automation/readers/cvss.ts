/** CVSS 3 base scores, for audits that give an advisory's vector and no word for its severity. */

type Weights = Readonly<Record<string, number>>;

const weights: Readonly<Record<string, Weights>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
const privileges: Readonly<Record<string, Weights>> = {
  U: { N: 0.85, L: 0.62, H: 0.27 },
  C: { N: 0.85, L: 0.68, H: 0.5 },
};

/**
 * The base score of a CVSS 3.0 or 3.1 vector. Temporal and environmental metrics do not change it.
 * Source: https://www.first.org/cvss/v3-1/specification-document ("Base Metrics Equations")
 *
 * @returns 0 to 10; undefined for any other version, and for a vector that lacks a metric or has one twice
 * @example
 * cvssScore("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H") // 9.8
 */
export function cvssScore(vector: string): number | undefined {
  const [version, ...parts] = vector.trim().split("/");
  if (version !== "CVSS:3.0" && version !== "CVSS:3.1") return undefined;
  const metrics = new Map<string, string | undefined>();
  for (const part of parts) {
    const [name = "", value] = part.split(":");
    if (metrics.has(name)) return undefined;
    metrics.set(name, value);
  }
  const weigh = (metric: string, of = weights[metric]) => own(of, metrics.get(metric)) ?? Number.NaN;
  const scope = metrics.get("S");
  const impact = impactOf(1 - (1 - weigh("C")) * (1 - weigh("I")) * (1 - weigh("A")), scope);
  const ease = 8.22 * weigh("AV") * weigh("AC") * weigh("PR", own(privileges, scope)) * weigh("UI");
  if (Number.isNaN(impact + ease)) return undefined;
  return impact <= 0 ? 0 : roundUp(Math.min((scope === "C" ? 1.08 : 1) * (impact + ease), 10));
}

const own = <T>(of: Readonly<Record<string, T>> | undefined, name: string | undefined): T | undefined =>
  of !== undefined && name !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;

function impactOf(base: number, scope: string | undefined): number {
  return scope === "C" ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base;
}

/** Appendix A's Roundup, which is free of what binary fractions cannot hold. */
function roundUp(score: number): number {
  const whole = Math.round(score * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}
