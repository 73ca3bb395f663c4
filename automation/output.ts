import { styleText } from "node:util";
import { errorLines } from "./errors.ts";

type Style = Parameters<typeof styleText>[0];

/** Where a command writes: data on stdout, everything that is meant for eyes on stderr. */
export interface Output {
  /** One line of data. */
  data(line: string): void;
  /** One JSON document of data. */
  json(value: unknown): void;
  /** One line for the reader. */
  say(line: string): void;
  warn(line: string): void;
  fail(error: unknown): void;
  /** Colours only where stderr is a terminal and NO_COLOR is not set. */
  paint(style: Style, text: string): string;
}

interface Stream {
  write(text: string): unknown;
  isTTY?: boolean;
}

export interface OutputArgs {
  /** @default process.stdout */
  stdout?: Stream;
  /** @default process.stderr */
  stderr?: Stream;
  /** @default process.env */
  env?: Readonly<Record<string, string | undefined>>;
}

/** Whether text on this stream may hold colour codes. https://no-color.org: any non-empty value switches them off. */
export function mayColour(stream: { isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

/**
 * @example
 * const output = createOutput();
 * output.say("waiting for the lock");
 */
export function createOutput(args: OutputArgs = {}): Output {
  const stdout = args.stdout ?? process.stdout;
  const stderr = args.stderr ?? process.stderr;
  const colour = mayColour(stderr, args.env ?? process.env);
  const paint = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const say = (line: string) => void stderr.write(`${line}\n`);
  return {
    data: (line) => void stdout.write(`${line}\n`),
    // GitHub's runner would obey `##[command]` in the middle of a line, whoever wrote it; to readers of JSON it is the same.
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2).replaceAll("##[", "##\\u005b")}\n`),
    say,
    warn: (line) => say(`${paint("yellow", "warning:")} ${line}`),
    fail: (error) => {
      const [first = "", ...rest] = errorLines(error);
      say(first.replace(/^error:/, paint("red", "error:")));
      for (const line of rest) say(line);
    },
    paint,
  };
}
