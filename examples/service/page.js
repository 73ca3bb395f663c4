/** The page: one answer, no other file, no script, nothing fetched from elsewhere. */
import { createHash } from "node:crypto";

const STYLE = `
:root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #14181f; --soft: #5b6472; --line: #e2e6ec; --lightness: 45%; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0e1116; --card: #161b22; --ink: #eef1f5; --soft: #98a3b3; --line: #29303a; --lightness: 74%; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: min(34rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  border-top: .4rem solid oklch(var(--lightness) .14 var(--hue)); padding: 2rem; }
h1 { margin: 0; font-size: 1rem; font-weight: 500; color: var(--soft); }
.version { margin: .25rem 0 1.5rem; font-size: clamp(2rem, 9vw, 3.5rem); line-height: 1.1; font-weight: 700;
  letter-spacing: -.02em; overflow-wrap: anywhere; color: oklch(var(--lightness) .14 var(--hue)); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .4rem 1.5rem; margin: 0; padding-top: 1.25rem; border-top: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
nav { margin-top: 1.5rem; display: flex; gap: 1.25rem; flex-wrap: wrap; }
a { color: inherit; text-underline-offset: .2em; }
a:focus-visible { outline: 2px solid; outline-offset: 3px; border-radius: 2px; }
`;

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @param {unknown} value */
export function escapeHtml(value) {
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/**
 * A version's hue, the same in each process, so that a switch of versions is seen at a glance.
 * @param {string} version
 */
function hue(version) {
  return createHash("sha256").update(version).digest().readUInt16BE(0) % 360;
}

/**
 * Renders the page. The content security policy allows the one style sheet by its hash, so that nothing injected into
 * the page could bring its own.
 *
 * @param {{version: string, host: string, upSeconds: number, node: string}} facts
 * @returns {{html: string, policy: string}} the page and the content-security-policy to send with it
 */
export function renderPage({ version, host, upSeconds, node }) {
  const style = `:root { --hue: ${hue(version)}; }${STYLE}`;
  const styleHash = createHash("sha256").update(style).digest("base64");
  const rows = { Host: host, "Up for": `${upSeconds} s`, Node: node };
  const list = Object.entries(rows).map(([term, value]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value)}</dd>`);
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(version)} · example service</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Example service, running version</h1>
<p class="version">${escapeHtml(version)}</p>
<dl>${list.join("")}</dl>
<nav aria-label="Other answers"><a href="/version">/version</a><a href="/health">/health</a><a href="/slow?ms=2000">/slow?ms=2000</a></nav>
</main>
</body>
</html>
`;
  return { html, policy };
}
