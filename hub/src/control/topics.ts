/** Where commands may go: to the device's own place, and nowhere else. */
import { placeOf } from "../access/places.ts";
import type { Channel, Meter } from "../model.ts";

/**
 * Whether a command to the meter may go to the topic. A device describes its own topics, so that one could else have the
 * hub switch another. `ownerOf` is the device that owns a place, null when nobody does.
 */
export function isOwnTopic(meter: Meter, topic: string, ownerOf: (place: string) => string | null): boolean {
  if (/[+#\0]/.test(topic)) return false;
  const place = placeOf(topic);
  return place !== null && typeof place === "object" && ownerOf(place.key) === meter.deviceId;
}

/** A device tells its relay's state on so many topics at most; more are of a FullTopic that was changed. */
const mostTopics = 4;

/** Where the states of relays were last heard, the latest first. Nothing is stored: after a restart they are heard again. */
export function createHeardTopics() {
  const byChannel = new WeakMap<Channel, string[]>();
  return {
    note(channel: Channel, topic: string): void {
      const topics = byChannel.get(channel) ?? [];
      if (topics[0] === topic) return;
      byChannel.set(channel, [topic, ...topics.filter((one) => one !== topic)].slice(0, mostTopics));
    },
    of: (channel: Channel): readonly string[] => byChannel.get(channel) ?? [],
  };
}
