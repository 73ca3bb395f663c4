/** Reads the part of the Dockerfile language that needs no container engine. Whatever else stands there is refused. */
import { DockerfileParser, type Instruction, type ModifiableInstruction } from "dockerfile-ast";
import { ImageError } from "./image-error.ts";

/** One instruction, its continuation lines joined. */
export interface DockerfileLine {
  readonly keyword: string;
  readonly text: string;
  /** Where it starts, counted from 1. */
  readonly line: number;
  /** `--from` and the like. */
  readonly flags: readonly string[];
}

export interface ParsedDockerfile {
  readonly lines: readonly DockerfileLine[];
  /** The character that escapes, `\` unless a directive names another. */
  readonly escapeWith: string;
}

const SUBSET = ["FROM", "ARG", "ENV", "LABEL", "WORKDIR", "COPY", "USER", "EXPOSE", "ENTRYPOINT", "CMD"];
const REMEDY = "Build it with --builder docker, or keep to what needs no container engine";

/**
 * Parses a Dockerfile and refuses what cannot be done without a container engine, every such line at once.
 *
 * @throws {ImageError} `usage`, naming each line
 * @example
 * parseDockerfile("FROM scratch\nCOPY a /a\n").lines.map((line) => line.keyword); // ["FROM", "COPY"]
 */
export function parseDockerfile(text: string): ParsedDockerfile {
  const dockerfile = DockerfileParser.parse(text);
  const escapeWith = dockerfile.getEscapeCharacter();
  const lines = dockerfile.getInstructions().map((instruction) => joinLine(instruction, escapeWith));
  const problems = lines.flatMap((line, index) => problemOf(line, lines.slice(0, index)));
  const froms = lines.filter((line) => line.keyword === "FROM").length;
  if (froms === 0) problems.push("there is no FROM");
  if (problems.length > 0) {
    throw new ImageError("usage", `Dockerfile: ${problems.join("; ")}`, {
      hint: `${REMEDY}: one FROM, and ${SUBSET.slice(1).join(", ")}`,
    });
  }
  return { lines, escapeWith };
}

/** The library's own joined text keeps comments between continuation lines, and its JSON strings lose blanks. */
function joinLine(instruction: Instruction, escapeWith: string): DockerfileLine {
  const raw = (instruction.getRawArgumentsContent() ?? "").split(/\r?\n/);
  const kept = raw.filter((line, index) => index === 0 || !/^\s*(?:#|$)/.test(line));
  const text = kept
    .map((line) => {
      const trimmed = line.trimEnd();
      return trimmed.endsWith(escapeWith) ? trimmed.slice(0, -1) : line;
    })
    .join("")
    .trim();
  const flags = "getFlags" in instruction ? (instruction as ModifiableInstruction).getFlags() : [];
  return {
    keyword: instruction.getKeyword(),
    text,
    line: instruction.getRange().start.line + 1,
    flags: flags.map((flag) => `--${flag.getName()}`),
  };
}

function problemOf({ keyword, text, line, flags }: DockerfileLine, before: readonly DockerfileLine[]): string[] {
  const hasFrom = before.some((earlier) => earlier.keyword === "FROM");
  if (!SUBSET.includes(keyword)) return [`line ${line}: ${keyword} is not understood without a container engine`];
  if (text === "") return [`line ${line}: ${keyword} has no argument`];
  if (keyword === "FROM" && hasFrom) return [`line ${line}: a second FROM (several stages) is not understood`];
  if (keyword !== "FROM" && keyword !== "ARG" && !hasFrom) return [`line ${line}: ${keyword} stands before FROM`];
  if (flags.length > 0) return [`line ${line}: the flag ${flags.join(" ")} of ${keyword} is not understood`];
  if (keyword === "COPY" && /(?:^|[\s"])<</.test(text)) {
    return [`line ${line}: a here-document in COPY is not understood`];
  }
  return [];
}
