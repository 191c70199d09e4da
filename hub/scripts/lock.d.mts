export interface HeldLock {
  alsoHeldBy(pid: number): void;
}
export function withLock<T>(
  file: string,
  work: (lock: HeldLock) => Promise<T>,
  options?: { waitLimitMs?: number; onWait?: () => void },
): Promise<T>;
export function identify(pid: number): string;
export function isRunning(holder: string): boolean;
