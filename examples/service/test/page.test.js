import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { escapeHtml, renderPage } from "../page.js";

const facts = { version: "v1.0.0", host: "here", upSeconds: 3, node: "v24.0.0" };

describe("the page", () => {
  it("shows the version and where it runs", () => {
    const { html } = renderPage(facts);
    for (const part of ["v1.0.0", "here", "3 s", "v24.0.0"]) assert.ok(html.includes(part), part);
  });

  it("shows hostile text as text", () => {
    assert.equal(escapeHtml(`<a href='"x"'>&`), "&lt;a href=&#39;&quot;x&quot;&#39;&gt;&amp;");
    const { html } = renderPage({ ...facts, version: "<script>alert(1)</script>" });
    assert.ok(!html.includes("<script"));
  });

  it("allows its own style sheet, by its hash, and nothing else", () => {
    const { html, policy } = renderPage(facts);
    const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    assert.match(policy, /^default-src 'none'; /);
    assert.ok(policy.includes(`style-src 'sha256-${hash}'`));
  });

  it("has another colour for another version, and the same for the same", () => {
    const hue = (version) => /--hue: (\d+)/.exec(renderPage({ ...facts, version }).html)?.[1];
    assert.equal(hue("v1.0.0"), hue("v1.0.0"));
    assert.notEqual(hue("v1.0.0"), hue("v1.1.0"));
  });
});
