/** Levels of topics that say what kind of message it is, and not whose. */
const kinds: ReadonlySet<string> = new Set(
  (
    "energy power emeter electricity sensor sensors state status data telemetry tele json from out value values measurement " +
    "measurements reading readings get info attributes"
  ).split(" "),
);

/** The part of a topic that names the meter: all levels but the last ones that say what kind of message it is. */
export function placeOfTopic(levels: readonly string[]): string {
  let length = levels.length;
  while (length > 1 && kinds.has((levels[length - 1] ?? "").toLowerCase())) length--;
  return levels.slice(0, length).join("/");
}
