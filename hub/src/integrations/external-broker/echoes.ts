/**
 * Messages that reach the hub twice, as when a broker that the hub listens on is bridged to the hub's own. A meter's own
 * time would tell: readings of one time count once. Those that are stamped on arrival would count twice.
 */
import { createHash } from "node:crypto";

/** A bridge passes a message on at once; the slower of two ways is seldom a second behind. */
const windowMs = 2_000;
/** Deliveries remembered, of all brokers: ten thousand messages a second, about 3 MB. */
const most = 20_000;
/** A client that publishes one and the same thing all the time fills no more than this of a window. */
const mostAlike = 100;

interface Delivery {
  key: string;
  timeMs: number;
  /** The brokers that have brought it. */
  sources: string[];
}

export type Echoes = ReturnType<typeof createEchoes>;

/** Makes an empty memory of deliveries. Times are of any steady clock. */
export function createEchoes() {
  const byKey = new Map<string, Delivery[]>();
  let oldestFirst: Delivery[] = [];
  let begin = 0;

  function forget(nowMs: number): void {
    for (; begin < oldestFirst.length; begin++) {
      const oldest = oldestFirst[begin] as Delivery;
      if (nowMs - oldest.timeMs < windowMs && oldestFirst.length - begin <= most) break;
      const alike = byKey.get(oldest.key) ?? [];
      alike.shift();
      if (alike.length === 0) byKey.delete(oldest.key);
    }
    if (begin <= most) return;
    oldestFirst = oldestFirst.slice(begin);
    begin = 0;
  }

  return {
    /**
     * Whether another source has just brought the message, and this one has not: the same message on another way. Two of
     * one source are two messages, however alike.
     */
    isEcho(source: string, topic: string, payload: Uint8Array, nowMs: number): boolean {
      forget(nowMs);
      const key = keyOf(topic, payload);
      const alike = byKey.get(key);
      const same = alike?.find(({ sources }) => !sources.includes(source));
      if (same) {
        same.sources.push(source);
        return true;
      }
      if (alike && alike.length >= mostAlike) return false;
      const delivery = { key, timeMs: nowMs, sources: [source] };
      if (alike) alike.push(delivery);
      else byKey.set(key, [delivery]);
      oldestFirst.push(delivery);
      return false;
    },
    /** Deliveries in memory. */
    size: () => oldestFirst.length - begin,
  };
}

/** Topics have no zero byte [MQTT-1.5.4-2]. */
function keyOf(topic: string, payload: Uint8Array): string {
  return createHash("sha256").update(topic).update("\0").update(payload).digest("base64");
}
