/** Verdicts as Markdown for a pull request's comment or a job's summary. Everything in it may be written by a stranger. */
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

/** GitHub takes comments of up to 65,536 characters; bytes are the narrower measure. */
const limit = 64 * 1024;
/** Room for what is said about rows that were left out. */
const reserve = 1024;
const cellLength = 240;

/**
 * Text that Markdown shows as it is: no markup, link, image, mention or reference comes of it. In `<code>` GitHub looks
 * for none; characters that mean something to Markdown are written as numbers, so that they also end no cell and no tag.
 *
 * @example
 * markdownText("@team | <img>") // "<code>&#64;team &#124; &#60;img&#62;</code>"
 */
export function markdownText(text: string, length = cellLength): string {
  const safe = plain(text, length).replaceAll(
    /[^\p{L}\p{N} ,%().=+;-]|(?<=w)\./giu,
    (character) => `&#${character.codePointAt(0)};`,
  );
  return safe === "" ? "" : `<code>${safe}</code>`;
}

/**
 * At most 64 KB: where gates do not fit, those that pass are left out first, and it says how many are.
 *
 * @example
 * output.data(markdownReport(report));
 */
export function markdownReport(report: GateReport): string {
  const { stack, environment, images } = report;
  const word = isAllowed(report) ? "allowed" : "refused";
  const lenient = report.strictness === "mandatory" ? "" : ` (${report.strictness})`;
  const page = new Page(limit - reserve);
  page.add(
    `### Quality gates: ${word}${lenient}`,
    "",
    `Stack ${markdownText(stack)}, environment ${markdownText(environment)}.`,
  );
  if (images.length === 0) page.add("", "It would run no image.");
  for (const image of images) addImage(page, image);
  if (page.left > 0) page.end("", `${page.left} lines more: <code>sluice gate check</code> prints all of them.`);
  return page.text;
}

function addImage(page: Page, image: JudgedImage): void {
  const { verdict } = image;
  page.add("", `${markdownText(imageName(image) + placeOf(image))}: ${summaryOf(image)}.`);
  for (const notice of verdict.notices) page.add("", `**Attention:** ${markdownText(notice)}`);
  const ordered = inOrder(verdict.gates);
  const loud = ordered.filter(({ passed, reason }) => !passed || reason === "waived");
  const quiet = ordered.filter((gate) => !loud.includes(gate));
  if (loud.length > 0) {
    const head = ["", "| gate | status | needed | found | to mend it |", "|---|---|---|---|---|"];
    page.table(
      head,
      loud.map((gate) => row([...cells(gate), gate.passed ? "" : (gate.remedy ?? "")])),
    );
  }
  if (quiet.length > 0) {
    const head = [
      "",
      `<details><summary>${quiet.length} ${quiet.length === 1 ? "gate holds" : "gates hold"}</summary>`,
      "",
      "| gate | status | needed | found |",
      "|---|---|---|---|",
    ];
    page.table(
      head,
      quiet.map((gate) => row(cells(gate))),
      ["", "</details>"],
    );
  }
}

const cells = (gate: GateVerdict): string[] => [gate.gate, statusOf(gate), gate.needed, gate.found];
const row = (texts: readonly string[]): string => `| ${texts.map((text) => markdownText(text)).join(" | ")} |`;

/** Lines up to a number of bytes; what does not fit is counted. */
class Page {
  readonly #lines: string[] = [];
  readonly #bytes: number;
  #used = 0;
  left = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** All of the lines or none. */
  add(...lines: string[]): boolean {
    const size = sizeOf(lines);
    if (this.#used + size > this.#bytes) {
      this.left += lines.filter((line) => line !== "").length;
      return false;
    }
    this.end(...lines);
    return true;
  }

  /** A head, as many rows as fit, and an end that always follows its head. */
  table(head: readonly string[], rows: readonly string[], tail: readonly string[] = []): void {
    const room = this.#bytes - this.#used - sizeOf(head) - sizeOf(tail);
    let size = 0;
    const fitting = rows.filter((line) => {
      size += sizeOf([line]);
      return size <= room;
    });
    this.left += rows.length - fitting.length;
    if (fitting.length > 0) this.end(...head, ...fitting, ...tail);
  }

  /** Lines that stand there in any case. */
  end(...lines: string[]): void {
    this.#used += sizeOf(lines);
    this.#lines.push(...lines);
  }

  get text(): string {
    return this.#lines.join("\n");
  }
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
}
