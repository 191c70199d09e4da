/**
 * Keeps the order of messages on their way through Level, whose writes run on several threads and end in any order: of
 * two retained messages in quick succession the older one could stay, and queued messages could overtake each other.
 */
import type { MessageStore, StoredPacket } from "aedes-persistence-level";

/** Makes a store write the newest retained message of a topic last, and finish queued messages in their order. */
export function keepOrder(store: MessageStore): void {
  store.storeRetained = newestLast(store.storeRetained.bind(store));
  store.outgoingEnqueueCombi = inOrder(store.outgoingEnqueueCombi.bind(store));
  store.outgoingUpdate = inOrder(updateOrResend(store.outgoingUpdate.bind(store)));
}

/**
 * A message that comes while its session is handed what was queued goes both ways. When it is acknowledged on the one,
 * it is gone from the queue on the other: at QoS 1 it may come twice, and Aedes must not end the connection for it.
 */
function updateOrResend(update: MessageStore["outgoingUpdate"]): MessageStore["outgoingUpdate"] {
  return async (client, packet) => {
    try {
      await update(client, packet);
    } catch (error) {
      if (packet.qos !== 1 || (error as Error).message !== "no such packet") throw error;
    }
  };
}

type Store = (packet: StoredPacket) => Promise<unknown>;

/** One write of a topic at a time; of those that come meanwhile only the newest is written, for all of them. */
function newestLast(store: Store): Store {
  const running = new Map<string, Promise<unknown>>();
  const next = new Map<string, { newest: StoredPacket; written: Promise<unknown> }>();

  function write(packet: StoredPacket): Promise<unknown> {
    const written = store(packet);
    running.set(packet.topic, written);
    const forget = () => {
      if (running.get(packet.topic) === written) running.delete(packet.topic);
    };
    written.then(forget, forget);
    return written;
  }

  return (packet) => {
    const { topic } = packet;
    const before = running.get(topic);
    if (!before) return write(packet);
    const waiting = next.get(topic);
    if (waiting) {
      waiting.newest = packet;
      return waiting.written;
    }
    const writeNewest = (): Promise<unknown> => {
      next.delete(topic);
      return write(one.newest);
    };
    const one = { newest: packet, written: before.then(writeNewest, writeNewest) };
    next.set(topic, one);
    return one.written;
  };
}

/** The calls run side by side, but none settles before those that were made before it. */
function inOrder<A extends unknown[], R>(call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  let before: Promise<unknown> = Promise.resolve();
  return (...args) => {
    const result = call(...args);
    result.catch(() => {}); // a failure is told when its turn comes
    const settled = before.then(() => result);
    before = settled.catch(() => {});
    return settled;
  };
}
