import { createSignal, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";

export interface RemoteOptions {
  /** Reads again this often while the page is visible. */
  everyMs?: number;
  /** What identifies an item of a list, so that its row stays in place; `id` when not given. */
  key?: string;
}

/** Something that the hub holds, as last read. */
export interface Remote<T> {
  /** Undefined until it was read for the first time. */
  value(): T | undefined;
  /** Why the last reading failed; null when it did not. */
  error(): unknown;
  reload(): Promise<void>;
  /** Takes over what a change answered, without reading again. */
  set(value: T): void;
}

/** Reads at once, keeps what was read while it reads again, and lets no older answer overwrite a newer one. */
export function createRemote<T extends object>(read: () => Promise<T>, options: RemoteOptions = {}): Remote<T> {
  const [state, setState] = createStore<{ value: T | undefined }>({ value: undefined });
  const [error, setError] = createSignal<unknown>(null);
  let newest = 0;
  let reading = 0;
  let isOpen = true;

  function set(value: T): void {
    newest++;
    setState("value", reconcile(value, { key: options.key ?? "id" }) as never);
  }

  async function reload(): Promise<void> {
    const turn = ++newest;
    reading++;
    try {
      const value = await read();
      if (!isOpen || turn !== newest) return;
      set(value);
      setError(null);
    } catch (reason) {
      if (isOpen && turn === newest) setError(reason);
    } finally {
      reading--;
    }
  }

  void reload();
  if (options.everyMs) {
    const timer = setInterval(() => {
      if (!document.hidden && reading === 0) void reload();
    }, options.everyMs);
    onCleanup(() => clearInterval(timer));
  }
  onCleanup(() => {
    isOpen = false;
  });
  return { value: () => state.value, error, reload, set };
}
