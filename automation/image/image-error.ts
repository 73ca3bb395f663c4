/** What went wrong with an image, so that a caller can choose an exit code without reading the message. */
export type ImageErrorKind =
  /** An argument or a Dockerfile that cannot be right, whatever the registry says. */
  | "usage"
  /** The build context could not be turned into an image. */
  | "build"
  /** The registry refused the credentials, or wants some. */
  | "auth"
  /** The tag names other content already. */
  | "tag-taken"
  /** A manifest or blob that should be there is not. */
  | "not-found"
  /** The registry could not be reached, or failed, also after retries. */
  | "registry";

const EXIT_CODES: Record<ImageErrorKind, number> = {
  usage: 2,
  build: 1,
  auth: 3,
  "tag-taken": 1,
  "not-found": 1,
  registry: 1,
};

/**
 * An error about an image, worded for the person who ran the command: what, where, and how to mend it.
 *
 * @example
 * throw new ImageError("usage", 'tag "a b" is not a tag', { hint: "use letters, digits, . _ -" });
 */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly kind: ImageErrorKind;

  /** @param options.hint what to do about it; stands behind the message */
  constructor(kind: ImageErrorKind, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(options.hint ? `${message}. ${options.hint}` : message, { cause: options.cause });
    this.kind = kind;
  }

  /** The command's exit code: 2 usage, 3 authentication, 1 anything else. */
  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }
}
