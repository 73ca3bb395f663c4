import { type AuditEntry, readAudit, verifyAudit } from "../../evidence/audit-log.ts";
import type { CommandModule, Invocation } from "../cli.ts";
import { configurationError, ExitCode } from "../errors.ts";
import { openPack, type Pack } from "../gates/pack.ts";
import { plain } from "../gates/plain.ts";
import { tableLines } from "../gates/table.ts";
import { OptionReader } from "../options.ts";
import { openTarget } from "../target.ts";

export const run: CommandModule["run"] = (invocation) =>
  invocation.command === "verify" ? verify(invocation) : show(invocation);

async function verify({ options, output }: Invocation): Promise<number> {
  const reader = new OptionReader(options);
  const head = reader.text("head");
  const { store } = await open(reader, output);
  const { entries, problems, head: last } = await verifyAudit(store, { head });
  const whole = problems.length === 0;
  if (reader.flag("json"))
    output.json({ log: store.url, whole, entries: entries.length, head: last ?? null, problems });
  else if (whole && last !== undefined) output.data(last);
  if (whole) {
    output.say(`${entries.length} ${entries.length === 1 ? "entry" : "entries"} in ${plain(store.url)}: whole`);
    if (last !== undefined)
      output.say("the line above is the head: keep it elsewhere, and give it as --head next time");
    return ExitCode.ok;
  }
  for (const { place, problem } of problems) output.say(`${plain(place)}: ${plain(problem)}`);
  output.fail(new Error(`the audit log in ${plain(store.url)} was tampered with: ${problems.length} places`));
  return ExitCode.resource;
}

async function show({ options, output }: Invocation): Promise<undefined> {
  const reader = new OptionReader(options);
  const since = time(reader);
  const limit = reader.number("limit", 1, 1_000_000);
  const action = reader.text("action");
  const { store } = await open(reader, output);
  const all = await readAudit(store);
  const actions = [...new Set(all.map((entry) => entry.action))].sort();
  if (action !== undefined && all.length > 0 && !actions.includes(action)) {
    throw configurationError(`the log has no entry about ${plain(action)}`, {
      remedy: `name one of: ${plain(actions.join(", "), 1000)}`,
    });
  }
  const entries = all.filter(
    (entry) => (action ?? entry.action) === entry.action && Date.parse(entry.at) >= (since ?? Number.NEGATIVE_INFINITY),
  );
  const shown = limit === undefined ? entries : entries.slice(-limit);
  if (reader.flag("json")) output.json(shown);
  else if (shown.length === 0) output.say("no entry");
  else for (const line of entryLines(shown)) output.data(line);
}

/**
 * @example
 * entryLines([entry]) // a head, and one line for the entry
 */
export function entryLines(entries: readonly AuditEntry[]): string[] {
  const rows = entries.map(({ sequence, at, actor, action, subject, details }) => {
    const more = Object.entries(details).map(([name, value]) => `${name}=${value}`);
    return [String(sequence), at, action, actor, subject, more.join(" ")].map((text) => shortened(plain(text)));
  });
  return tableLines(["number", "at", "action", "actor", "subject", "details"], rows);
}

/** Hashes are told in full by --json; here the lines would be wider than any screen. */
function shortened(text: string): string {
  return text.replace(/\b([0-9a-f]{12})(?:[0-9a-f]{28}|[0-9a-f]{52})\b/g, "$1");
}

function time(reader: OptionReader): number | undefined {
  const text = reader.text("since");
  if (text === undefined) return undefined;
  const form = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
  const value = form.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(value)) return value;
  reader.mistake(`--since: a date, or a time with its zone, e.g. 2026-11-21T08:00Z; got ${JSON.stringify(text)}`);
  return undefined;
}

async function open(reader: OptionReader, output: Invocation["output"]): Promise<Pack> {
  const [stack, sandbox] = [reader.text("stack"), reader.flag("sandbox")];
  reader.done();
  return openPack(await openTarget({ stack, sandbox, output, running: false }));
}
