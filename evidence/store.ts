/** Where evidence and records are kept: keys are paths with `/`, objects are written once and never again. */
export interface EvidenceStore {
  /** The location as it was given, for messages. */
  url: string;
  /** Every key below a prefix, which ends in `/`. @throws EvidenceError where it cannot be read */
  list(prefix: string): Promise<string[]>;
  /** @returns undefined where there is no such object. @throws EvidenceError where it cannot be read */
  read(key: string): Promise<Buffer | undefined>;
  /** Writes an object that does not exist yet, whole or not at all. @returns false where the key is taken */
  create(key: string, content: Buffer): Promise<boolean>;
}
