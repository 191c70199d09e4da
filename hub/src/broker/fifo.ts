/** A queue that gives up its first without moving the rest. */
export type Fifo<T> = ReturnType<typeof createFifo<T>>;

const mostGone = 1_024;

/** Makes an empty queue. */
export function createFifo<T>() {
  let items: (T | undefined)[] = [];
  let first = 0;

  return {
    length: () => items.length - first,
    push: (item: T) => void items.push(item),
    shift(): T | undefined {
      const item = items[first];
      if (first < items.length) items[first++] = undefined;
      if (first === items.length || first > mostGone) {
        items = items.slice(first);
        first = 0;
      }
      return item;
    },
    /** Puts these in front of the others. */
    putBack(front: readonly T[]): void {
      items = [...front, ...items.slice(first)];
      first = 0;
    },
    /** Leaves out some. */
    keep(isKept: (item: T) => boolean): void {
      items = (items.slice(first) as T[]).filter(isKept);
      first = 0;
    },
    /** From the first to the last. */
    all: () => items.slice(first) as T[],
  };
}
