import { createSignal } from "solid-js";
import { inWords } from "./api.ts";

/** Something that a person asked for: whether it is under way, and how it failed. */
export interface Action<A extends unknown[]> {
  busy(): boolean;
  failure(): unknown;
  /** The failure in words; null while there is none. */
  error(): string | null;
  /** Runs it unless it runs already; answers whether it went well. */
  run(...args: A): Promise<boolean>;
  clear(): void;
}

/** An action that runs once at a time, so that a second tap does nothing. */
export function createAction<A extends unknown[]>(work: (...args: A) => Promise<void>): Action<A> {
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  return {
    busy,
    failure,
    error: () => (failure() === null ? null : inWords(failure())),
    async run(...args) {
      if (busy()) return false;
      setBusy(true);
      setFailure(null);
      try {
        await work(...args);
        return true;
      } catch (reason) {
        setFailure(reason);
        return false;
      } finally {
        setBusy(false);
      }
    },
    clear: () => setFailure(null),
  };
}
