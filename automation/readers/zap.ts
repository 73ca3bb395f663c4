/**
 * ZAP's "Traditional JSON Report".
 * Source: https://www.zaproxy.org/docs/desktop/addons/report-generation/report-traditional-json/
 *
 * An alert counts once per path, whatever the query and however often the path was asked for: the next scan asks for others.
 * Hosts and queries stay out of the comparison with the baseline; queries are not kept, for they may hold tokens.
 * Risk: 3 high, 2 medium, 1 and 0 (informational) low. What a person marked as a false positive is suppressed.
 */
import * as z from "zod/mini";
import type { Severity } from "../../model/gates/results.ts";
import { type Found, findingsReader, type Scan, type ScanArgs, timeIn } from "./findings.ts";
import { checkShape, parseJson } from "./json.ts";
import { type Report, ReportError } from "./reader.ts";

const alert = z.object({
  pluginid: z.string().check(z.minLength(1)),
  name: z.optional(z.string()),
  riskcode: z.string(),
  confidence: z.optional(z.string()),
  instances: z.optional(z.array(z.object({ uri: z.string() }))),
});
type Alert = z.output<typeof alert>;

const document = z.object({
  "@version": z.optional(z.string()),
  created: z.optional(z.string()),
  site: z.array(z.object({ "@name": z.string(), alerts: z.array(alert) })),
});

export const zap = findingsReader({
  format: "zap",
  kinds: ["dast"],
  recognises: ({ text }: Report) =>
    /^\s*\{/.test(text) && /"site"\s*:/.test(text) && /"@(?:version|name)"\s*:/.test(text),
  scan,
});

function scan({ report }: ScanArgs): Scan {
  const { site: sites, created, "@version": version } = checkShape(report, document, parseJson(report));
  if (sites.length === 0) throw new ReportError(report, "site", "no site was scanned");
  const all = sites.flatMap(({ "@name": name, alerts }) => alerts.map((one) => ({ name, alert: one })));
  const believed = all.filter(({ alert }) => alert.confidence !== "0");
  const found = believed.flatMap(({ name, alert }) => foundOf(name, alert));
  return {
    tool: { name: "zap", version },
    found: [...new Map(found.map((one) => [JSON.stringify([one.id, one.severity, one.place]), one])).values()],
    suppressed: all.length - believed.length,
    madeAt: created === undefined ? undefined : timeIn(report, "created", created),
  };
}

const risks = new Map<string, Severity>([
  ["3", "high"],
  ["2", "medium"],
  ["1", "low"],
  ["0", "low"],
]);

function foundOf(site: string, { pluginid, name, riskcode, instances = [] }: Alert): Found[] {
  const uris = instances.length === 0 ? [site] : instances.map(({ uri }) => uri);
  return uris.map((uri) => {
    const { place, path } = partsOf(uri);
    const severity = risks.get(riskcode) ?? "unknown";
    return { id: pluginid, severity, title: name ?? pluginid, place, fingerprint: [path] };
  });
}

function partsOf(uri: string): { place: string; path: string } {
  const url = URL.parse(uri);
  const bare = uri.replace(/[?#].*$/s, "");
  if (url === null) return { place: bare, path: bare };
  return { place: `${url.origin}${url.pathname}`, path: url.pathname };
}
