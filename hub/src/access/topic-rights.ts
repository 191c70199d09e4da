/** What a client may publish and read, by who it is. */
import { isAnnouncement, type Place, placeOf } from "./places.ts";

/** What the broker asks about every topic and filter of a client. */
export interface Rights {
  mayPublish(topic: string, retain: boolean): boolean;
  maySubscribe(filter: string): boolean;
  /** Of a message that one of its filters matches. */
  mayRead(topic: string): boolean;
  /** Its messages are shown to the hub, and go nowhere. */
  readonly isMuted?: boolean;
}

export interface DeviceRightsOptions {
  deviceId: string;
  /** Who owns a place, null when nobody does. */
  ownerOf(place: string): string | null;
  /** Makes the device the owner of a place that nobody owns; false when it owns too many. */
  claim(place: string): boolean;
}

/** A device: publishes at its own places, reads what is sent to it there. */
export function deviceRights({ deviceId, ownerOf, claim }: DeviceRightsOptions): Rights {
  const isOwn = (place: Place) => (ownerOf(place.key) ?? (claim(place.key) ? deviceId : null)) === deviceId;
  return {
    mayPublish(topic) {
      if (isAnnouncement(topic)) return true;
      const place = placeOf(topic);
      return isPlace(place) && place.direction === "up" && isOwn(place);
    },
    maySubscribe(filter) {
      const place = placeOfFilter(filter);
      return place === "group" || (isPlace(place) && isOwn(place));
    },
    mayRead(topic) {
      const place = placeOf(topic);
      return place === "group" || (isPlace(place) && ownerOf(place.key) === deviceId);
    },
  };
}

/** A person, or a program with a person's token: reads what the devices of the home say, writes nothing. */
export function readerRights(homeId: string): Rights {
  const isForeign = (topic: string) => (/^home\/([^/+#]+)/.exec(topic)?.[1] ?? homeId) !== homeId;
  return {
    mayPublish: () => false,
    maySubscribe: (filter) => !filter.startsWith("$") && !isForeign(filter),
    mayRead: (topic) => !topic.startsWith("$") && !isForeign(topic),
  };
}

/** A device that waits for approval: what it says is shown, and goes nowhere; it hears nothing. */
export const pendingRights: Rights = {
  mayPublish: () => true,
  maySubscribe: () => true,
  mayRead: () => false,
  isMuted: true,
};

/** Programs on the hub before it is claimed, and conformance suites on loopback. */
export const allRights: Rights = {
  mayPublish: () => true,
  maySubscribe: () => true,
  mayRead: () => true,
};

/** `allRights`, for conformance suites, which look for a topic that is refused. */
export const suiteRights: Rights = { ...allRights, maySubscribe: (filter) => filter !== "test/nosubscribe" };

function isPlace(place: ReturnType<typeof placeOf>): place is Place {
  return place !== null && typeof place === "object";
}

/** The place that all topics of a filter are at; null when its wildcards may stand for several. */
function placeOfFilter(filter: string): ReturnType<typeof placeOf> {
  const place = placeOf(filter);
  if (!isPlace(place)) return place;
  return /[+#]/.test(place.key) ? null : place;
}
