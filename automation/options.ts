/** What the command line gave, checked: all mistakes are told at once. */
import { configurationError } from "./errors.ts";
import type { Overrides, ReleaseOverride } from "./run-config.ts";

export type RawOptions = Readonly<Record<string, string | boolean | undefined>>;

/** Options that several commands share. */
export interface CommonOptions {
  stack: string | undefined;
  sandbox: boolean;
  json: boolean;
  yes: boolean;
  create: boolean;
  /** Seconds. */
  lockTimeout: number | undefined;
  /** Seconds. */
  timeout: number | undefined;
}

/** OCI distribution specification, "Pulling manifests". */
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const tagRule = "1 to 128 of A-Z a-z 0-9 _ . -, not starting with . or -";

/** Collects mistakes, so that one run tells all of them. */
export class OptionReader {
  readonly #options: RawOptions;
  readonly #mistakes: string[] = [];

  constructor(options: RawOptions) {
    this.#options = options;
  }

  text(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === "string" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  number(name: string, lowest: number, highest: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= lowest && value <= highest) return value;
    this.mistake(`${flag(name)}: a whole number from ${lowest} to ${highest}; got ${JSON.stringify(text)}`);
    return undefined;
  }

  tag(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || tagPattern.test(value)) return value;
    this.mistake(`${flag(name)}: ${tagRule}; got ${JSON.stringify(value)}`);
    return undefined;
  }

  mistake(text: string): void {
    this.#mistakes.push(text);
  }

  /** @throws SluiceError (2) with every mistake */
  done(): void {
    if (this.#mistakes.length === 0) return;
    throw configurationError(`wrong ${this.#mistakes.length === 1 ? "option" : "options"}`, {
      details: this.#mistakes,
    });
  }
}

/** `imageTag` is `--image-tag`. */
function flag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Longest time that can be asked for: a day, in seconds. */
const day = 86_400;

/** Reads what is common; mistakes are collected, not thrown: call `done` when all is read. */
export function commonOptions(reader: OptionReader): CommonOptions {
  return {
    stack: reader.text("stack"),
    sandbox: reader.flag("sandbox"),
    json: reader.flag("json"),
    yes: reader.flag("yes"),
    create: reader.flag("create"),
    lockTimeout: reader.number("lockTimeout", 0, day),
    timeout: reader.number("timeout", 1, day),
  };
}

/**
 * The release that the command line names, for one service or for all.
 *
 * @example
 * releaseOverrides(new OptionReader({ imageTag: "v1.1.0" })) // { all: { imageTag: "v1.1.0" } }
 */
export function releaseOverrides(reader: OptionReader): Overrides {
  const [imageTag, candidate] = [reader.tag("imageTag"), reader.tag("candidate")];
  const weight = reader.number("weight", 0, 100);
  const service = reader.text("service");
  const gave = (name: string) => reader.text(name) !== undefined;
  if (gave("imageTag") && gave("candidate")) reader.mistake("--image-tag and --candidate: give one of them");
  if (gave("candidate") !== gave("weight")) reader.mistake("--candidate and --weight belong together; got one of them");
  if (gave("service") && !gave("imageTag") && !gave("candidate")) {
    reader.mistake("--service: needs --image-tag, or --candidate and --weight");
  }
  const override: ReleaseOverride = {
    ...(imageTag === undefined ? {} : { imageTag }),
    ...(candidate === undefined || weight === undefined ? {} : { candidate: { imageTag: candidate, weight } }),
  };
  if (Object.keys(override).length === 0) return {};
  return service === undefined ? { all: override } : { services: { [service]: override } };
}
