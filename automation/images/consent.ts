import { confirm } from "../confirm.ts";
import { configurationError } from "../errors.ts";

export interface ConsentArgs {
  /** How many images would go. */
  count: number;
  sandbox: boolean;
  yes: boolean;
  /** Whether there is somebody who can be asked. */
  terminal: boolean;
}

/**
 * What is deleted is gone: where nobody can be asked, it must be said beforehand.
 *
 * @throws SluiceError (2) where nobody can be asked, (8) where the answer is anything but yes
 */
export async function requireConsent({ count, sandbox, yes, terminal }: ConsentArgs): Promise<void> {
  if (yes || sandbox) return;
  if (!terminal) {
    throw configurationError(`${count} images would go, and nobody can be asked; nothing was deleted`, {
      remedy: "give --yes, or look first with --dry-run",
    });
  }
  await confirm(`delete ${count} images?`);
}

/**
 * Between a push and the update that names the image, nothing but its age keeps it.
 *
 * @throws SluiceError (2) for an age of nothing outside the sandbox
 */
export function requireAge(days: number, sandbox: boolean): void {
  if (sandbox || days > 0) return;
  throw configurationError("--older-than 0 would delete images that were pushed for the next update", {
    remedy: "give at least 1",
  });
}
