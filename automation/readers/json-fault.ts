/** Where JSON is broken: V8 says it for some faults only. */

const blank = /[ \t\r\n]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** What may come next: `item` and `field` are those right after a bracket, where the other bracket may come, too. */
type Next = "value" | "item" | "key" | "field" | "colon" | "end";

/**
 * Finds the first character of a text that cannot stand where it stands.
 *
 * @param text for which JSON.parse threw
 * @returns its index; the text's length where the text ends too early
 * @example
 * jsonFault('{"a":x}') // 5
 */
export function jsonFault(text: string): number {
  const brackets: string[] = [];
  let next: Next = "value";
  let index = 0;
  for (;;) {
    index = endOf(blank, text, index) ?? index;
    const mark = text[index];
    const opening = mark === "{" || mark === "[";
    if (mark === undefined) return text.length;
    if ((next === "end" || next === "item" || next === "field") && mark === brackets.at(-1)) {
      brackets.pop();
      next = "end";
    } else if (next === "colon" || next === "end") {
      if (mark !== (next === "colon" ? ":" : ",") || (next === "end" && brackets.length === 0)) return index;
      next = next === "end" && brackets.at(-1) === "}" ? "key" : "value";
    } else if (opening && next !== "key" && next !== "field") {
      brackets.push(mark === "{" ? "}" : "]");
      next = mark === "{" ? "field" : "item";
    } else {
      const isKey: boolean = next === "key" || next === "field";
      const end = mark === '"' ? endOfString(text, index) + 1 : isKey ? undefined : endOf(scalar, text, index);
      if (end === undefined || (mark === '"' && end <= text.length && !isString(text.slice(index, end)))) return index;
      next = isKey ? "colon" : "end";
      index = end - 1;
    }
    index += 1;
  }
}

/** @returns where the closing quote of the string stands that opens at `start`; the text's length where it has none */
export function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === '"') return index;
  }
  return text.length;
}

function endOf(pattern: RegExp, text: string, index: number): number | undefined {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function isString(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
