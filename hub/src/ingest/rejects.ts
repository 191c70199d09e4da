/** Messages that were not taken, kept so that a maker can see them: refused ones, and those nobody knows. */
import type { RawMessage } from "@faiban/device-drivers";
import type { Rejection } from "../model.ts";

/** Messages of one kind of topic that no driver takes, or that a driver sets aside. */
export interface UnknownTopic {
  pattern: string;
  count: number;
  lastTopic: string;
  lastPayload: string;
  lastTimeMs: number;
  /** A driver knows these messages and sets them aside. */
  isKnown: boolean;
  reason: string;
}

const mostRejections = 200;
const mostPatterns = 500;
const shownCharacters = 2_000;

/** The last refused messages of all meters, newest last. */
export function createRejections() {
  const list: Rejection[] = [];
  return {
    add(rejection: Rejection): void {
      list.push(rejection);
      if (list.length > mostRejections) list.shift();
    },
    list: (): readonly Rejection[] => list,
  };
}

/** Counts messages by pattern of topic; the patterns heard longest ago make room for new ones. */
export function createUnknownTopics() {
  const byPattern = new Map<string, UnknownTopic>();
  return {
    add(message: RawMessage, why: Pick<UnknownTopic, "isKnown" | "reason">, timeMs: number): void {
      const pattern = topicPattern(message.levels);
      const key = `${why.reason}\n${pattern}`;
      const known = byPattern.get(key);
      byPattern.delete(key); // to the end: newest last
      byPattern.set(key, {
        pattern,
        count: (known?.count ?? 0) + 1,
        lastTopic: message.topic,
        lastPayload: shownPayload(message),
        lastTimeMs: timeMs,
        ...why,
      });
      if (byPattern.size > mostPatterns) byPattern.delete(byPattern.keys().next().value as string);
    },
    list: (): UnknownTopic[] => [...byPattern.values()].sort((a, b) => b.lastTimeMs - a.lastTimeMs),
  };
}

/** The payload for people: the start of its text, or base64 when it is not text. */
export function shownPayload(message: RawMessage): string {
  if (message.text() === undefined) {
    return `base64:${Buffer.from(message.payload.subarray(0, (shownCharacters * 3) / 4)).toString("base64")}`;
  }
  // Decoded anew from the first bytes: a slice of the message's text would keep all of it in memory.
  const start = Buffer.from(message.payload.subarray(0, shownCharacters * 4)).toString("utf8");
  return start.slice(0, shownCharacters);
}

/** "shellies/plug-A1B2C3/relay/0" becomes "shellies/+/relay/+": levels with a number or an id are one kind. */
function topicPattern(levels: readonly string[]): string {
  return levels.map((level) => (/\d/.test(level) ? "+" : level)).join("/");
}
