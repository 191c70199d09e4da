/** MQTT's strings [section 1.5.3], and the topics made of them [section 4.7]. */
import { ProtocolViolation } from "./violation.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/**
 * NUL must not be there [MQTT-1.5.3-2]. Control characters and non-characters should not; mosquitto refuses them too.
 * Nobody's topic needs them, and in logs and terminals they do harm.
 */
const unwanted = /\p{Cc}|\p{Noncharacter_Code_Point}/u;

/** As many levels as a topic may have; more are slow to look up and serve no home. */
export const mostTopicLevels = 100;

/** Reads a string; throws ProtocolViolation for malformed UTF-8 and for characters that are not accepted. */
export function decodeText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch {
    throw new ProtocolViolation("a string is no UTF-8"); // [MQTT-1.5.3-1]
  }
  if (unwanted.test(text)) throw new ProtocolViolation("a string has a character that is not accepted");
  return text;
}

/** How many levels a topic or a filter has. */
export function levelCount(topic: string): number {
  let levels = 1;
  for (let at = topic.indexOf("/"); at >= 0; at = topic.indexOf("/", at + 1)) levels++;
  return levels;
}

/** Throws ProtocolViolation unless a message may be published on the topic. */
export function checkTopicName(topic: string): void {
  if (topic === "") throw new ProtocolViolation("a topic is empty"); // [MQTT-4.7.3-1]
  if (/[#+]/.test(topic)) throw new ProtocolViolation("a topic has a wildcard"); // [MQTT-3.3.2-2]
  if (levelCount(topic) > mostTopicLevels) throw new ProtocolViolation("a topic has too many levels");
}

/** Throws ProtocolViolation unless the filter is well-formed [MQTT-4.7.1-2, MQTT-4.7.1-3]. */
export function checkTopicFilter(filter: string): void {
  if (filter === "") throw new ProtocolViolation("a topic filter is empty"); // [MQTT-4.7.3-1]
  if (!/[#+]/.test(filter)) return;
  const levels = filter.split("/");
  const isWellFormed = levels.every((level, at) => {
    if (level === "+") return true;
    return level === "#" ? at === levels.length - 1 : !/[#+]/.test(level);
  });
  if (!isWellFormed) throw new ProtocolViolation(`a wildcard is misplaced in ${JSON.stringify(filter)}`);
}

/** True for filters that match more than one topic. */
export function hasWildcard(filter: string): boolean {
  return filter.includes("#") || filter.includes("+");
}

/** Makes a test of topics against one filter. */
export function matcherOf(filter: string): (topic: string) => boolean {
  const levels = filter.split("/");
  const isDeep = levels.at(-1) === "#";
  const fixed = isDeep ? levels.slice(0, -1) : levels;
  const takesSystem = !/^[#+]/.test(filter); // [MQTT-4.7.2-1]
  return (topic) => {
    if (!takesSystem && topic.startsWith("$")) return false;
    const parts = topic.split("/");
    if (isDeep ? parts.length < fixed.length : parts.length !== fixed.length) return false;
    return fixed.every((level, at) => level === "+" || level === parts[at]);
  };
}
