/** Runs `work` while holding the lock. A second process waits. */
export function withLock<T>(file: string, work: () => Promise<T>, onWait?: (ownerPid: number) => void): Promise<T>;
