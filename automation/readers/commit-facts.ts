/** What one commit says of its people and of its kind. Pure. */

/** The types that commitlint's conventional configuration knows. Another one says nothing of what a change does. */
const knownTypes = new Set("build chore ci docs feat fix perf refactor revert style test".split(" "));

/** RFC 5321: 64 characters, @ and 255. */
const longestAddress = 320;

export interface CommitFacts {
  /** E-mail addresses, lower case: the author's and those of the co-authors. */
  authors: string[];
  committer: string;
  types: string[];
}

/**
 * Reads a commit: `feat`, `fix` and so on, `breaking` for `!` or a footer that says so, `other` for a first line that is no
 * conventional one or has a type of its own, which is named beside it.
 *
 * @returns undefined where an author or committer has no e-mail address that can be one: it cannot be told whose work it is
 * @example
 * factsOf({ author: "Ada@x.org", committer: "ada@x.org", message: "feat(api)!: drop v1" })
 * // { authors: ["ada@x.org"], committer: "ada@x.org", types: ["feat", "breaking"] }
 */
export function factsOf(commit: { author: string; committer: string; message: string }): CommitFacts | undefined {
  const authors = [commit.author, ...coAuthors(commit.message)].map(address);
  const committer = address(commit.committer);
  if (committer === undefined || authors.includes(undefined)) return undefined;
  return { authors: authors as string[], committer, types: typesOf(commit.message) };
}

/** Anywhere in the message: GitHub takes them from the last paragraph only, but who is named anywhere took part. */
function coAuthors(message: string): string[] {
  return [...message.matchAll(/^[ \t]*co-authored-by:(.*)$/gim)].map(
    ([, value = ""]) => value.match(/<([^<>]*)>/)?.[1] ?? value,
  );
}

function address(text: string): string | undefined {
  const clean = text.trim().toLowerCase();
  return clean === "" || clean.length > longestAddress ? undefined : clean;
}

/** https://www.conventionalcommits.org/en/v1.0.0/#specification */
function typesOf(message: string): string[] {
  const [, type, bang] = /^([A-Za-z][A-Za-z0-9-]{0,31})(?:\([^()\r\n]+\))?(!)?: +\S/.exec(message.trimStart()) ?? [];
  const known = type?.toLowerCase();
  const breaking = bang !== undefined || /^BREAKING[ -]CHANGE: +\S/m.test(message);
  return [
    ...(known === undefined ? [] : [known]),
    ...(known !== undefined && knownTypes.has(known) ? [] : ["other"]),
    ...(breaking ? ["breaking"] : []),
  ];
}
