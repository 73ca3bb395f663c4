/** A Dockerfile's words: quotes, escapes and variables, as the Dockerfile reference defines them. */

const VARIABLE = /^(?:(?<plain>\w+)|\{(?<braced>\w+)(?:(?<operator>:[-+])(?<word>[^}]*))?\})/;

/** Thrown for a form that is not understood; the caller knows the line. */
export class WordError extends Error {
  override readonly name = "WordError";
}

/**
 * Unquotes a word and puts the values of its variables in: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`. Single
 * quotes keep everything as it is; an unknown variable is empty, as with docker.
 *
 * @param escapeWith the Dockerfile's escape character, `\` or the one that its directive names
 * @throws {WordError} on an open quote, or a variable's form that is not one of the above
 * @example
 * expandWord('"$HOME/bin"', { HOME: "/root" }, "\\"); // "/root/bin"
 */
export function expandWord(word: string, variables: Readonly<Record<string, string>>, escapeWith: string): string {
  let result = "";
  let quote = "";
  let index = 0;
  while (index < word.length) {
    const character = word[index] as string;
    if (character === quote) {
      quote = "";
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
    } else if (character === escapeWith && quote !== "'" && index + 1 < word.length) {
      index += 1;
      // Within double quotes only these need an escape: any other keeps its backslash.
      const plain = quote === '"' && !`"$${escapeWith}`.includes(word[index] as string);
      result += plain ? `${escapeWith}${word[index]}` : word[index];
    } else if (character === "$" && quote !== "'") {
      const { value, length } = expandVariable(word.slice(index + 1), variables, escapeWith);
      result += value;
      index += length;
    } else {
      result += character;
    }
    index += 1;
  }
  if (quote !== "") throw new WordError(`the quote ${quote} is never closed`);
  return result;
}

function expandVariable(rest: string, variables: Readonly<Record<string, string>>, escapeWith: string) {
  const match = VARIABLE.exec(rest);
  if (!match?.groups) {
    if (rest.startsWith("{")) throw new WordError(`the variable $${rest} is of a form that is not understood`);
    return { value: "$", length: 0 };
  }
  const { plain, braced, operator, word = "" } = match.groups;
  const name = (plain ?? braced) as string;
  const current = Object.hasOwn(variables, name) ? (variables[name] as string) : "";
  const length = match[0].length;
  if (operator === ":-") return { value: current === "" ? expandWord(word, variables, escapeWith) : current, length };
  if (operator === ":+") return { value: current === "" ? "" : expandWord(word, variables, escapeWith), length };
  return { value: current, length };
}

/**
 * Splits an instruction's arguments at blanks that stand outside quotes; quotes and escapes stay, for `expandWord`.
 *
 * @example
 * splitWords('A="b c" D=e', "\\"); // ['A="b c"', "D=e"]
 */
export function splitWords(text: string, escapeWith: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string;
    if (quote === "" && /\s/.test(character)) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    word += character;
    if (character === escapeWith && quote !== "'" && index + 1 < text.length) {
      index += 1;
      word += text[index];
    } else if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
  }
  return word === "" ? words : [...words, word];
}
