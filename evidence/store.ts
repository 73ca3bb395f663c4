/** Where evidence and records are kept: keys are paths with `/`, objects are written once and never again. */
export interface EvidenceStore {
  /** The location as it was given, for messages. */
  url: string;
  /** Every key below a prefix, which ends in `/`. @throws EvidenceError where it cannot be read */
  list(prefix: string): Promise<string[]>;
  /**
   * @returns undefined where there is no such object
   * @throws ObjectError where this object is bigger than {@link largestObject}, or no regular file
   * @throws EvidenceError where the store cannot be read
   */
  read(key: string): Promise<Buffer | undefined>;
  /** Writes an object that does not exist yet, whole or not at all. @returns false where the key is taken */
  create(key: string, content: Buffer): Promise<boolean>;
}

/** 16 MiB: coverage of 50,000 files, the biggest result there is, takes less. */
export const largestObject = 16 * 1024 * 1024;

const part = "[A-Za-z0-9][A-Za-z0-9._-]{0,254}";
const keyPattern = new RegExp(`^${part}(?:/${part})*$`);

/**
 * A key goes into paths and URLs as it is, so nothing else than names is one: no `..`, no empty part, no escape.
 *
 * @throws RangeError where it is none; only a defect asks for such a key
 */
export function checkKey(key: string): string {
  if (!keyPattern.test(key)) throw new RangeError(`not a key of evidence: ${JSON.stringify(key)}`);
  return key;
}
