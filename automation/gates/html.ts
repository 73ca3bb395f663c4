/** Verdicts as one page that needs nothing else: no script, no font, no request; the policy in its head forbids them too. */
import { createHash } from "node:crypto";
import type { GateVerdict } from "../../model/gates/verdict.ts";
import {
  type GateReport,
  imageName,
  inOrder,
  isAllowed,
  type JudgedImage,
  placeOf,
  statusOf,
  summaryOf,
} from "./gate-report.ts";
import { plain } from "./plain.ts";

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
code { font-size: .9em; }
.refused { color: light-dark(#b00020, #ff6b6b); font-weight: 600; }
.waived { color: light-dark(#8a5a00, #ffc04d); font-weight: 600; }
.allowed { color: light-dark(#146c2e, #6bd98a); }
`;

/** https://www.w3.org/TR/CSP3/: the style of this page by its hash, and nothing else. */
const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`;

/**
 * @example
 * escapeHtml('<b title="x">') // "&lt;b title=&quot;x&quot;&gt;"
 */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replaceAll(/[&<>"']/g, (character) => names[character] ?? "");
}

const shown = (text: string): string => escapeHtml(plain(text, 2000));

/**
 * @example
 * writeFileSync("gates.html", htmlReport(report));
 */
export function htmlReport(report: GateReport): string {
  const { stack, environment, strictness, judgedAt, images } = report;
  const word = isAllowed(report) ? "allowed" : "refused";
  const title = shown(`Quality gates: ${stack}, ${word}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>Quality gates: <span class="${word}">${word}</span></h1>
<p>Stack ${shown(stack)}, environment ${shown(environment)} (${strictness}), judged ${shown(judgedAt)}.</p>
${images.length === 0 ? "<p>It would run no image.</p>" : images.map(imageSection).join("\n")}
</body>
</html>
`;
}

function imageSection(image: JudgedImage): string {
  const { verdict } = image;
  const before = verdict.admittedAt === undefined ? [] : [`Ran green there since ${verdict.admittedAt}.`];
  const said = [...before, ...verdict.notices].map((line) => `<p class="waived">${shown(line)}</p>`);
  return [
    `<h2>${shown(imageName(image) + placeOf(image))}</h2>`,
    `<p class="${verdict.allowed ? "allowed" : "refused"}">${shown(summaryOf(image))}</p>`,
    `<p><code>${shown(verdict.digest)}</code></p>`,
    ...said,
    "<table>",
    "<thead><tr><th>gate</th><th>status</th><th>needed</th><th>found</th><th>to mend it</th></tr></thead>",
    `<tbody>${inOrder(verdict.gates).map(gateRow).join("\n")}</tbody>`,
    "</table>",
  ].join("\n");
}

function gateRow(gate: GateVerdict): string {
  const look = gate.passed ? (gate.reason === "waived" ? "waived" : "allowed") : "refused";
  const remedy = gate.passed ? "" : (gate.remedy ?? "");
  const cells = [gate.needed, gate.found, remedy].map((text) => `<td>${shown(text)}</td>`).join("");
  return `<tr><td><code>${shown(gate.gate)}</code></td><td class="${look}">${shown(statusOf(gate))}</td>${cells}</tr>`;
}
