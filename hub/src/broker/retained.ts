/** Retained messages: of each topic the newest, for those who subscribe later [section 3.3.1.3]. */
import type { Log } from "../log.ts";
import type { Limits } from "./limits.ts";
import { decodeRecord, encodeRecord, type Mirror } from "./mirror.ts";
import { hasWildcard, matcherOf } from "./text.ts";

export interface RetainedMessage {
  payload: Buffer;
  qos: 0 | 1 | 2;
}

export type Retained = Awaited<ReturnType<typeof openRetained>>;

const prefix = "retained:";
/** What a topic takes besides its bytes, about. */
const overheadBytes = 200;

export interface RetainedOptions {
  mirror: Mirror;
  log: Log;
  limits: Limits;
}

/** Reads what is stored. */
export async function openRetained({ mirror, log, limits }: RetainedOptions) {
  const messages = new Map<string, RetainedMessage>();
  let bytes = 0;
  let isFull = false;

  for await (const { key, value } of mirror.read(prefix)) {
    const record = decodeRecord<{ qos: 0 | 1 | 2 }>(value);
    const isKept = record && keep(key.slice(prefix.length), { qos: record.head.qos, payload: record.payload });
    if (!isKept) mirror.remove(key);
  }

  /** Takes a message, or an empty one as the order to forget the topic [MQTT-3.3.1-10]. The payload is copied. */
  function set(topic: string, { payload, qos }: { payload: Uint8Array; qos: 0 | 1 | 2 }): void {
    if (payload.length === 0) {
      if (!messages.has(topic)) return;
      forget(topic);
      mirror.remove(prefix + topic);
      return;
    }
    const message = { payload: Buffer.from(payload), qos };
    // A refused newer message must not leave the older one in its place.
    if (keep(topic, message)) mirror.put(prefix + topic, () => encodeRecord({ qos }, message.payload));
    else mirror.remove(prefix + topic);
  }

  /** False when there is no room for it; nothing is kept of the topic then. */
  function keep(topic: string, message: RetainedMessage): boolean {
    forget(topic);
    const size = sizeOf(topic, message);
    if (messages.size >= limits.maxRetained || bytes + size > limits.maxRetainedBytes) {
      if (!isFull) log.warn(`There are too many retained messages; that of ${topic} and others are not kept`);
      isFull = true;
      return false;
    }
    messages.set(topic, message);
    bytes += size;
    return true;
  }

  function forget(topic: string): void {
    const message = messages.get(topic);
    if (!message) return;
    messages.delete(topic);
    bytes -= sizeOf(topic, message);
    isFull = false;
  }

  /** The topics that match a filter and have a message. */
  function topicsOf(filter: string): string[] {
    if (!hasWildcard(filter)) return messages.has(filter) ? [filter] : [];
    return [...messages.keys().filter(matcherOf(filter))];
  }

  return { set, topicsOf, get: (topic: string) => messages.get(topic) };
}

function sizeOf(topic: string, { payload }: RetainedMessage): number {
  return 2 * topic.length + payload.length + overheadBytes;
}
