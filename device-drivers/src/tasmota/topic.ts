import { faultOfTopicId } from "../ids.ts";

/** A device's place may have several levels. */
const maxPlaceLength = 128;

type Prefix = "tele" | "stat" | "cmnd";

/** The parts of a Tasmota topic, whose order the user sets with `FullTopic`. */
export interface TasmotaTopic {
  /** Absent when `FullTopic` has no `%prefix%`. */
  prefix?: Prefix;
  /** The levels that are neither prefix nor leaf, joined: what names the device. */
  place: string;
  leaf: string;
  /** Why `place` cannot be an id. */
  fault?: string;
}

const knownLeaf = /^(?:SENSOR|STATE|LWT|RESULT|UPTIME|ENERGY\d?|STATUS\d{0,2}|INFO[1-3]|POWER\d{0,2})$/;

/** The parts of a topic that may be Tasmota's; undefined when it cannot be. */
export function parseTopic(levels: readonly string[]): TasmotaTopic | undefined {
  const leaf = levels.at(-1) ?? "";
  const at = prefixIndex(levels, leaf);
  if (at !== undefined) {
    const prefix = levels[at] as Prefix;
    return named({ prefix, place: [...levels.slice(0, at), ...levels.slice(at + 1, -1)].join("/"), leaf });
  }
  const mayLackPrefix = levels.length >= 2 && (leaf === "SENSOR" || leaf === "STATE");
  return mayLackPrefix ? named({ place: levels.slice(0, -1).join("/"), leaf }) : undefined;
}

/** The prefix is first by default and last in `%topic%/%prefix%/`; elsewhere only a leaf of Tasmota's gives it away. */
function prefixIndex(levels: readonly string[], leaf: string): number | undefined {
  if (levels.length < 3) return undefined;
  if (isPrefix(levels[0]) && (levels[0] === "cmnd" || /^[A-Z][A-Z0-9_]*$/.test(leaf))) return 0;
  if (isPrefix(levels.at(-2)) && /^[A-Z][A-Z0-9_]*$/.test(leaf)) return levels.length - 2;
  if (!knownLeaf.test(leaf)) return undefined;
  const at = levels.findIndex(isPrefix);
  return at === -1 || at === levels.length - 1 ? undefined : at;
}

function isPrefix(level: string | undefined): boolean {
  return level === "tele" || level === "stat" || level === "cmnd";
}

function named(topic: TasmotaTopic): TasmotaTopic {
  const fault = faultOfTopicId(topic.place, maxPlaceLength);
  return fault ? { ...topic, fault } : topic;
}

/** The place that a discovery message announces, from its full topic `ft` and topic `t`. */
export function announcedPlace(fullTopic: unknown, topic: unknown): string | undefined {
  if (typeof topic !== "string") return undefined;
  const pattern = typeof fullTopic === "string" && fullTopic.includes("%topic%") ? fullTopic : "%topic%";
  const levels = pattern.split("/").filter((level) => level !== "" && level !== "%prefix%");
  const place = levels.join("/").replace("%topic%", () => topic);
  return faultOfTopicId(place, maxPlaceLength) === undefined ? place : undefined;
}
